"""Steps: every name in a block found, every expression typed, every local entered.

A block is checked with the names around it; what it declares is visible from there to its end. Nothing shadows: a name
means one thing in one place. What is known of an optional (`x != null`) holds until the variable is assigned or the
block waits, because other handlers and regions may run meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tenuto_interpreter.types import BOOL, DURATION, INT, STRING, TIMESTAMP, ListOf, MapOf, Optional, Type

from tenuto_dsl.check import scopes
from tenuto_dsl.check.context import Context
from tenuto_dsl.check.endings import check_fail, check_return
from tenuto_dsl.check.facts import MessageFacts, WorkflowFacts
from tenuto_dsl.check.frames import forks
from tenuto_dsl.check.messages import find_message
from tenuto_dsl.check.operations import Operations
from tenuto_dsl.check.paths import fields_of, path_type
from tenuto_dsl.check.rules.instant import waiting_word
from tenuto_dsl.check.scopes import Names
from tenuto_dsl.check.walk import completes, durable_of, steps_of
from tenuto_dsl.diagnostics import Hint, Spelled
from tenuto_dsl.syntax import tree


@dataclass(slots=True)
class _Loop:
    """A loop around: the type its yields must have when that is known, else the type of those seen."""

    expected: Type | None
    seen: Type | None = None


@dataclass(slots=True)
class BlockChecker:
    """Checks blocks of one workflow. `reply` is the type of the update being handled, None outside of handlers."""

    context: Context
    workflow: WorkflowFacts
    reply: Type | None = None
    loops: list[_Loop] = field(default_factory=list)
    forked: int = 0
    """How many forks stand around: a local of a lower number belongs to a frame that is only copied."""

    def block(self, block: tree.Block, names: Names) -> None:
        """Check a block in a scope of its own."""
        inner = names.inner()
        for step in block.steps:
            self.step(step, inner)
        self.context.mark(block, inner)

    # -- one step -----------------------------------------------------------------------------------------------------

    def step(self, step: tree.Step, names: Names) -> None:
        self.context.mark(step, names)
        match step:
            case tree.LetStep():
                self.let(step, names)
            case tree.AssignStep():
                self.assign(step, names)
            case tree.CallStep() | tree.StartStep() | tree.ForStep() | tree.ParallelStep():
                self.operation(step, names, None, None)
            case tree.IfStep():
                self.choice(step, names)
            case tree.RepeatStep():
                self.repeat(step, names)
            case tree.TryStep():
                self.attempt(step, names)
            case tree.ReceiveStep():
                self.receive(step, names)
            case _:
                self.plain(step, names)
        if waiting_word(step) is not None:
            names.forget_variables()

    def plain(self, step: tree.Step, names: Names) -> None:
        """Steps that declare nothing and hold no blocks."""
        context = self.context
        match step:
            case tree.WaitStep():
                context.expression(step.duration, names, DURATION)
            case tree.WaitUntilStep():
                context.expression(step.time, names, TIMESTAMP)
            case tree.WaitForStep():
                context.expression(step.condition, names, BOOL)
                context.maybe(step.within, names, DURATION)
            case tree.SendStep():
                self.send(step, names)
            case tree.DiscardStep():
                self.signal(step.signal)
            case tree.ReplyStep():
                context.expression(step.value, names, self.reply)
            case tree.LogStep():
                context.expression(step.value, names)
            case tree.YieldStep():
                self.give(step, names)
            case tree.ReturnStep():
                check_return(context, self.workflow.signature, step, names)
            case tree.FailStep():
                check_fail(context, step, names)

    def let(self, step: tree.LetStep, names: Names) -> None:
        declared = scopes.resolve(step.type, self.context.declarations.types, self.context.sink) if step.type else None
        value = step.value
        if isinstance(value, (tree.CallStep, tree.StartStep, tree.ForStep, tree.ParallelStep)):
            type_ = self.operation(value, names, declared, step)
        else:
            type_ = self.context.expression(value, names, declared)
        self.declare(step.name, declared or type_, self.context.facts.locals[step], "let", names)

    def declare(self, name: tree.Name, type_: Type, local: int, kind: scopes.Kind, names: Names) -> None:
        self.context.facts.types[name] = type_
        names.declare(name, type_, ("local", local), kind, self.context.sink, depth=self.forked)

    # -- assignments --------------------------------------------------------------------------------------------------

    def assign(self, step: tree.AssignStep, names: Names) -> None:
        known = self.assignable(step, names)
        expected: Type | None = None
        if known is not None:
            whole = known.type
            expected = path_type(self.context, step.name.text, whole, step.path, names) if step.path else whole
        else:
            for part in step.path:
                if not isinstance(part, tree.Name):
                    self.context.expression(part, names)
        value = step.value
        if isinstance(value, (tree.CallStep, tree.StartStep, tree.ForStep, tree.ParallelStep)):
            given = self.operation(value, names, expected, step)
        else:
            given = self.context.expression(value, names, expected)
        names.forget(step.name.text, *fields_of(step.path))
        if known is not None and not step.path:
            names.assigned(step.name.text, known.type, given)

    def assignable(self, step: tree.AssignStep, names: Names) -> scopes.Entry | None:
        """What an assignment assigns, or None after a diagnostic."""
        name, sink = step.name, self.context.sink
        entry = names.find(name.text)
        if entry is None or entry.kind == "namespace":
            candidates = [n for n, e in names.entries().items() if e.kind in ("var", "let")]
            hint: Hint = Spelled(
                f"declare it: `var {name.text}: …` in the workflow, or `let {name.text} = …` here",
                f"declare it below `vars`; a new name is given by `as: {name.text}` or `let: {{ {name.text}: … }}`",
            )
            self.context.unknown("variable", name, candidates, "TEN212", hint)
            return None
        if entry.kind in ("parameter", "binding", "loop variable"):
            hint = "declare a variable for what changes"
            sink.error("TEN211", name.span, f"{name.text} is a {entry.kind} and keeps its value", hint)
            return None
        if entry.kind == "let":
            if entry.depth < self.forked:
                message = f"{name.text} is a `let` from outside of this concurrent work, which has a copy of it"
                sink.error("TEN226", name.span, message, "`yield` the value, or assign a variable of the workflow")
                return None
            self.context.facts.assigned[step] = entry.local
        return entry

    # -- operations ---------------------------------------------------------------------------------------------------

    def operation(
        self, step: tree.Durable, names: Names, expected: Type | None, target: tree.LetStep | tree.AssignStep | None
    ) -> Type:
        """Check an operation; `target` takes its value, of type `expected` when that is known."""
        operations = Operations(self.context, names)
        match step:
            case tree.CallStep():
                result = operations.call(step, target)
            case tree.StartStep():
                result = operations.start(step)
            case tree.ForStep():
                return self.loop(step, names, expected, wanted=target is not None)
            case tree.ParallelStep():
                self.parallel(step, names)
                if target is not None:
                    message = "`parallel` has no value"
                    self.context.sink.error("TEN214", step.span, message, "assign in its branches")
                return scopes.UNKNOWN
        names.forget_variables()
        if target is not None and expected is not None:
            scopes.require_assignable(result, expected, self.context, step.span)
        return result

    def loop(self, step: tree.ForStep, names: Names, expected: Type | None, *, wanted: bool) -> Type:
        context = self.context
        items = scopes.plain(context.expression(step.items, names), context.declarations.types)
        context.maybe(step.at_most, names, INT)
        item: Type = scopes.UNKNOWN
        match items:
            case ListOf(item=item):
                pass
            case MapOf():
                item = STRING
            case _ if items != scopes.UNKNOWN:
                found = scopes.describe(items)
                hint = "cast it to a list" if found == "any" else None
                message = f"`for` goes over a list or a map, not over {found}"
                context.sink.error("TEN216", step.items.span, message, hint)
        wants = scopes.plain(expected, context.declarations.types) if expected is not None else None
        loop = _Loop(wants.item if isinstance(wants, ListOf) else None)
        self.enter_loop(step.body, names, forks(step))
        inner = names.inner()
        concurrent = forks(step)
        self.forked += concurrent
        self.declare(step.variable, item, context.facts.loops[step].item, "loop variable", inner)
        self.loops.append(loop)
        self.block(step.body, inner)
        self.loops.pop()
        self.forked -= concurrent
        if not wanted:
            return scopes.UNKNOWN
        return self.loop_type(step, loop, expected)

    def loop_type(self, step: tree.ForStep, loop: _Loop, expected: Type | None) -> Type:
        item = loop.expected or loop.seen
        if item is None:
            message = "this `for` yields nothing, so it has no value"
            self.context.sink.error("TEN217", step.span, message, "add a `yield`")
            return scopes.UNKNOWN
        type_ = ListOf(item)
        if expected is not None and loop.expected is None:
            scopes.require_assignable(type_, expected, self.context, step.span)
        return type_

    def give(self, step: tree.YieldStep, names: Names) -> None:
        loop = self.loops[-1] if self.loops else _Loop(None)
        type_ = self.context.expression(step.value, names, loop.expected)
        if loop.expected is not None:
            return
        if loop.seen is None:
            loop.seen = type_
            return
        joined = scopes.joined(loop.seen, type_, self.context.declarations.types)
        if joined is None:
            seen, found = scopes.describe(loop.seen), scopes.describe(type_)
            hint = Spelled(
                "give the result a type: `let results: [T] = for …`", "give the result a type: `type: [T]` beside `as`"
            )
            self.context.sink.error("TEN217", step.span, f"this yields {found}, an earlier `yield` {seen}", hint)
        else:
            loop.seen = joined

    def enter_loop(self, body: tree.Block, names: Names, concurrent: bool) -> None:
        """What the body changes is not known at its beginning, since it may run again."""
        if concurrent or any(waiting_word(durable_of(step)) is not None for step in steps_of(body)):
            names.forget_variables()
        for step in steps_of(body):
            if isinstance(step, tree.AssignStep):
                names.forget(step.name.text)

    def parallel(self, step: tree.ParallelStep, names: Names) -> None:
        seen: set[str] = set()
        names.forget_variables()
        self.forked += 1
        for branch in step.branches:
            if branch.name.text in seen:
                message = f"the branch {branch.name.text} is declared twice"
                self.context.sink.error("TEN200", branch.name.span, message)
            seen.add(branch.name.text)
            loops, self.loops = self.loops, []
            self.block(branch.body, names)
            self.loops = loops
        self.forked -= 1

    # -- control ------------------------------------------------------------------------------------------------------

    def choice(self, step: tree.IfStep, names: Names) -> None:
        self.context.expression(step.condition, names, BOOL)
        then, otherwise = names.inner(), names.inner()
        then.learn(step.condition, holds=True)
        otherwise.learn(step.condition, holds=False)
        self.block(step.then, then)
        if step.otherwise is not None:
            self.block(step.otherwise, otherwise)
        if not completes(step.then):
            names.learn_from(otherwise)
        elif step.otherwise is not None and not completes(step.otherwise):
            names.learn_from(then)

    def repeat(self, step: tree.RepeatStep, names: Names) -> None:
        self.context.maybe(step.at_most, names, INT)
        self.enter_loop(step.body, names, concurrent=step.every is not None)
        # `until` sees what the body declares: it is evaluated at its end.
        inner = names.inner()
        for nested in step.body.steps:
            self.step(nested, inner)
        self.context.mark(step.body, inner)
        self.context.expression(step.until, inner, BOOL)
        self.context.maybe(step.every, inner, DURATION)

    def attempt(self, step: tree.TryStep, names: Names) -> None:
        self.block(step.body, names)
        for catch in step.catches:
            self.context.codes(catch.codes)
            inner = names.inner()
            if catch.binding is not None:
                record = self.context.error_record(catch.codes)
                self.declare(catch.binding, record, self.context.facts.locals[catch], "binding", inner)
            self.block(catch.body, inner)
        if step.finally_ is not None:
            self.block(step.finally_, names)

    # -- messages -----------------------------------------------------------------------------------------------------

    def signal(self, name: tree.Name) -> MessageFacts | None:
        """A signal of this workflow, or None after a diagnostic."""
        return find_message(self.context, self.workflow, name, "signal")

    def receive(self, step: tree.ReceiveStep, names: Names) -> None:
        signal = self.signal(step.signal)
        record: Type = signal.record if signal is not None else scopes.UNKNOWN
        local = self.context.facts.locals[step]
        names.forget_variables()
        guarded = names.inner()
        if step.binding is not None:
            guarded.declare(step.binding, record, ("local", local), "binding", self.context.sink, depth=self.forked)
        self.context.maybe(step.guard, guarded, BOOL)
        self.context.maybe(step.within, names, DURATION)
        if step.binding is not None:
            type_ = Optional(record) if step.within is not None and signal is not None else record
            self.context.facts.types[step.binding] = type_
            names.enter(step.binding, type_, ("local", local), "binding", depth=self.forked)
            if step.guard is not None:
                guarded.learn(step.guard, holds=True)
                names.learn_of(step.binding.text, guarded)

    def send(self, step: tree.SendStep, names: Names) -> None:
        own = self.workflow.messages.get(step.signal.text)
        senders = [own] if own is not None and own.kind == "signal" else []
        senders = senders or self.context.declarations.signal_senders(step.signal.text)
        if senders:
            self.context.invoke(step, step.signal, senders[0], step.args, names)
        else:
            candidates = [n for messages in self.context.declarations.messages.values() for n in messages]
            self.context.unknown("signal", step.signal, candidates, "TEN203")
            self.context.unresolved_arguments(step.args, names)
        self.context.expression(step.to, names, STRING)
