"""Walks a file and meets every name in it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tenuto_dsl.check.states import number_states
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.editor.index.expressions import Env
from tenuto_dsl.editor.index.shapes import Members
from tenuto_dsl.editor.index.symbols import Index, Symbol
from tenuto_dsl.editor.index.table import Message, Table, symbol_of
from tenuto_dsl.editor.index.workflows import WorkflowBinder
from tenuto_dsl.editor.positions import Lines
from tenuto_dsl.syntax import tree


def bind(file: tree.File, imported: Sequence[tree.File], lines: Lines) -> Index:
    """The index of a file, whatever of it could be read."""
    binder = _FileBinder(file.span.file, lines, Table([*imported, file]))
    for node in file.declarations:
        binder.declaration(node)
    binder.index.occurrences.sort(key=lambda o: (o.span.line, o.span.col))
    return binder.index


class _FileBinder(WorkflowBinder):
    def declaration(self, node: tree.Declaration) -> None:
        match node:
            case tree.Import(path=path):
                self.see(Symbol("import", path, node.span, node), node.span)
            case tree.TypeDecl():
                self.declare(symbol_of(node))
                self.type(node.type)
            case tree.ErrorDecl():
                self.declare(symbol_of(node))
                self.fields(node.fields)
            case tree.ConfigDecl():
                self.declare(symbol_of(node))
                self.type(node.type)
                self.expr(node.default, Env(), node.type)
            case tree.ActivityDecl():
                self._activity(node)
            case tree.WorkflowDecl():
                self._workflow(node)
            case tree.TestDecl():
                self._test(node)

    # -- activities ---------------------------------------------------------------------------------------------------

    def _activity(self, node: tree.ActivityDecl) -> None:
        self.declare(symbol_of(node))
        env = Env()
        self.params(node.params, env)
        self.type(node.returns)
        self.options(node.timeout, node.retry, node.queue, node.priority, env)
        if node.rate is not None:
            self.expr(node.rate.count, env)
            self.expr(node.rate.per, env)
        for raises in node.raises:
            self.codes(raises.codes)
            self.expr(raises.when, env)
        match node.binding:
            case tree.HttpBinding() as http:
                self.expr(http.url, env)
                for header in http.headers:
                    self.expr(header.value, env)
                self.expr(http.body, env)
                self.expr(http.result, env, node.returns)
            case tree.SqlBinding() as sql if sql.span.file == self.file:
                self._sql(node, sql)
            case _:
                pass

    def _sql(self, node: tree.ActivityDecl, sql: tree.SqlBinding) -> None:
        """`:name` in a statement names a parameter."""
        offset = self.lines.offset(sql.span.line, sql.span.col)
        written = self.lines.slice(sql.span)
        for param in node.params:
            for match in re.finditer(rf"(?<![:\w]):({re.escape(param.name.text)})\b", written):
                start, end = self.lines.place(offset + match.start(1)), self.lines.place(offset + match.end(1))
                self.see(self.table.member(param), tree.Span(self.file, *start, *end))

    # -- workflows ----------------------------------------------------------------------------------------------------

    def _workflow(self, node: tree.WorkflowDecl) -> None:
        self.declare(symbol_of(node))
        states = number_states(node, Diagnostics())
        self.enter(node, states)
        env = self.variables
        self.params(node.params, env)
        self.type(node.returns)
        declared: list[Message] = [*node.signals, *node.updates]
        for message in declared:
            self.declare(symbol_of(message, node.name.text))
            self.params(message.params, Env())
            if isinstance(message, tree.UpdateDecl):
                self.type(message.returns)
        for variable in node.variables:
            self.type(variable.type)
            self.expr(variable.value, env, variable.type)
            self.declare(symbol_of(variable, node.name.text), env, variable.type)
        for query in node.queries:
            self.declare(symbol_of(query, node.name.text))
            self.type(query.returns)
            self.expr(query.value, env, query.returns)
        for attribute in node.attributes:
            self.declare(symbol_of(attribute, node.name.text))
            self.expr(attribute.value, env)
        for claim in node.properties:
            self.declare(symbol_of(claim, node.name.text))
            self.expr(claim.value, env)
        for migration in node.migrations:
            self._migration(migration)
        for state in states:
            if state.index:
                self.declare(symbol_of(state.node, node.name.text))
        for state in states:
            self.state(state)

    def _migration(self, migration: tree.MigrateDecl) -> None:
        for mapping in migration.states:
            self.path(mapping.target, 0)
        for change in migration.sets:
            found = self.variables.find(change.name.text)
            if found is not None:
                self.see(found[0], change.name.span, "write")
            self.expr(change.value, self.variables, found[1] if found else None)

    # -- tests --------------------------------------------------------------------------------------------------------

    def _test(self, node: tree.TestDecl) -> None:
        """A test is about the workflow that it names, else about the first that there is."""
        workflows = [w for w in self.table.callables.values() if isinstance(w, tree.WorkflowDecl)]
        own = [w for w in workflows if w.name.span.file == self.file]
        about = next(iter([*own, *workflows]), None)
        if node.workflow is not None:
            self.callee(node.workflow)
            about = next((w for w in workflows if w.name.text == node.workflow.text), None)
        self.leave()
        if about is not None:
            self.enter(about, number_states(about, Diagnostics()))
            for param in about.params:
                self.variables.own[param.name.text] = (self.table.member(param), param.type)
            for variable in about.variables:
                found = (symbol_of(variable, about.name.text), variable.type)
                self.variables.own.setdefault(variable.name.text, found)
            queries = {query.name.text: symbol_of(query, about.name.text) for query in about.queries}
            updates = {update.name.text: symbol_of(update, about.name.text) for update in about.updates}
            called = {name: symbol_of(node) for name, node in self.table.callables.items()}
            self.spaces = {"query": queries, "called": called, "answered": updates}
            fields = {f.name.text: f for error in reversed(self.table.errors.values()) for f in error.fields}
            self.outcome = {"result": about.returns, "error": Members(tuple(fields.values()))}
        for step in node.steps:
            self._test_step(step, about)
        self.spaces, self.outcome = {}, {}

    def _test_step(self, step: tree.TestStep, about: tree.WorkflowDecl | None) -> None:
        env = self.variables
        match step:
            case tree.GivenStep():
                self.args(about.params if about is not None else (), step.args, env)
                self.expr(step.id, env)
                self.expr(step.at, env)
            case tree.ConfigStep():
                found = self.table.find("config", step.name.text)
                if found is not None:
                    self.see(found, step.name.span)
                declared = self.table.configs.get(step.name.text)
                self.expr(step.value, env, declared.type if declared is not None else None)
            case tree.MockStep():
                self._mock(step, env)
            case tree.TestSend():
                self._send_to(step.signal, step.args, env)
                self.expr(step.to, env)
            case tree.TestUpdate():
                self.args(self.message(step.update), step.args, env)
                self.expr(step.replies, env, self.answer(step.update))
            case tree.AdvanceStep():
                self.expr(step.duration, env)
                self.expr(step.until, env)
            case tree.ExpectStep():
                self.expr(step.condition, env)
            case tree.TestCancel():
                pass

    def _mock(self, step: tree.MockStep, env: Env) -> None:
        returns = self.callee(step.activity)
        params = self.table.params(step.activity.text)
        self.args(params, step.args or (), env)
        inner = Env(env)
        for param in params:
            inner.own[param.name.text] = (self.table.member(param), param.type)
        for outcome in step.outcomes:
            self.expr(outcome.value, inner, returns)
            if outcome.error is not None:
                self.fail(outcome.error, outcome.args, inner)
