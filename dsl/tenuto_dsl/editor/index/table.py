"""What a file may refer to by name: its own declarations and those of the files it imports, as symbols."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from tenuto_dsl.editor.index.symbols import Kind, Symbol
from tenuto_dsl.syntax import tree

Group: TypeAlias = Literal["type", "error", "config", "callable"]
Message: TypeAlias = tree.SignalDecl | tree.UpdateDecl


class Table:
    """The first declaration of a name counts, as for the checker; activities and workflows share one table."""

    def __init__(self, files: Sequence[tree.File]) -> None:
        self.types: dict[str, tree.TypeDecl] = {}
        self.errors: dict[str, tree.ErrorDecl] = {}
        self.configs: dict[str, tree.ConfigDecl] = {}
        self.callables: dict[str, tree.ActivityDecl | tree.WorkflowDecl] = {}
        self.owners: dict[int, str] = {}
        """By the identity of a parameter or field: what declares it."""
        for file in files:
            for node in file.declarations:
                self._enter(node)

    def _enter(self, node: tree.Declaration) -> None:
        match node:
            case tree.TypeDecl(name=name):
                self.types.setdefault(name.text, node)
                self._own(node.type, name.text)
            case tree.ErrorDecl(name=name, fields=fields):
                self.errors.setdefault(name.text, node)
                for item in fields:
                    self.owners[id(item)] = name.text
                    self._own(item.type, name.text)
            case tree.ConfigDecl(name=name):
                self.configs.setdefault(name.text, node)
            case tree.ActivityDecl(name=name, params=params, returns=returns):
                self.callables.setdefault(name.text, node)
                self._own_params(params, name.text)
                self._own(returns, name.text)
            case tree.WorkflowDecl(name=name, params=params, returns=returns):
                self.callables.setdefault(name.text, node)
                self._own_params(params, name.text)
                self._own(returns, name.text)
                messages: list[Message] = [*node.signals, *node.updates]
                for message in messages:
                    self._own_params(message.params, message.name.text)
            case _:
                pass

    def _own_params(self, params: tuple[tree.Param, ...], owner: str) -> None:
        for param in params:
            self.owners[id(param)] = owner
            self._own(param.type, owner)

    def _own(self, node: tree.TypeNode | None, owner: str) -> None:
        """The fields of records written inside of a type belong to what is declared with it."""
        match node:
            case tree.RecordType(fields=fields):
                for item in fields:
                    self.owners[id(item)] = owner
                    self._own(item.type, owner)
            case tree.ListType(item=inner) | tree.OptionalType(item=inner) | tree.SensitiveType(item=inner):
                self._own(inner, owner)
            case tree.MapType(value=value):
                self._own(value, owner)
            case tree.UnionType(options=options):
                for option in options:
                    self._own(option, owner)
            case _:
                pass

    def find(self, group: Group, name: str) -> Symbol | None:
        match group:
            case "type":
                found: tree.Declaration | None = self.types.get(name)
            case "error":
                found = self.errors.get(name)
            case "config":
                found = self.configs.get(name)
            case "callable":
                found = self.callables.get(name)
        return None if found is None else symbol_of(found)

    def member(self, node: tree.Field | tree.Param) -> Symbol:
        kind: Kind = "field" if isinstance(node, tree.Field) else "parameter"
        return Symbol(kind, node.name.text, node.name.span, node, self.owners.get(id(node), ""))

    def params(self, name: str) -> tuple[tree.Param, ...]:
        found = self.callables.get(name)
        return () if found is None else found.params

    def senders(self, signal: str) -> list[tuple[tree.WorkflowDecl, tree.SignalDecl]]:
        """The signals of that name, of whatever workflow."""
        return [
            (node, message)
            for node in self.callables.values()
            if isinstance(node, tree.WorkflowDecl)
            for message in node.signals
            if message.name.text == signal
        ]


_KINDS: dict[type, Kind] = {
    tree.TypeDecl: "type", tree.ErrorDecl: "error", tree.ConfigDecl: "config", tree.ActivityDecl: "activity",
    tree.WorkflowDecl: "workflow", tree.SignalDecl: "signal", tree.UpdateDecl: "update", tree.QueryDecl: "query",
    tree.AttributeDecl: "attribute", tree.VarDecl: "variable", tree.PropertyDecl: "property", tree.State: "state",
    tree.Region: "region", tree.Branch: "branch",
}  # fmt: skip


def symbol_of(node: tree.Node, owner: str = "") -> Symbol:
    """The symbol of a node that declares a name."""
    name: tree.Name = node.name  # type: ignore[attr-defined]  # all nodes in _KINDS have one
    return Symbol(_KINDS[type(node)], name.text, name.span, node, owner)
