"""The members of a workflow that are no states."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tenuto_dsl.format.document import Cell, Doc, concat
from tenuto_dsl.format.text.items import Item, entry
from tenuto_dsl.format.text.steps import StepPrinter
from tenuto_dsl.syntax import tree

_NAME = Cell("name")


class MemberPrinter(StepPrinter):
    def members(self, node: tree.WorkflowDecl) -> Iterator[Item]:
        kinds: tuple[tuple[tuple[Any, ...], Callable[[Any], Doc]], ...] = (
            (node.signals, self._signal),
            (node.updates, self._update),
            (node.queries, self._query),
            (node.attributes, self._attribute),
            (node.variables, self._variable),
            (node.properties, self._property),
            (node.migrations, self._migration),
        )
        for found, make in kinds:
            for member in found:
                yield entry(member, make)

    def _signal(self, node: tree.SignalDecl) -> Doc:
        return concat("signal ", _NAME, self.name(node.name), self.params(node.params), self.doc_behind(node.doc))

    def _update(self, node: tree.UpdateDecl) -> Doc:
        params, returns = self.params(node.params), self.returns(node.returns)
        return concat("update ", _NAME, self.name(node.name), params, returns, self.doc_behind(node.doc))

    def _query(self, node: tree.QueryDecl) -> Doc:
        header = concat("query ", _NAME, self.name(node.name), self.returns(node.returns))
        return concat(header, " = ", self.doc(node.value), self.doc_behind(node.doc))

    def _attribute(self, node: tree.AttributeDecl) -> Doc:
        header = concat("attribute ", _NAME, self.name(node.name), ": ", self.name(node.type))
        return concat(header, " = ", self.doc(node.value), self.doc_behind(node.doc))

    def _variable(self, node: tree.VarDecl) -> Doc:
        value: Doc = "" if node.value is None else concat(" = ", self.doc(node.value))
        header = concat("var ", _NAME, self.name(node.name), ": ", self.type(node.type))
        return concat(header, value, self.doc_behind(node.doc))

    def _property(self, node: tree.PropertyDecl) -> Doc:
        header = concat("property ", _NAME, self.name(node.name), f": {node.kind} ")
        return concat(header, self.doc(node.value), self.doc_behind(node.doc))

    def _migration(self, node: tree.MigrateDecl) -> Doc:
        items = [entry(state, self._migrate_state) for state in node.states]
        items += [entry(set_, self._migrate_set) for set_ in node.sets]
        return concat(f"migrate from {node.version} ", self.braces(node, items))

    def _migrate_state(self, node: tree.MigrateState) -> Doc:
        return concat(self.path(node.source), " ", Cell("target"), "-> ", self.path(node.target))

    def _migrate_set(self, node: tree.MigrateSet) -> Doc:
        return concat("set ", self.name(node.name), " = ", self.doc(node.value))
