"""TEN316, TEN317: an update handler replies exactly once on each of its paths, and nobody else replies.

How often a block may have replied is a set of counts, kept as bits: never, once, more often. Each step may fail instead
of being done, so a `catch` begins with every count that was there before a step of its `try`.
"""

from __future__ import annotations

from tenuto_dsl.check.facts import Facts, WorkflowFacts
from tenuto_dsl.check.frames import forks
from tenuto_dsl.check.walk import blocks_of, blocks_of_body, durable_of, steps_of
from tenuto_dsl.diagnostics import Diagnostics, Spelled
from tenuto_dsl.syntax import tree

_NEVER, _ONCE, _OFTEN = 1, 2, 4


def check(workflow: WorkflowFacts, _facts: Facts, sink: Diagnostics) -> None:
    for state in workflow.states:
        handlers = []
        for transition in state.body.transitions:
            if isinstance(transition.trigger, tree.UpdateTrigger):
                _handler(transition.trigger, transition, sink)
                handlers += [block for block in (transition.actions, transition.work) if block is not None]
        for block in blocks_of_body(state.body):
            if not any(block is handler for handler in handlers):
                _elsewhere(block, sink)


def _elsewhere(block: tree.Block, sink: Diagnostics) -> None:
    for step in steps_of(block):
        if isinstance(step, tree.ReplyStep):
            sink.error("TEN316", step.span, "`reply` answers an update, and this is not an update's handler")


def _handler(trigger: tree.UpdateTrigger, transition: tree.Transition, sink: Diagnostics) -> None:
    block = transition.actions if transition.actions is not None else transition.work
    name = trigger.update.text
    if block is None:
        if transition.target is not None:
            sink.error(
                "TEN317",
                transition.span,
                f"the update {name} gets no reply",
                Spelled("add { reply … }", "add `actions: [{ reply: … }]`"),
            )
        return
    if _concurrent_reply(block, sink):
        return
    counts, _ = _block(block, _NEVER)
    if counts & _NEVER:
        sink.error("TEN317", trigger.span, f"a path of this handler does not `reply` to the update {name}")
    if counts & _OFTEN:
        sink.error("TEN317", trigger.span, f"a path of this handler replies to the update {name} more than once")


def _concurrent_reply(block: tree.Block, sink: Diagnostics) -> bool:
    found = False
    for step in steps_of(block):
        operation = durable_of(step)
        if not forks(operation):
            continue
        for inner in blocks_of(operation):
            for reply in steps_of(inner):
                if isinstance(reply, tree.ReplyStep):
                    message = "`reply` cannot stand in concurrent work"
                    sink.error("TEN316", reply.span, message, "reply before it, or after it has joined")
                    found = True
    return found


def _block(block: tree.Block, counts: int) -> tuple[int, int]:
    """(counts at the end, those with which it may fail)."""
    failing = 0
    for step in block.steps:
        counts, within = _step(step, counts)
        failing |= within
    return counts, failing


def _step(step: tree.Step, counts: int) -> tuple[int, int]:
    match durable_of(step):
        case tree.ReplyStep():
            after = (_ONCE if counts & _NEVER else 0) | (_OFTEN if counts & (_ONCE | _OFTEN) else 0)
            return after, counts
        case tree.ReturnStep() | tree.FailStep():
            return 0, counts
        case tree.IfStep() as choice:
            then, failing = _block(choice.then, counts)
            if choice.otherwise is None:
                return then | counts, failing | counts
            otherwise, more = _block(choice.otherwise, counts)
            return then | otherwise, failing | more | counts
        case tree.ForStep(body=body):
            after, failing = _repeated(body, counts)
            return after, failing | counts
        case tree.RepeatStep(body=body):
            first, failing = _block(body, counts)
            again, more = _repeated(body, first)
            return again, failing | more | again  # `Exhausted` comes behind the last round
        case tree.TryStep() as attempt:
            return _attempt(attempt, counts)
        case _:
            return counts, counts


def _repeated(body: tree.Block, counts: int) -> tuple[int, int]:
    """Any number of rounds, none included. Two rounds show all there is, for counts only go up."""
    failing = 0
    for _ in range(2):
        after, within = _block(body, counts)
        counts |= after
        failing |= within
    return counts, failing


def _attempt(step: tree.TryStep, counts: int) -> tuple[int, int]:
    after, thrown = _block(step.body, counts)
    failing = thrown
    for catch in step.catches:
        caught, within = _block(catch.body, thrown)
        after |= caught
        failing |= within
    if step.finally_ is not None:
        # The paths that go on do so with the counts of those that arrived; a pending error only passes through.
        raised, within = _block(step.finally_, failing)
        after, more = _block(step.finally_, after)
        failing |= raised | within | more
    return after, failing
