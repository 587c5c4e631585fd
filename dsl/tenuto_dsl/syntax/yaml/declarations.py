"""Whole files: declarations, workflows, states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.text.parse import in_order
from tenuto_dsl.syntax.yaml.compose import Document, Mapping, Node, Scalar, Sequence, compose
from tenuto_dsl.syntax.yaml.known import FINAL_ENDINGS, PROPERTY_KINDS, VERSION
from tenuto_dsl.syntax.yaml.shapes import Keys, is_long
from tenuto_dsl.syntax.yaml.table import (
    ATTRIBUTE,
    CONFIG_VALUE,
    ERROR,
    FAIL,
    MIGRATION,
    PROPERTY,
    QUERY,
    REGION,
    SIGNAL,
    STATE,
    TYPE,
    UPDATE,
    VARIABLE,
    WORKFLOW,
    WORKFLOW_FILE,
)
from tenuto_dsl.syntax.yaml.tests import TestReader
from tenuto_dsl.syntax.yaml.transitions import TransitionReader
from tenuto_dsl.syntax.yaml.values import is_null

if TYPE_CHECKING:
    from tenuto_dsl.diagnostics import Diagnostics


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
        keys = self.keys(node, WORKFLOW_FILE)
        version = self.text(keys.get("tenuto"))
        if version != VERSION and isinstance(node, Mapping):
            found = "is missing" if version is None else f"says {version[:20]}"
            self.sink.error("TEN121", keys["tenuto"].span if "tenuto" in keys else node.span,
                            f"the format marker {found}", f"begin the file with `tenuto: {VERSION}`")  # fmt: skip
        return [declaration for kind in keys if kind != "tenuto" for declaration in keys.read(kind)]

    def read_imports(self, node: Node) -> list[tree.Import]:
        files = [node] if isinstance(node, Scalar) and not is_null(node) else self.items(node, "a list of files")
        return [tree.Import(self.text(item) or "", span=item.span) for item in files]

    def read_types(self, node: Node) -> list[tree.TypeDecl]:
        return [self._type_decl(name, value) for name, value in self.named(node, "a map of types")]

    def read_errors(self, node: Node) -> list[tree.ErrorDecl]:
        return [self._error(name, value) for name, value in self.named(node, "a map of errors")]

    def read_config(self, node: Node) -> list[tree.ConfigDecl]:
        return [self._config(name, value) for name, value in self.named(node, "a map of config values")]

    def read_workflows(self, node: Node) -> list[tree.WorkflowDecl]:
        return [self._workflow(name, value) for name, value in self.named(node, "a map of workflows")]

    def _type_decl(self, name: tree.Name, node: Node) -> tree.TypeDecl:
        type_, keys = self.typed(name, node, TYPE)
        return tree.TypeDecl(name, type_, self.doc(keys), span=name.span)

    def _error(self, name: tree.Name, node: Node) -> tree.ErrorDecl:
        """`Name: null`, `Name: { its fields }`, or the long form."""
        if not is_long(node, ERROR):
            return tree.ErrorDecl(name, self.read_fields(node), span=name.span)
        keys = self.keys(node, ERROR, words=f"the error {name.text}")
        return tree.ErrorDecl(name, keys.read("fields"), self.doc(keys), span=name.span)

    def _config(self, name: tree.Name, node: Node) -> tree.ConfigDecl:
        type_, keys = self.typed(name, node, CONFIG_VALUE)
        return tree.ConfigDecl(name, type_, keys.read("default"), self.doc(keys), span=name.span)

    # -- states ----------------------------------------------------------------------------------------------------

    def _body(self, keys: Keys, span: tree.Span) -> tree.StateBody:
        defers: tuple[tree.Defer, ...] = keys.read("defer")
        return tree.StateBody(
            keys.read("do"), keys.read("entry"), keys.read("exit"), defers, keys.read("transitions"),
            keys.read("states"), keys.read("regions"), self._ending(keys), span=span,
        )  # fmt: skip

    def read_messages(self, node: Node) -> tuple[tree.Defer, ...]:
        """Names, or a list of lists of them where the text form has several `defer`."""
        several = isinstance(node, Sequence) and node.items and all(isinstance(i, Sequence) for i in node.items)
        items = node.items if several and isinstance(node, Sequence) else [node]
        return tuple(tree.Defer(names, span=item.span) for item in items if (names := self.names(item, ",")))

    def _ending(self, keys: Keys) -> Any:
        found = [key for key in FINAL_ENDINGS if key in keys]
        for second in found[1:]:
            self.sink.error("TEN111", keys[second].span, f"a final state has one ending; it has {found[0]} already")
        if "return" in keys:
            return self.return_(keys, keys["return"], keys["return"].span)
        if "fail" in keys:
            ending: tree.FailStep | None = keys.read("fail")
            args = keys.strays.get("args")  # said already: they stand inside
            if args is None or ending is None:
                return ending
            return tree.FailStep(ending.error, self.args(args), span=ending.span)
        if "continue_with" in keys:
            return tree.ContinueStep(keys.read("continue_with"), span=keys["continue_with"].span)
        return None

    def read_ending(self, node: Node) -> tree.FailStep:
        """`fail: Code`, or `fail: {fail, args}`."""
        if isinstance(node, Mapping):
            keys = self.keys(node, FAIL)
            return tree.FailStep(keys.read("fail"), keys.read("args"), span=node.span)
        return tree.FailStep(self.name(node), span=node.span)

    def read_states(self, node: Node) -> tuple[tree.State, ...]:
        return tuple(self._state(name, value) for name, value in self.named(node, "a map of states"))

    def read_regions(self, node: Node) -> tuple[tree.Region, ...]:
        return tuple(self._region(name, value) for name, value in self.named(node, "a map of regions"))

    def _state(self, name: tree.Name, node: Node) -> tree.State:
        keys = self.keys(node, STATE, words=f"the state {name.text}")
        initial, final = keys.read("initial"), keys.read("final")
        if initial and final:
            self.sink.error("TEN111", name.span, "a state is initial or final, not both")
        kind: Any = "final" if final else "initial" if initial else "plain"
        body = self._body(keys, name.span)
        return tree.State(name, kind, body, self.doc(keys), span=name.span, doc_span=self.doc_span(keys))

    def _region(self, name: tree.Name, node: Node) -> tree.Region:
        keys = self.keys(node, REGION, words=f"the region {name.text}")
        body = self._body(keys, name.span)
        return tree.Region(name, body, self.doc(keys), span=name.span, doc_span=self.doc_span(keys))

    # -- workflows -------------------------------------------------------------------------------------------------

    def _workflow(self, name: tree.Name, node: Node) -> tree.WorkflowDecl:
        keys = self.keys(node, WORKFLOW, words=f"the workflow {name.text}")
        signals = keys.get("signals")
        declared = [key.text for key, _ in signals.entries] if isinstance(signals, Mapping) else []
        self.own_triggers = tuple(trigger for trigger in TransitionReader.own_triggers if trigger not in declared)
        return tree.WorkflowDecl(
            name, keys.read("input"), keys.read("output"), self._body(keys, name.span), self.doc(keys),
            keys.read("version"), keys.read("signals"), keys.read("updates"), keys.read("queries"),
            keys.read("attributes"), keys.read("vars"), keys.read("properties"), keys.read("migrate"), span=name.span,
            doc_span=self.doc_span(keys), version_span=keys["version"].span if "version" in keys else None,
        )  # fmt: skip

    def read_signals(self, node: Node) -> tuple[tree.SignalDecl, ...]:
        return tuple(self._signal(name, value) for name, value in self.named(node, "a map of signals"))

    def read_updates(self, node: Node) -> tuple[tree.UpdateDecl, ...]:
        return tuple(self._update(name, value) for name, value in self.named(node, "a map of updates"))

    def read_queries(self, node: Node) -> tuple[tree.QueryDecl, ...]:
        return tuple(self._query(name, value) for name, value in self.named(node, "a map of queries"))

    def read_attributes(self, node: Node) -> tuple[tree.AttributeDecl, ...]:
        return tuple(self._attribute(name, value) for name, value in self.named(node, "a map of attributes"))

    def read_variables(self, node: Node) -> tuple[tree.VarDecl, ...]:
        return tuple(self._variable(name, value) for name, value in self.named(node, "a map of variables"))

    def read_properties(self, node: Node) -> tuple[tree.PropertyDecl, ...]:
        return tuple(self._property(name, value) for name, value in self.named(node, "a map of properties"))

    def read_migrations(self, node: Node) -> tuple[tree.MigrateDecl, ...]:
        return tuple(self._migration(item) for item in self.items(node, "a list of migrations"))

    def _signal(self, name: tree.Name, node: Node) -> tree.SignalDecl:
        """A map of parameters; one with a map under `params` is the long form, `{params, doc}`."""
        params = node.get("params") if isinstance(node, Mapping) else None
        if isinstance(params, Mapping):
            keys = self.keys(node, SIGNAL, words=f"the signal {name.text}")
            return tree.SignalDecl(name, keys.read("params"), self.doc(keys), span=name.span)
        return tree.SignalDecl(name, self.read_params(node), span=name.span)

    def _update(self, name: tree.Name, node: Node) -> tree.UpdateDecl:
        shown = f"its parameters stand in `params`: `{name.text}: {{ params: {{ … }} }}`"
        keys = self.keys(node, UPDATE, words=f"the update {name.text}", instead=shown)
        params = keys.read("params") if not keys.strays or keys else self.read_params(node)
        return tree.UpdateDecl(name, params, keys.read("returns"), self.doc(keys), span=name.span)

    def _query(self, name: tree.Name, node: Node) -> tree.QueryDecl:
        if not isinstance(node, Mapping):
            return tree.QueryDecl(name, None, self.value(node), span=name.span)
        keys = self.keys(node, QUERY, words=f"the query {name.text}", span=name.span)
        return tree.QueryDecl(name, keys.read("type"), keys.read("value"), self.doc(keys), span=name.span)

    def _attribute(self, name: tree.Name, node: Node) -> tree.AttributeDecl:
        keys = self.keys(node, ATTRIBUTE, words=f"the attribute {name.text}", span=name.span)
        value = keys.read("value")
        return tree.AttributeDecl(name, keys.read("type"), value, self.doc(keys), span=name.span)

    def _variable(self, name: tree.Name, node: Node) -> tree.VarDecl:
        type_, keys = self.typed(name, node, VARIABLE)
        return tree.VarDecl(name, type_, keys.read("value"), self.doc(keys), span=name.span)

    def _property(self, name: tree.Name, node: Node) -> tree.PropertyDecl:
        keys = self.keys(node, PROPERTY, words=f"the property {name.text}", span=name.span)
        kinds = [key for key in keys if key in PROPERTY_KINDS]
        kind: Any = kinds[0] if kinds else "never"
        if len(kinds) != 1:
            self.sink.error("TEN125", name.span, "a property is one of never, always and eventually")
            if not kinds:
                return tree.PropertyDecl(name, kind, tree.Literal_("bool", False, span=name.span), span=name.span)
        condition = self.needed(keys[kind], name.span, "the condition")
        return tree.PropertyDecl(name, kind, condition, self.doc(keys), span=name.span)

    def _migration(self, node: Node) -> tree.MigrateDecl:
        keys = self.keys(node, MIGRATION)
        sets = tuple(
            tree.MigrateSet(name, self.value(value), span=name.span)
            for name, value in self.named(keys.get("set"), "a map of variables")
        )
        return tree.MigrateDecl(keys.read("from") or 0, keys.read("states"), sets, span=node.span)

    def read_state_names(self, node: Node) -> tuple[tree.MigrateState, ...]:
        states = self.mapping(node, "a map of states")
        return tuple(
            tree.MigrateState(self.path(key), self.path(value), span=key.span)
            for key, value in (states.entries if states is not None else ())
        )
