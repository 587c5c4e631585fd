"""Whole files as models: declarations by kind, workflows, activities, tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tenuto_dsl.format.comments import Comments, Reading, anchors, start_of
from tenuto_dsl.format.yaml.model import Many, Text, Value
from tenuto_dsl.format.yaml.spell import key_text, value_text
from tenuto_dsl.format.yaml.states import Section
from tenuto_dsl.format.yaml.tests import TestMaker
from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.yaml.known import KnownShape
from tenuto_dsl.syntax.yaml.table import CONFIG_VALUE, ERROR, TYPE, VARIABLE

SCHEMA = "# yaml-language-server: $schema="


def model_of(file: tree.File, comments: Comments, reading: Reading | None = None) -> tuple[Many, list[str | None]]:
    """The model of a file of the YAML form, and the comments at its end."""
    return _FileMaker(comments, reading).file(file)


class _FileMaker(TestMaker):
    def file(self, file: tree.File) -> tuple[Many, list[str | None]]:
        self.named = frozenset(_named(file))
        root = Many(is_map=True)
        root.add("tenuto", Text("1"))
        kinds: dict[type, list[Any]] = {}
        for declaration in file.declarations:
            kinds.setdefault(type(declaration), []).append(declaration)
        for kind, nodes in kinds.items():
            key, make = self._sections()[kind]
            inner = Many(is_map=kind is not tree.Import)
            for node in nodes:
                name = None if kind is tree.Import else key_text(node.name if kind is tree.TestDecl else node.name.text)
                self.put(inner, name, node, make)
            if len(root.entries) == 1:
                root.entries[0].before = _head(inner.entries[0].before)
            root.add(key, inner).blank = True
        inside = self.comments.take(file).all()
        return root, [comment.text for comment in inside]

    def _sections(self) -> dict[type, tuple[str, Callable[[Any], Value]]]:
        return {
            tree.Import: ("import", lambda n: value_text(n.path)),
            tree.TypeDecl: ("types", self._type),
            tree.ErrorDecl: ("errors", self._error),
            tree.ConfigDecl: ("config", self._config),
            tree.ActivityDecl: ("activities", self.activity),
            tree.WorkflowDecl: ("workflows", self._workflow),
            tree.TestDecl: ("tests", self.test),
        }

    def _typed(self, node: Any, shape: KnownShape, more: str, value: tree.Expr | None) -> Value:
        if value is None and node.doc is None:
            return self.declared(node.type, shape)
        many = Many(is_map=True, flow=node.doc is None)
        many.add("type", self.type_(node.type))
        self.val(many, more, value)
        self.put_doc(many, node)
        return many

    def _type(self, node: tree.TypeDecl) -> Value:
        return self._typed(node, TYPE, "", None)

    def _config(self, node: tree.ConfigDecl) -> Value:
        return self._typed(node, CONFIG_VALUE, "default", node.default)

    def _error(self, node: tree.ErrorDecl) -> Value:
        record = tree.RecordType(node.fields, span=node.span)
        if node.doc is None:
            return self.declared(record, ERROR) if node.fields else Text("null")
        many = Many(is_map=True)
        if node.fields:
            many.add("fields", self.type_(record))
        self.put_doc(many, node)
        return many

    # -- workflows -------------------------------------------------------------------------------------------------

    def _workflow(self, node: tree.WorkflowDecl) -> Value:
        many = Many(is_map=True)
        self.put_doc(many, node)
        if node.params:
            many.add("input", self.params(node.params))
        if node.returns is not None:
            many.add("output", self.type_(node.returns))
        self.fill_sections(many, self._members(node))
        return many

    def _members(self, node: tree.WorkflowDecl) -> Iterator[Section]:
        if node.version is not None:
            place = (0, 0) if node.version_span is None else start_of(node.version_span)
            yield Section(
                place, lambda many: self.put(many, "version", node, lambda n: Text(str(n.version)), "version")
            )
        yield from self.kind("signals", node.signals, self._signal)
        yield from self.kind("updates", node.updates, self._update)
        yield from self.kind("queries", node.queries, self._query)
        yield from self.kind("attributes", node.attributes, self._attribute)
        yield from self.kind("vars", node.variables, lambda n: self._typed(n, VARIABLE, "value", n.value))
        yield from self.body(node.body)
        yield from self.kind("properties", node.properties, self._property)
        if node.migrations:
            yield Section(start_of(node.migrations[0].span), lambda many: self._migrations(many, node.migrations))

    def _signal(self, node: tree.SignalDecl) -> Value:
        if node.doc is None and not any(param.name.text == "params" for param in node.params):
            return self.params(node.params)
        return self._message(node, None)

    def _update(self, node: tree.UpdateDecl) -> Value:
        return self._message(node, node.returns)

    def _message(self, node: tree.SignalDecl | tree.UpdateDecl, returns: tree.TypeNode | None) -> Value:
        many = Many(is_map=True, flow=node.doc is None)
        if node.params or isinstance(node, tree.SignalDecl):
            many.add("params", self.params(node.params))
        if returns is not None:
            many.add("returns", self.type_(returns))
        self.put_doc(many, node)
        return many

    def _query(self, node: tree.QueryDecl) -> Value:
        many = Many(is_map=True)
        if node.returns is not None:
            many.add("type", self.type_(node.returns))
        self.val(many, "value", node.value)
        self.put_doc(many, node)
        many.flow = node.doc is None
        return many

    def _attribute(self, node: tree.AttributeDecl) -> Value:
        many = Many(is_map=True, flow=node.doc is None)
        many.add("type", self.name(node.type))
        self.expr(many, "value", node.value)
        self.put_doc(many, node)
        return many

    def _property(self, node: tree.PropertyDecl) -> Value:
        many = Many(is_map=True, flow=node.doc is None)
        self.expr(many, node.kind, node.value)
        self.put_doc(many, node)
        return many

    def _migrations(self, many: Many, nodes: tuple[tree.MigrateDecl, ...]) -> None:
        inner = Many(is_map=False)
        for node in nodes:
            self.put(inner, None, node, self._migration)
        many.add("migrate", inner).blank = inner.entries[0].blank

    def _migration(self, node: tree.MigrateDecl) -> Value:
        many = Many(is_map=True)
        many.add("from", Text(str(node.version)))
        if node.states:
            states = Many(is_map=True)
            for state in node.states:
                key = key_text(".".join(name.text for name in state.source.names))
                self.put(states, key, state, lambda n: self.path(n.target))
            many.add("states", states)
        if node.sets:
            sets = Many(is_map=True)
            for item in node.sets:
                self.put(sets, key_text(item.name.text), item, lambda n: self.value(n.value))
            many.add("set", sets)
        return many


def _head(before: list[str | None]) -> list[str | None]:
    """Take the comments at the head of a file, with a blank line below, away from those of its first declaration."""
    blanks = [position for position, remark in enumerate(before) if remark is None]
    schema = [position for position, remark in enumerate(before) if remark and remark.startswith(SCHEMA)]
    end = max([*blanks, *schema], default=-1) + 1
    head, before[:end] = before[:end], []
    while head and head[-1] is None:
        head.pop()
    return head


def _named(file: tree.File) -> Iterator[str]:
    """The names that expressions of a file use, and those of its parameters and variables."""
    pending: list[tree.Node] = [file]
    while pending:
        node = pending.pop()
        pending += [anchor.node for anchor in anchors(node) if not anchor.name]
        if isinstance(node, tree.Ident):
            yield node.name
        elif isinstance(node, tree.Param | tree.VarDecl | tree.LetStep):
            yield node.name.text
