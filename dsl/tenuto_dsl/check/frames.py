"""Numbering locals: every name and every hidden value of a block gets its place in a frame before anything is checked.

A frame belongs to a block that runs by itself: entry, exit, `do`, a transition's actions or work, and each body of a
fork (`parallel`, `for … at most`). Numbers are given ahead of the checks because a forked frame begins with a copy of
its parent's: the parent's size must be known before the fork's body is read. See the essay of `tenuto_interpreter.ir`.
"""

from __future__ import annotations

from tenuto_dsl.check.facts import Facts, LoopLocals, RepeatLocals, TryLocals
from tenuto_dsl.check.walk import blocks_of, durable_of
from tenuto_dsl.syntax import tree

_FORK_LOCALS = 2
"""A forked frame holds its item and its yields before its own locals."""


def number_locals(block: tree.Block, facts: Facts, first: int = 0) -> None:
    """Number the locals of a block with a frame of its own, whose first `first` locals are taken already."""
    frame = _Frame(facts, first)
    frame.block(block)
    facts.frames[block] = frame.size
    for loop in frame.concurrent:
        outer = facts.loops[loop]
        facts.loops[loop] = LoopLocals(outer.items, outer.next, frame.size, frame.size + 1, outer.results)
        number_locals(loop.body, facts, frame.size + _FORK_LOCALS)
    for parallel in frame.parallels:
        for branch in parallel.branches:
            number_locals(branch.body, facts, frame.size + _FORK_LOCALS)


class _Frame:
    def __init__(self, facts: Facts, first: int) -> None:
        self.facts = facts
        self.size = first
        self.concurrent: list[tree.ForStep] = []
        self.parallels: list[tree.ParallelStep] = []

    def take(self) -> int:
        self.size += 1
        return self.size - 1

    def block(self, block: tree.Block) -> None:
        for step in block.steps:
            self.step(step)

    def step(self, step: tree.Step) -> None:
        operation = durable_of(step)
        result: int | None = None
        if operation is not step or isinstance(step, (tree.LetStep, tree.ReceiveStep)):
            result = self.facts.locals[step] = self.take()
        match operation:
            case tree.ForStep():
                self.loop(operation, result)
            case tree.ParallelStep():
                self.parallels.append(operation)
            case tree.RepeatStep() if operation.at_most is not None:
                self.facts.repeats[operation] = RepeatLocals(self.take(), self.take())
            case tree.TryStep():
                self.attempt(operation)
        if not forks(operation):
            for block in blocks_of(operation):
                self.block(block)

    def loop(self, loop: tree.ForStep, results: int | None) -> None:
        items, next_ = self.take(), self.take()
        if loop.at_most is None:
            self.facts.loops[loop] = LoopLocals(items, next_, self.take(), results, results)
        else:
            self.facts.loops[loop] = LoopLocals(items, next_, -1, -1, results)
            self.concurrent.append(loop)

    def attempt(self, step: tree.TryStep) -> None:
        mark = self.take() if any(compensates(catch.body) for catch in step.catches) else None
        error = returning = result = None
        if step.finally_ is not None:
            error, returning, result = self.take(), self.take(), self.take()
        self.facts.tries[step] = TryLocals(mark, error, returning, result)
        for catch in step.catches:
            if catch.binding is not None:
                self.facts.locals[catch] = self.take()


def forks(step: tree.Step) -> bool:
    """Whether the blocks of a step run in frames of their own, at the same time."""
    return isinstance(step, tree.ParallelStep) or (isinstance(step, tree.ForStep) and step.at_most is not None)


def compensates(block: tree.Block) -> bool:
    """Whether a `compensate` in this block, and in no `catch` further inside, belongs to the block's own `catch`."""
    pending = list(block.steps)
    while pending:
        step = pending.pop()
        if isinstance(step, tree.CompensateStep):
            return True
        if isinstance(step, tree.TryStep):
            pending.extend(step.body.steps)
            pending.extend(step.finally_.steps if step.finally_ else ())
        else:
            pending.extend(inner for block in blocks_of(step) for inner in block.steps)
    return False
