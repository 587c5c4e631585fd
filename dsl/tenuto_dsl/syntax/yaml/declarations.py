"""Whole files: declarations, workflows, states."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.text.parse import in_order
from tenuto_dsl.syntax.yaml.compose import Document, Mapping, Node, Scalar, Sequence, compose
from tenuto_dsl.syntax.yaml.steps import Keys
from tenuto_dsl.syntax.yaml.tests import TestReader
from tenuto_dsl.syntax.yaml.values import is_null

if TYPE_CHECKING:
    from tenuto_dsl.diagnostics import Diagnostics

VERSION = "1"

_FILE = ("tenuto", "import", "types", "errors", "config", "activities", "workflows", "tests")
_BODY = ("doc", "do", "entry", "exit", "defer", "transitions", "states", "regions", "return", "fail", "continue_with")
_STATE = ("initial", "final", *_BODY)
_WORKFLOW = (
    "input", "output", "version", "signals", "updates", "queries", "attributes", "vars", "properties", "migrate",
    *_BODY,
)  # fmt: skip
_PROPERTIES = ("never", "always", "eventually")


def parse_yaml(source: str, file: str, sink: Diagnostics) -> tree.File:
    """The tree of a file in the YAML form: of everything in it that could be read."""
    return read_document(compose(source, file, sink), source, file, sink)


def read_document(document: Document, source: str, file: str, sink: Diagnostics) -> tree.File:
    """The tree of a file that is composed already."""
    whole = tree.Span(file, 1, 1, source.count("\n") + 1, 1)
    root = document.root
    declarations: tuple[Any, ...] = ()
    comments = document.comments
    if root is not None:
        reader = _FileReader(file, sink)
        declarations = tuple(reader.declarations(root))
        comments = in_order([*comments, *reader.comments])
    elif not len(sink):
        sink.error("TEN121", whole, "an empty file", "a workflow file begins with `tenuto: 1`")
    return tree.File(declarations, "yaml", comments, span=whole)


class _FileReader(TestReader):
    def declarations(self, node: Node) -> list[Any]:
        keys = self.keys(node, "a workflow file", _FILE)
        version = self.text(keys.get("tenuto"))
        if version != VERSION and isinstance(node, Mapping):
            found = "is missing" if version is None else f"says {version[:20]}"
            self.sink.error("TEN121", keys["tenuto"].span if "tenuto" in keys else node.span,
                            f"the format marker {found}", f"begin the file with `tenuto: {VERSION}`")  # fmt: skip
        return [declaration for kind, value in keys.items() for declaration in self._kind(kind, value)]

    def _kind(self, kind: str, node: Node) -> list[Any]:
        """The declarations of one kind, in their order."""
        if kind == "tenuto":
            return []
        if kind == "import":
            files = [node] if isinstance(node, Scalar) and not is_null(node) else self.items(node, "a list of files")
            return [tree.Import(self.text(item) or "", span=item.span) for item in files]
        if kind == "tests":
            tests = self.mapping(node, "a map of tests")
            return [self.test(title, steps) for title, steps in (tests.entries if tests is not None else ())]
        makers: dict[str, tuple[str, Callable[[tree.Name, Node], Any]]] = {
            "types": ("a map of types", self._type_decl),
            "errors": ("a map of errors", self._error),
            "config": ("a map of config values", self._config),
            "activities": ("a map of activities", self.activity),
            "workflows": ("a map of workflows", self._workflow),
        }
        wanted, make = makers[kind]
        return [make(name, value) for name, value in self.named(node, wanted)]

    def _type_decl(self, name: tree.Name, node: Node) -> tree.TypeDecl:
        type_, keys = self._typed(name, node, (), "type")
        return tree.TypeDecl(name, type_, self.doc(keys), span=name.span)

    def _type(self, node: Node | None, name: tree.Name) -> Any:
        type_ = self.type(node)
        if type_ is None:
            self.sink.error("TEN127", name.span, f"{name.text} has no type")
            return tree.NamedType("any", span=name.span)
        return type_

    def _error(self, name: tree.Name, node: Node) -> tree.ErrorDecl:
        """`Name: null`, `Name: "{ fields }"`, or `Name: {fields, doc}`."""
        keys = self.keys(node, f"the error {name.text}", ("fields", "doc")) if isinstance(node, Mapping) else {}
        record = self.type(keys.get("fields") if isinstance(node, Mapping) else node)
        if record is not None and not isinstance(record, tree.RecordType):
            self.wrong(node, "the error's fields", 'write them as text: "{ sku: string }"')
            record = None
        return tree.ErrorDecl(name, record.fields if record is not None else (), self.doc(keys), span=name.span)

    def _typed(self, name: tree.Name, node: Node, more: tuple[str, ...], what: str) -> tuple[Any, Keys]:
        """`name: type`, or `name: {type, …, doc}`."""
        if isinstance(node, Mapping):
            keys = self.keys(node, f"the {what} {name.text}", ("type", *more, "doc"))
            return self._type(keys.get("type"), name), keys
        return self._type(node, name), {}

    def _config(self, name: tree.Name, node: Node) -> tree.ConfigDecl:
        type_, keys = self._typed(name, node, ("default",), "config value")
        return tree.ConfigDecl(name, type_, self.value(keys.get("default")), self.doc(keys), span=name.span)

    # -- states ----------------------------------------------------------------------------------------------------

    def _body(self, keys: Keys, span: tree.Span) -> tree.StateBody:
        defers = tuple(
            tree.Defer(names, span=item.span)
            for item in self._deferred(keys.get("defer"))
            if (names := self.names(item, ","))
        )
        found = (self.transition(item) for item in self.items(keys.get("transitions"), "a list of transitions"))
        return tree.StateBody(
            self.block(keys.get("do")), self.block(keys.get("entry")), self.block(keys.get("exit")), defers,
            tuple(transition for transition in found if transition is not None),
            tuple(self._state(name, node) for name, node in self.named(keys.get("states"), "a map of states")),
            tuple(self._region(name, node) for name, node in self.named(keys.get("regions"), "a map of regions")),
            self._ending(keys, span), span=span,
        )  # fmt: skip

    def _deferred(self, node: Node | None) -> list[Node]:
        """What `defer` holds: names, or a list of lists of them where the text form has several `defer`."""
        if node is None:
            return []
        several = isinstance(node, Sequence) and node.items and all(isinstance(i, Sequence) for i in node.items)
        return node.items if several and isinstance(node, Sequence) else [node]

    def _ending(self, keys: Keys, span: tree.Span) -> Any:
        found = [key for key in ("return", "fail", "continue_with") if key in keys]
        for second in found[1:]:
            self.sink.error("TEN111", keys[second].span, f"a final state has one ending; it has {found[0]} already")
        if "return" in keys:
            return self.return_(keys, keys["return"], keys["return"].span)
        if "fail" in keys:
            return self.fail({}, keys["fail"], keys["fail"].span)
        if "continue_with" in keys:
            return tree.ContinueStep(self.args(keys["continue_with"]), span=keys["continue_with"].span)
        return None

    def _state(self, name: tree.Name, node: Node) -> tree.State:
        keys = self.keys(node, f"the state {name.text}", _STATE)
        initial, final = self.flag(keys.get("initial")), self.flag(keys.get("final"))
        if initial and final:
            self.sink.error("TEN111", name.span, "a state is initial or final, not both")
        kind: Any = "final" if final else "initial" if initial else "plain"
        body = self._body(keys, name.span)
        return tree.State(name, kind, body, self.doc(keys), span=name.span, doc_span=self.doc_span(keys))

    def _region(self, name: tree.Name, node: Node) -> tree.Region:
        keys = self.keys(node, f"the region {name.text}", _BODY)
        body = self._body(keys, name.span)
        return tree.Region(name, body, self.doc(keys), span=name.span, doc_span=self.doc_span(keys))

    # -- workflows -------------------------------------------------------------------------------------------------

    def _workflow(self, name: tree.Name, node: Node) -> tree.WorkflowDecl:
        keys = self.keys(node, f"the workflow {name.text}", _WORKFLOW)
        return tree.WorkflowDecl(
            name, self.params(keys.get("input")), self.type(keys.get("output")), self._body(keys, name.span),
            self.doc(keys), self.integer(keys.get("version")),
            tuple(self._signal(n, value) for n, value in self.named(keys.get("signals"), "a map of signals")),
            tuple(self._update(n, value) for n, value in self.named(keys.get("updates"), "a map of updates")),
            tuple(self._query(n, value) for n, value in self.named(keys.get("queries"), "a map of queries")),
            tuple(self._attribute(n, value) for n, value in self.named(keys.get("attributes"), "a map of attributes")),
            tuple(self._variable(n, value) for n, value in self.named(keys.get("vars"), "a map of variables")),
            tuple(self._property(n, value) for n, value in self.named(keys.get("properties"), "a map of properties")),
            tuple(self._migration(item) for item in self.items(keys.get("migrate"), "a list of migrations")),
            span=name.span, doc_span=self.doc_span(keys),
            version_span=keys["version"].span if "version" in keys else None,
        )  # fmt: skip

    def _signal(self, name: tree.Name, node: Node) -> tree.SignalDecl:
        """A map of parameters; one with a map under `params` is the long form, `{params, doc}`."""
        params = node.get("params") if isinstance(node, Mapping) else None
        if isinstance(params, Mapping):
            keys = self.keys(node, f"the signal {name.text}", ("params", "doc"))
            return tree.SignalDecl(name, self.params(keys.get("params")), self.doc(keys), span=name.span)
        return tree.SignalDecl(name, self.params(node), span=name.span)

    def _update(self, name: tree.Name, node: Node) -> tree.UpdateDecl:
        keys = self.keys(node, f"the update {name.text}", ("params", "returns", "doc"))
        params, returns = self.params(keys.get("params")), self.type(keys.get("returns"))
        return tree.UpdateDecl(name, params, returns, self.doc(keys), span=name.span)

    def _query(self, name: tree.Name, node: Node) -> tree.QueryDecl:
        if not isinstance(node, Mapping):
            return tree.QueryDecl(name, None, self.value(node), span=name.span)
        keys = self.keys(node, f"the query {name.text}", ("type", "value", "doc"))
        value = self.value(keys.get("value"))
        if value is None:
            self.sink.error("TEN127", name.span, f"the query {name.text} has no value")
            value = tree.Literal_("null", None, span=name.span)
        return tree.QueryDecl(name, self.type(keys.get("type")), value, self.doc(keys), span=name.span)

    def _attribute(self, name: tree.Name, node: Node) -> tree.AttributeDecl:
        keys = self.keys(node, f"the attribute {name.text}", ("type", "value", "doc"))
        value = self.needed(keys.get("value"), name.span, "value")
        return tree.AttributeDecl(name, self.name(keys.get("type")), value, self.doc(keys), span=name.span)

    def _variable(self, name: tree.Name, node: Node) -> tree.VarDecl:
        type_, keys = self._typed(name, node, ("value",), "variable")
        return tree.VarDecl(name, type_, self.value(keys.get("value")), self.doc(keys), span=name.span)

    def _property(self, name: tree.Name, node: Node) -> tree.PropertyDecl:
        keys = self.keys(node, f"the property {name.text}", (*_PROPERTIES, "doc"))
        kinds = [key for key in keys if key in _PROPERTIES]
        kind: Any = kinds[0] if kinds else "never"
        if len(kinds) != 1:
            self.sink.error("TEN125", name.span, "a property is one of never, always and eventually")
            if not kinds:
                return tree.PropertyDecl(name, kind, tree.Literal_("bool", False, span=name.span), span=name.span)
        condition = self.needed(keys[kind], name.span, "the condition")
        return tree.PropertyDecl(name, kind, condition, self.doc(keys), span=name.span)

    def _migration(self, node: Node) -> tree.MigrateDecl:
        keys = self.keys(node, "a migration", ("from", "states", "set"))
        states = self.mapping(keys.get("states"), "a map of states")
        return tree.MigrateDecl(
            self.integer(keys.get("from")) or 0,
            tuple(
                tree.MigrateState(self.path(key), self.path(value), span=key.span)
                for key, value in (states.entries if states is not None else ())
            ),
            tuple(
                tree.MigrateSet(name, self.value(value), span=name.span)
                for name, value in self.named(keys.get("set"), "a map of variables")
            ),
            span=node.span,
        )
