"""From steps to instructions: one block of code, its addresses, its error handlers.

A `try` becomes ranges in the handler table, innermost first, so nothing is pushed or popped while code runs well. Its
`finally` is emitted once: it is entered with either a pending error in one local, or a pending `return` in two others,
or neither, and afterwards goes on with what was pending. (Copying it to every way out would grow exponentially.)

The bodies of a fork are blocks of their own; `tenuto_dsl.check.frames` has numbered their locals after their parent's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tenuto_interpreter import ir

from tenuto_dsl.check.facts import TryLocals
from tenuto_dsl.check.frames import forks
from tenuto_dsl.check.walk import durable_of
from tenuto_dsl.lower import synthetic
from tenuto_dsl.syntax import tree

if TYPE_CHECKING:
    from tenuto_dsl.lower.program import ProgramLowering


class Label:
    """An address not known yet: the instructions that jump there, patched when it is placed."""

    def __init__(self) -> None:
        self.jumps: list[int] = []


class BlockLowering:
    """Lowers one block with a frame of its own."""

    def __init__(self, program: ProgramLowering, place: str) -> None:
        self.program = program
        self.facts = program.facts
        self.place = place
        self.code: list[ir.Instruction] = []
        self.spans: list[tree.Span] = []
        self.handlers: list[ir.Handler] = []
        self.span: tree.Span | None = None
        self.marks: list[tuple[int, int] | None] = [None]
        """The mark of each `catch` around, innermost last, with the number of forks between: what a `compensate` goes
        down to."""
        self.accumulators: list[int | None] = []
        self.finals: list[tuple[TryLocals, Label]] = []
        """The `finally` blocks that a `return` has to pass, innermost last."""
        self.forks = 0

    def lower(self, block: tree.Block) -> ir.Block:
        self.steps(block)
        return ir.Block(self.place, tuple(self.code), self.facts.frames[block], tuple(self.handlers))

    # -- emitting -----------------------------------------------------------------------------------------------------

    @property
    def pc(self) -> int:
        return len(self.code)

    def emit(self, *instruction: object) -> None:
        assert self.span is not None, "instructions belong to a step"
        self.code.append(instruction)
        self.spans.append(self.span)

    def jump(self, label: Label) -> None:
        label.jumps.append(self.pc)
        self.emit("jump", label)

    def unless(self, expression: ir.ExprIndex, label: Label) -> None:
        label.jumps.append(self.pc)
        self.emit("unless", expression, label)

    def put(self, label: Label) -> None:
        """Place a label here."""
        for pc in label.jumps:
            self.code[pc] = tuple(self.pc if part is label else part for part in self.code[pc])

    @contextmanager
    def at(self, node: tree.Node) -> Iterator[None]:
        before, self.span = self.span, node.span
        yield
        self.span = before

    def expression(self, node: tree.Expr) -> ir.ExprIndex:
        return self.program.expression(node)

    def maybe(self, node: tree.Expr | None) -> ir.ExprIndex | None:
        return None if node is None else self.program.expression(node)

    def made(self, expression: ir.Expr) -> ir.ExprIndex:
        assert self.span is not None, "expressions belong to a step"
        return self.program.pool.add(expression, self.span)

    # -- steps --------------------------------------------------------------------------------------------------------

    def steps(self, block: tree.Block) -> None:
        for step in block.steps:
            with self.at(step):
                self.step(step)

    def step(self, step: tree.Step) -> None:
        match step:
            case tree.LetStep():
                local = self.facts.locals[step]
                if durable_of(step) is not step:
                    self.operation(durable_of(step), local)
                else:
                    self.emit("let", local, self.value(step))
            case tree.AssignStep():
                self.assign(step)
            case tree.CallStep() | tree.StartStep() | tree.ForStep() | tree.ParallelStep():
                self.operation(step, None)
            case tree.IfStep():
                self.branch(step)
            case tree.RepeatStep():
                self.repeat(step)
            case tree.TryStep():
                self.attempt(step)
            case tree.ReturnStep():
                self.leave(step)
            case _:
                self.plain(step)

    def plain(self, step: tree.Step) -> None:
        """The steps that are one instruction each."""
        match step:
            case tree.WaitStep():
                self.emit("wait", self.expression(step.duration))
            case tree.WaitUntilStep():
                self.emit("wait_until", self.expression(step.time))
            case tree.WaitForStep():
                self.emit("wait_for", self.expression(step.condition), self.maybe(step.within), None)
            case tree.ReceiveStep():
                guard, within = self.maybe(step.guard), self.maybe(step.within)
                self.emit("receive", step.signal.text, self.facts.locals[step], guard, within)
            case tree.SendStep():
                fields = self.program.named_arguments(self.facts.invocations[step])
                self.emit("send", step.signal.text, fields, self.expression(step.to))
            case tree.CompensateStep():
                mark, up = self.marks[-1] or (None, 0)
                self.emit(*(("compensate", mark, up) if up else ("compensate", mark)))
            case tree.CommitStep():
                self.emit("commit")
            case tree.DiscardStep():
                self.emit("discard", step.signal.text)
            case tree.ReplyStep():
                self.emit("reply", self.expression(step.value))
            case tree.LogStep():
                self.emit("log", self.expression(step.value))
            case tree.YieldStep():
                if self.accumulators[-1] is not None:
                    self.emit("yield", self.accumulators[-1], self.expression(step.value))
            case tree.FailStep():
                self.emit("fail", self.program.error(step.error.text), self.program.error_fields(step))

    def value(self, step: tree.LetStep | tree.AssignStep) -> ir.ExprIndex:
        value = step.value
        assert not isinstance(value, (tree.CallStep, tree.StartStep, tree.ForStep, tree.ParallelStep))
        return self.expression(value)

    def assign(self, step: tree.AssignStep) -> None:
        if durable_of(step) is step:
            value = self.value(step)
        else:
            local = self.facts.locals[step]
            self.operation(durable_of(step), local)
            value = self.made(synthetic.local(local))
        slot = self.program.slots.get(step.name.text)
        path = tuple(
            ("name", part.text) if isinstance(part, tree.Name) else ("index", self.expression(part))
            for part in step.path
        )
        if slot is None:
            local = self.facts.assigned[step]
            self.emit(*(("amend", local, path, value) if path else ("let", local, value)))
        elif path:
            self.emit("put", slot, path, value)
        else:
            self.emit("set", slot, value)

    def operation(self, step: tree.Step, result: int | None) -> None:
        match step:
            case tree.CallStep():
                self.emit("call", self.program.call(step, result), result)
            case tree.StartStep():
                self.emit("start", self.program.start(step), result)
            case tree.ForStep() if step.at_most is None:
                self.loop(step)
            case tree.ForStep() | tree.ParallelStep():
                self.fork(step)

    # -- control ------------------------------------------------------------------------------------------------------

    def branch(self, step: tree.IfStep) -> None:
        otherwise, end = Label(), Label()
        self.unless(self.expression(step.condition), otherwise)
        self.steps(step.then)
        if step.otherwise is not None:
            self.jump(end)
        self.put(otherwise)
        if step.otherwise is not None:
            self.steps(step.otherwise)
            self.put(end)

    def loop(self, step: tree.ForStep) -> None:
        locals_ = self.facts.loops[step]
        again, end = self.pc, Label()
        if locals_.accumulator is not None:
            self.emit("let", locals_.accumulator, self.made(synthetic.EMPTY_LIST))
        self.emit("iterate", locals_.items, locals_.next, self.expression(step.items))
        again = self.pc
        end.jumps.append(self.pc)
        self.emit("next", locals_.items, locals_.next, locals_.item, end)
        self.accumulators.append(locals_.accumulator)
        self.steps(step.body)
        self.accumulators.pop()
        self.emit("jump", again)
        self.put(end)

    def fork(self, step: tree.ForStep | tree.ParallelStep) -> None:
        assert forks(step)
        number, self.forks = self.forks, self.forks + 1
        if isinstance(step, tree.ParallelStep):
            blocks = tuple(
                self.program.block(branch.body, f"{self.place}.parallel[{number}].{branch.name.text}", self.inherit())
                for branch in step.branches
            )
            self.emit("fork", None, blocks, None, None)
            return
        locals_ = self.facts.loops[step]
        # `iterate` first: it makes the keys of a map the items.
        self.emit("iterate", locals_.items, locals_.next, self.expression(step.items))
        limit = self.maybe(step.at_most)
        body = self.program.block(step.body, f"{self.place}.for[{number}]", self.inherit(locals_.accumulator))
        self.emit("fork", locals_.items, (body,), limit, locals_.results)

    def inherit(self, accumulator: int | None = None) -> Inherited:
        mark = self.marks[-1]
        return Inherited((mark[0], mark[1] + 1) if mark is not None else None, accumulator)

    def repeat(self, step: tree.RepeatStep) -> None:
        counters = self.facts.repeats.get(step)
        if counters is not None and step.at_most is not None:
            self.emit("let", counters.limit, self.expression(step.at_most))
            self.emit("let", counters.count, self.made(synthetic.ZERO))
        again, more, end = self.pc, Label(), Label()
        self.steps(step.body)
        self.unless(self.expression(step.until), more)
        self.jump(end)
        self.put(more)
        if counters is not None:
            self.emit("let", counters.count, self.made(synthetic.next_of(counters.count)))
            enough, go_on = Label(), Label()
            self.unless(self.made(synthetic.less(counters.count, counters.limit)), enough)
            self.jump(go_on)
            self.put(enough)
            message = self.made(synthetic.text("the condition of `repeat` did not come true in time"))
            self.emit("fail", self.program.error("Exhausted"), (("message", message),))
            self.put(go_on)
        if step.every is not None:
            self.emit("wait", self.expression(step.every))
        self.emit("jump", again)
        self.put(end)

    # -- errors and endings -------------------------------------------------------------------------------------------

    def attempt(self, step: tree.TryStep) -> None:
        locals_ = self.facts.tries[step]
        finally_, caught = Label(), Label()
        if locals_.mark is not None:
            self.emit("mark", locals_.mark)
        if locals_.error is not None and locals_.returning is not None:
            self.emit("let", locals_.error, self.made(synthetic.NULL))
            self.emit("let", locals_.returning, self.made(synthetic.FALSE))
            self.finals.append((locals_, finally_))
        start = self.pc
        self.steps(step.body)
        end = self.pc
        for catch in step.catches:
            self.jump(caught)
            if end > start:
                codes = tuple(self.program.error(code.text) for code in catch.codes)
                self.handlers.append(ir.Handler(start, end, codes, self.facts.locals.get(catch), self.pc))
            self.marks.append((locals_.mark, 0) if locals_.mark is not None else None)
            self.steps(catch.body)
            self.marks.pop()
        self.put(caught)
        if step.finally_ is not None:
            self.finals.pop()
            self.finish(step.finally_, locals_, finally_, start)

    def finish(self, block: tree.Block, locals_: TryLocals, label: Label, start: int) -> None:
        """The `finally` of a `try` whose code began at `start`."""
        assert locals_.error is not None
        assert locals_.returning is not None
        assert locals_.result is not None
        if self.pc > start:
            for codes in ((), ("Cancelled", "Fault")):
                self.handlers.append(ir.Handler(start, self.pc, codes, locals_.error, self.pc, always=True))
        self.put(label)
        self.steps(block)
        no_error, no_return = Label(), Label()
        self.unless(self.made(synthetic.not_null(locals_.error)), no_error)
        self.emit("raise", locals_.error)
        self.put(no_error)
        self.unless(self.made(synthetic.local(locals_.returning)), no_return)
        self.give_back(self.made(synthetic.local(locals_.result)))
        self.put(no_return)

    def leave(self, step: tree.ReturnStep) -> None:
        self.give_back(self.maybe(step.value))

    def give_back(self, value: ir.ExprIndex | None) -> None:
        """Return a value, by way of the innermost `finally` around."""
        if not self.finals:
            self.emit("return", value)
            return
        locals_, label = self.finals[-1]
        self.emit("let", locals_.result, self.made(synthetic.NULL) if value is None else value)
        self.emit("let", locals_.returning, self.made(synthetic.TRUE))
        self.jump(label)


class Inherited:
    """What a forked body knows of the block around it."""

    def __init__(self, mark: tuple[int, int] | None, accumulator: int | None) -> None:
        self.mark = mark
        self.accumulator = accumulator
