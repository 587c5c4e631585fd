"""Walking the tree: which blocks a step holds, which steps a block holds, which names, and how deep they nest.

Depth is bounded here once, so that every later pass may recurse over steps and states without care.
"""

from __future__ import annotations

from collections.abc import Iterator

from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import tree

MAX_DEPTH = 60
"""Steps within steps and states within states. Deeper files are machine-made or hostile."""


def durable_of(step: tree.Step) -> tree.Step:
    """The operation a `let` or an assignment takes its value from, when it is one; else the step itself."""
    if isinstance(step, (tree.LetStep, tree.AssignStep)) and isinstance(
        step.value, (tree.CallStep, tree.StartStep, tree.ForStep, tree.ParallelStep)
    ):
        return step.value
    return step


def blocks_of(step: tree.Step) -> tuple[tree.Block, ...]:
    """The blocks directly inside a step, in document order."""
    step = durable_of(step)
    match step:
        case tree.IfStep():
            return (step.then,) if step.otherwise is None else (step.then, step.otherwise)
        case tree.ForStep() | tree.RepeatStep():
            return (step.body,)
        case tree.ParallelStep():
            return tuple(branch.body for branch in step.branches)
        case tree.TryStep():
            catches = tuple(catch.body for catch in step.catches)
            return (step.body, *catches) if step.finally_ is None else (step.body, *catches, step.finally_)
        case _:
            return ()


def steps_of(block: tree.Block) -> Iterator[tree.Step]:
    """Every step of a block and of the blocks within it, in document order."""
    pending = list(reversed(block.steps))
    while pending:
        step = pending.pop()
        yield step
        for inner in reversed(blocks_of(step)):
            pending.extend(reversed(inner.steps))


def idents_of(node: tree.Node) -> Iterator[tree.Ident]:
    """The plain names in an expression, or in whatever holds expressions, in document order."""
    return (item for item in nodes_of(node) if isinstance(item, tree.Ident))


def nodes_of(node: tree.Node) -> Iterator[tree.Node]:
    """A node and all within it, in document order."""
    pending: list[object] = [node]
    while pending:
        item = pending.pop()
        if isinstance(item, tuple):
            pending.extend(reversed(item))
        elif isinstance(item, tree.Node):
            yield item
            slots = [s for cls in type(item).__mro__ for s in getattr(cls, "__slots__", ()) if s != "span"]
            pending.extend(getattr(item, s) for s in reversed(slots))


def blocks_of_body(body: tree.StateBody) -> Iterator[tree.Block]:
    """The blocks of a state that have a frame of their own, in the order in which they are lowered."""
    for block in (body.entry, body.exit, body.do):
        if block is not None:
            yield block
    for transition in body.transitions:
        for block in (transition.actions, transition.work):
            if block is not None:
                yield block


def too_deep(workflow: tree.WorkflowDecl, sink: Diagnostics) -> bool:
    """Whether the workflow nests deeper than `MAX_DEPTH`; says where, once."""
    bodies: list[tuple[tree.StateBody, int]] = [(workflow.body, 0)]
    while bodies:
        body, depth = bodies.pop()
        if depth > MAX_DEPTH:
            sink.error("TEN321", body.span, f"states nest more than {MAX_DEPTH} deep")
            return True
        bodies.extend((state.body, depth + 1) for state in body.states)
        bodies.extend((region.body, depth + 1) for region in body.regions)
        blocks = [(block, depth) for block in blocks_of_body(body)]
        while blocks:
            block, depth = blocks.pop()
            if depth > MAX_DEPTH:
                sink.error("TEN321", block.span, f"steps nest more than {MAX_DEPTH} deep")
                return True
            blocks.extend((inner, depth + 1) for step in block.steps for inner in blocks_of(step))
    return False


def completes(block: tree.Block) -> bool:
    """Whether some path comes to the end of the block."""
    return all(step_completes(step) for step in block.steps)


def step_completes(step: tree.Step) -> bool:
    """Whether some path goes on behind the step; `fail` and `return` never do."""
    match durable_of(step):
        case tree.ReturnStep() | tree.FailStep():
            return False
        case tree.IfStep() as choice:
            return choice.otherwise is None or completes(choice.then) or completes(choice.otherwise)
        case tree.RepeatStep() as loop:
            return completes(loop.body)
        case tree.ParallelStep() as parallel:
            return all(completes(branch.body) for branch in parallel.branches)
        case tree.TryStep() as attempt:
            some = completes(attempt.body) or any(completes(catch.body) for catch in attempt.catches)
            return some and (attempt.finally_ is None or completes(attempt.finally_))
        case _:
            return True
