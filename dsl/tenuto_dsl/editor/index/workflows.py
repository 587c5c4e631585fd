"""The names in states, transitions and steps."""

from __future__ import annotations

from collections.abc import Sequence

from tenuto_dsl.check.facts import StateFacts
from tenuto_dsl.check.states import StateNames
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.editor.index import shapes
from tenuto_dsl.editor.index.expressions import Env, ExpressionBinder
from tenuto_dsl.editor.index.shapes import Members, Shape
from tenuto_dsl.editor.index.symbols import Kind, Symbol
from tenuto_dsl.editor.index.table import Message, Table, symbol_of
from tenuto_dsl.editor.positions import Lines
from tenuto_dsl.syntax import tree


class WorkflowBinder(ExpressionBinder):
    """Meets the names in a workflow; `enter` says which."""

    def __init__(self, file: str, lines: Lines, table: Table) -> None:
        super().__init__(file, lines, table)
        self.leave()

    def leave(self) -> None:
        """Be in no workflow."""
        self.workflow: tree.WorkflowDecl | None = None
        self.states: list[StateFacts] = []
        self.variables = Env()
        self.called, self.chains = {}, {}
        self.yields: list[Shape | None] = []
        self.wanted: list[Shape | None] = []
        """By loop around: what is to be yielded, where that was said."""
        self.reply: Shape | None = None

    def enter(self, workflow: tree.WorkflowDecl, states: list[StateFacts]) -> None:
        self.leave()
        self.workflow = workflow
        self.states = states
        by_path = {state.path: state for state in states[1:]}
        self.called = {name: by_path[path] for name, path in StateNames(states).called().items()}
        self.chains = {state.index: tuple(self._chain(state)) for state in states}

    def _chain(self, state: StateFacts) -> list[StateFacts]:
        chain = [state]
        while chain[-1].parent:
            chain.append(self.states[chain[-1].parent])
        return chain

    # -- what several need --------------------------------------------------------------------------------------------

    def params(self, params: tuple[tree.Param, ...], env: Env) -> None:
        for param in params:
            self.type(param.type)
            self.expr(param.default, Env(), param.type)
            self.declare(self.table.member(param), env, param.type)

    def codes(self, codes: Sequence[tree.Name]) -> None:
        for code in codes:
            found = self.table.find("error", code.text)
            if found is not None:
                self.see(found, code.span)

    def error_shape(self, codes: Sequence[tree.Name]) -> Shape | None:
        """What `as e` binds: the fields that all of these errors have."""
        known = [self.table.errors[code.text] for code in codes if code.text in self.table.errors]
        if not known or len(known) != len(codes):
            return None
        shared = set.intersection(*({field.name.text for field in error.fields} for error in known))
        return Members(tuple(field for field in known[0].fields if field.name.text in shared))

    def args(self, members: tuple[tree.Param | tree.Field, ...], args: Sequence[tree.Arg], env: Env) -> None:
        by_name = {member.name.text: member for member in members}
        for number, arg in enumerate(args):
            member: tree.Param | tree.Field | None = None
            if arg.name is not None:
                member = by_name.get(arg.name.text)
                if member is not None:
                    self.see(self.table.member(member), arg.name.span)
            elif number < len(members):
                member = members[number]
            self.expr(arg.value, env, member.type if member is not None else None)

    def options(
        self,
        timeout: tree.Timeout | None,
        retry: tree.Retry | None,
        queue: tree.Expr | None,
        priority: tree.Expr | None,
        env: Env,
    ) -> None:
        if timeout is not None:
            for limit in (timeout.attempt, timeout.overall, timeout.queued, timeout.heartbeat):
                self.expr(limit, env)
        if retry is not None:
            for part in (retry.times, retry.backoff, retry.factor, retry.up_to):
                self.expr(part, env)
            self.codes(retry.unless)
        self.expr(queue, env)
        self.expr(priority, env)

    def callee(self, name: tree.Name) -> Shape | None:
        """An activity or a workflow; the shape of what it returns."""
        found = self.table.find("callable", name.text)
        if found is None:
            return None
        self.see(found, name.span)
        return self.table.callables[name.text].returns

    def message(self, name: tree.Name) -> tuple[tree.Param, ...]:
        """A signal or update of the workflow at hand; its parameters."""
        declared: list[Message] = [*self.workflow.signals, *self.workflow.updates] if self.workflow else []
        found = next((message for message in declared if message.name.text == name.text), None)
        if found is None or self.workflow is None:
            return ()
        self.see(symbol_of(found, self.workflow.name.text), name.span)
        return found.params

    def answer(self, name: tree.Name) -> Shape | None:
        """What an update of the workflow at hand is answered with."""
        updates = self.workflow.updates if self.workflow is not None else ()
        return next((update.returns for update in updates if update.name.text == name.text), None)

    def fail(self, code: tree.Name, args: Sequence[tree.Arg], env: Env) -> None:
        self.codes([code])
        error = self.table.errors.get(code.text)
        self.args(error.fields if error is not None else (), args, env)

    def local(self, kind: Kind, name: tree.Name, node: tree.Node, env: Env, shape: Shape | None) -> None:
        self.declare(Symbol(kind, name.text, name.span, node), env, shape)

    # -- states -------------------------------------------------------------------------------------------------------

    def path(self, path: tree.Path, seen_from: int) -> None:
        found = StateNames(self.states).resolve(path, seen_from, Diagnostics())
        if found is not None:
            for name, state in zip(reversed(path.names), self.chains[found], strict=False):
                self.see(symbol_of(state.node), name.span)

    def state(self, state: StateFacts) -> None:
        body, env = state.body, self.variables
        for block in (body.entry, body.exit, body.do):
            self.block(block, env)
        for defer in body.defers:
            for name in defer.names:
                self.message(name)
        for transition in body.transitions:
            self._transition(transition, state.index)
        if body.ending is not None:
            self.step(body.ending, Env(env))

    def _transition(self, transition: tree.Transition, index: int) -> None:
        env = Env(self.variables)
        match transition.trigger:
            case tree.SignalTrigger(signal=name, binding=binding) | tree.UpdateTrigger(update=name, binding=binding):
                shape: Shape | None = Members(self.message(name))
                self.reply = self.answer(name)
            case tree.ErrorTrigger(codes=codes, binding=binding):
                self.codes(codes)
                shape = self.error_shape(codes)
            case tree.AfterTrigger(duration=value) | tree.AtTrigger(time=value) | tree.EveryTrigger(schedule=value):
                self.expr(value, env)
                binding, shape = None, None
            case _:
                binding, shape = None, None
        if binding is not None:
            self.local("binding", binding, transition, env, shape)
        self.expr(transition.guard, env)
        if transition.target is not None:
            self.path(transition.target.path, index)
        self.block(transition.actions, env)
        self.block(transition.work, env)
        self.reply = None

    # -- steps --------------------------------------------------------------------------------------------------------

    def block(self, block: tree.Block | None, env: Env) -> None:
        if block is not None:
            inner = Env(env)
            for step in block.steps:
                self.step(step, inner)

    def step(self, step: tree.Step | tree.ContinueStep, env: Env) -> None:
        match step:
            case tree.LetStep(name=name):
                self.type(step.type)
                shape = self.value(step.value, env, step.type, (name, step))
                self.local("let", name, step, env, step.type or shape)
            case tree.AssignStep():
                self._assign(step, env)
            case tree.CallStep() | tree.StartStep() | tree.ForStep() | tree.ParallelStep():
                self.value(step, env, None, None)
            case tree.IfStep():
                self.expr(step.condition, env)
                self.block(step.then, env)
                self.block(step.otherwise, env)
            case tree.RepeatStep():
                inner = Env(env)
                for nested in step.body.steps:
                    self.step(nested, inner)
                for part in (step.until, step.every, step.at_most):
                    self.expr(part, inner)
            case tree.TryStep():
                self.block(step.body, env)
                for catch in step.catches:
                    self.codes(catch.codes)
                    inner = Env(env)
                    if catch.binding is not None:
                        self.local("binding", catch.binding, catch, inner, self.error_shape(catch.codes))
                    self.block(catch.body, inner)
                self.block(step.finally_, env)
            case tree.ReceiveStep(binding=binding):
                shape = Members(self.message(step.signal))
                self.expr(step.within, env)
                if binding is not None:
                    self.local("binding", binding, step, env, shape)
                self.expr(step.guard, env)
            case _:
                self._plain(step, env)

    def _plain(self, step: tree.Step | tree.ContinueStep, env: Env) -> None:
        """Steps that declare nothing and hold no blocks."""
        match step:
            case tree.WaitStep(duration=value) | tree.WaitUntilStep(time=value):
                self.expr(value, env)
            case tree.WaitForStep():
                self.expr(step.condition, env)
                self.expr(step.within, env)
            case tree.SendStep(signal=signal):
                self._send_to(signal, step.args, env)
                self.expr(step.to, env)
            case tree.DiscardStep(signal=signal):
                self.message(signal)
            case tree.ReplyStep(value=value):
                self.expr(value, env, self.reply)
            case tree.LogStep(value=value):
                self.expr(value, env)
            case tree.YieldStep(value=value):
                shape = self.expr(value, env, self.wanted[-1] if self.wanted else None)
                if self.yields and self.yields[-1] is None:
                    self.yields[-1] = shape
            case tree.ReturnStep():
                self.expr(step.value, env, self.workflow.returns if self.workflow else None)
            case tree.FailStep():
                self.fail(step.error, step.args, env)
            case tree.ContinueStep():
                self.args(self.workflow.params if self.workflow else (), step.args, env)
            case _:
                pass

    def _send_to(self, signal: tree.Name, args: Sequence[tree.Arg], env: Env) -> None:
        """A signal of this workflow, else of any that has one of that name."""
        params = self.message(signal)
        senders = [] if params else self.table.senders(signal.text)
        if senders:
            workflow, found = senders[0]
            self.see(symbol_of(found, workflow.name.text), signal.span)
            params = found.params
        self.args(params, args, env)

    def _assign(self, step: tree.AssignStep, env: Env) -> None:
        found = env.find(step.name.text)
        shape = None
        if found is not None:
            self.see(found[0], step.name.span, "write")
            shape = found[1]
        for part in step.path:
            if isinstance(part, tree.Name):
                shape = self.member(shape, part)
            else:
                self.expr(part, env)
                shape = shapes.item(shape, self.table.types)
        self.value(step.value, env, shape, None)

    def value(
        self,
        value: tree.Expr | tree.Durable,
        env: Env,
        expected: Shape | None,
        target: tuple[tree.Name, tree.Node] | None,
    ) -> Shape | None:
        """What a step takes its value from; `target` is the `let` that an undo may name it by."""
        match value:
            case tree.CallStep():
                returns = self.callee(value.callee)
                self.args(self.table.params(value.callee.text), value.args, env)
                self.options(value.timeout, value.retry, value.queue, value.priority, env)
                if value.undo is not None:
                    inner = Env(env)
                    if target is not None:
                        name, node = target
                        inner.own[name.text] = (Symbol("let", name.text, name.span, node), returns)
                    self.callee(value.undo.callee)
                    self.args(self.table.params(value.undo.callee.text), value.undo.args, inner)
                return returns
            case tree.StartStep():
                self.callee(value.workflow)
                self.args(self.table.params(value.workflow.text), value.args, env)
                self.expr(value.id, env)
                return None
            case tree.ForStep():
                return self._loop(value, env, expected)
            case tree.ParallelStep():
                for branch in value.branches:
                    self.declare(symbol_of(branch))
                    self.block(branch.body, env)
                return None
            case _:
                return self.expr(value, env, expected)

    def _loop(self, step: tree.ForStep, env: Env, expected: Shape | None) -> Shape | None:
        shape = self.expr(step.items, env)
        self.expr(step.at_most, env)
        inner = Env(env)
        self.local("loop variable", step.variable, step, inner, shapes.looped(shape, self.table.types))
        self.yields.append(None)
        self.wanted.append(shapes.item(expected, self.table.types))
        self.block(step.body, inner)
        found = self.yields.pop()
        self.wanted.pop()
        if found is None or isinstance(found, Members | shapes.Several):
            return None
        return tree.ListType(found, span=step.span)
