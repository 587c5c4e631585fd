"""Which variables hold a value after a block, given those that hold one before it.

A set of variables is an int, one bit each, so that meeting two paths is `&` and adding an assignment is `|`. What
never completes (after `fail` or `return`) assigns everything: `NEVER` is the neutral element of `&`, and reading there
is fine.

An error may leave a `try` anywhere, so a `catch` begins with what held before the `try`. A loop may run zero times. The
branches of a `parallel` all complete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from tenuto_interpreter import ir

from tenuto_dsl.check.facts import Facts, Table
from tenuto_dsl.check.walk import durable_of
from tenuto_dsl.syntax import tree

NEVER = -1
"""The set after a point that is never reached: every variable."""

Report = Callable[[tree.Node, int], None]
"""Told of each node that reads variables which hold no value yet, and of their set."""


class Variables:
    """The variables under watch, and which of them an expression reads."""

    def __init__(self, facts: Facts, tracked: dict[str, int]) -> None:
        self.facts = facts
        self.bits = {name: 1 << position for position, name in enumerate(tracked)}
        self._bit_of_slot = {slot: self.bits[name] for name, slot in tracked.items()}
        self._reads: Table[int] = Table()

    def names(self, held: int) -> list[str]:
        return [name for name, bit in self.bits.items() if held & bit]

    def read_by(self, node: tree.Expr) -> int:
        """The set of watched variables that an expression reads. An expression that did not check reads none."""
        known = self._reads.get(node)
        if known is None:
            checked = self.facts.expressions.get(node)
            known = 0
            for slot in slots_read(checked.ir) if checked else ():
                known |= self._bit_of_slot.get(slot, 0)
            self._reads[node] = known
        return known


def slots_read(expression: ir.Expr) -> Iterator[int]:
    """The slots of the variables in an expression."""
    pending: list[object] = [expression]
    while pending:
        match pending.pop():
            case ("var", int(slot)):
                yield slot
            case tuple(parts):
                pending.extend(parts)


class BlockFlow:
    """Follows blocks; without `report` it only computes."""

    def __init__(self, variables: Variables, report: Report | None = None) -> None:
        self.variables = variables
        self.report = report

    def read(self, node: tree.Expr | None, held: int) -> None:
        if node is not None and self.report is not None:
            missing = self.variables.read_by(node) & ~held
            if missing:
                self.report(node, missing)

    def run(self, block: tree.Block | None, held: int) -> int:
        """What holds after the block; `held` is what holds before it."""
        if block is not None:
            for step in block.steps:
                held = self.step(step, held)
        return held

    def step(self, step: tree.Step, held: int) -> int:
        operation = durable_of(step)
        if isinstance(step, tree.AssignStep):
            self._path(step, held)
        if operation is not step:
            held = self.step(operation, held)
        elif isinstance(step, (tree.LetStep, tree.AssignStep)):
            self.read(step.value, held)  # type: ignore[arg-type]  # durable_of has told that it is an expression
        if isinstance(step, tree.AssignStep):
            return held if step.path else held | self.variables.bits.get(step.name.text, 0)
        if isinstance(step, tree.LetStep):
            return held
        return self._other(operation, held)

    def _path(self, step: tree.AssignStep, held: int) -> None:
        for part in step.path:
            if not isinstance(part, tree.Name):
                self.read(part, held)
        missing = self.variables.bits.get(step.name.text, 0) & ~held
        if step.path and missing and self.report is not None:
            self.report(step.name, missing)

    def _other(self, step: tree.Step, held: int) -> int:
        match step:
            case tree.IfStep():
                self.read(step.condition, held)
                return self.run(step.then, held) & self.run(step.otherwise, held)
            case tree.ForStep():
                self._reads((step.items, step.at_most), held)
                self.run(step.body, held)
                return held
            case tree.RepeatStep():
                self._reads((step.at_most,), held)
                held = self.run(step.body, held)
                self._reads((step.until, step.every), held)
                return held
            case tree.ParallelStep():
                joined = held
                for branch in step.branches:
                    joined |= self.run(branch.body, held)
                return joined
            case tree.TryStep():
                return self._attempt(step, held)
            case tree.ReturnStep() | tree.FailStep():
                self._reads(expressions_of(step), held)
                return NEVER
            case _:
                self._reads(expressions_of(step), held)
                return held

    def _attempt(self, step: tree.TryStep, held: int) -> int:
        after = self.run(step.body, held)
        for catch in step.catches:
            after &= self.run(catch.body, held)
        return after | self.run(step.finally_, held) if step.finally_ else after

    def _reads(self, nodes: Iterable[tree.Expr | None], held: int) -> None:
        for node in nodes:
            self.read(node, held)


def expressions_of(step: tree.Step | tree.ContinueStep) -> Iterator[tree.Expr | None]:
    """The expressions of a step that has no blocks, in the order in which they are evaluated."""
    match step:
        case tree.CallStep():
            yield from (arg.value for arg in step.args)
            yield from (step.queue, step.priority)
            if step.timeout is not None:
                timeout = step.timeout
                yield from (timeout.attempt, timeout.overall, timeout.queued, timeout.heartbeat)
            if step.retry is not None:
                yield from (step.retry.times, step.retry.backoff, step.retry.factor, step.retry.up_to)
            if step.undo is not None:
                yield from (arg.value for arg in step.undo.args)
        case tree.StartStep():
            yield from (arg.value for arg in step.args)
            yield step.id
        case tree.SendStep():
            yield from (arg.value for arg in step.args)
            yield step.to
        case tree.FailStep() | tree.ContinueStep():
            yield from (arg.value for arg in step.args)
        case tree.WaitStep():
            yield step.duration
        case tree.WaitUntilStep():
            yield step.time
        case tree.WaitForStep():
            yield from (step.condition, step.within)
        case tree.ReceiveStep():
            yield from (step.guard, step.within)
        case tree.ReplyStep() | tree.LogStep() | tree.YieldStep() | tree.ReturnStep():
            yield step.value
        case _:
            return
