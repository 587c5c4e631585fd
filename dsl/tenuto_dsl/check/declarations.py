"""The declarations of a file and of those it imports: one flat table for each kind.

Two passes: first all names are entered, then what they refer to is resolved, so that order in a file means nothing.
Activities and workflows share one table of names, because `call` reaches both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tenuto_interpreter.ir import BUILTIN_ERRORS, TERMINATED
from tenuto_interpreter.types import SCALARS, STRING, Optional, Record, Ref, Sensitive, Type, Union

from tenuto_dsl.check import scopes
from tenuto_dsl.check.facts import (
    ActivityFacts,
    ConfigFacts,
    ErrorFacts,
    Facts,
    MessageFacts,
    Parameter,
    WorkflowSignature,
)
from tenuto_dsl.diagnostics import Diagnostics, Spelled, nearest
from tenuto_dsl.syntax import tree


@dataclass(slots=True)
class Declarations:
    """Everything that workflows of a file may refer to. `messages` are the signals and updates of each workflow."""

    facts: Facts
    types: dict[str, Type] = field(default_factory=dict)
    errors: dict[str, ErrorFacts] = field(default_factory=dict)
    config: dict[str, ConfigFacts] = field(default_factory=dict)
    activities: dict[str, ActivityFacts] = field(default_factory=dict)
    workflows: dict[str, WorkflowSignature] = field(default_factory=dict)
    messages: dict[str, dict[str, MessageFacts]] = field(default_factory=dict)

    def error(self, name: tree.Name, sink: Diagnostics) -> ErrorFacts | None:
        """The error of that name, or None after a diagnostic."""
        found = self.errors.get(name.text)
        if found is None:
            close = nearest(name.text, self.errors)
            hint = (
                f"did you mean {close}?"
                if close
                else Spelled(f"declare it: `error {name.text}`", f"declare it below `errors`: `{name.text}: null`")
            )
            sink.error("TEN202", name.span, f"no error {name.text} is declared", hint)
        return found

    def signal_senders(self, name: str) -> list[MessageFacts]:
        """The signals of that name, of whatever workflow."""
        return [m for messages in self.messages.values() if (m := messages.get(name)) and m.kind == "signal"]


def collect(files: Sequence[tree.File], facts: Facts, sink: Diagnostics) -> Declarations:
    """The declarations of files, imported ones first."""
    table = Declarations(facts)
    nodes = [node for file in files for node in file.declarations]
    kept = _Names(sink).enter(nodes)
    for code in BUILTIN_ERRORS:
        table.errors[code] = ErrorFacts(code, ())
    _resolve_types(table, [node for node in kept if isinstance(node, tree.TypeDecl)], sink)
    for node in kept:
        _resolve(table, node, sink)
    return table


class _Names:
    """The first declaration of each name counts; every other one is an error that shows where the first stands."""

    def __init__(self, sink: Diagnostics) -> None:
        self.sink = sink
        self.first: dict[tuple[str, str], tuple[str, tree.Name]] = {}

    def enter(self, nodes: Iterable[tree.Declaration]) -> list[tree.Declaration]:
        return [node for node in nodes if self._is_first(node)]

    def _is_first(self, node: tree.Declaration) -> bool:
        match node:
            case tree.TypeDecl(name=name):
                table, kind = "type", "type"
            case tree.ErrorDecl(name=name):
                table, kind = "error", "error"
            case tree.ConfigDecl(name=name):
                table, kind = "config", "config value"
            case tree.ActivityDecl(name=name):
                table, kind = "callable", "activity"
            case tree.WorkflowDecl(name=name):
                table, kind = "callable", "workflow"
            case _:
                return True
        if self._is_built_in(table, name):
            return False
        known = self.first.get((table, name.text))
        if known is None:
            self.first[table, name.text] = (kind, name)
            return True
        told_kind, told = known
        where = f"at line {told.span.line}"
        if told.span.file != name.span.file:
            where = f"in {told.span.file}, line {told.span.line}"
        as_what = "" if told_kind == kind else f" as {'an' if told_kind == 'activity' else 'a'} {told_kind}"
        self.sink.error("TEN200", name.span, f"the {kind} {name.text} is declared already{as_what}, {where}")
        return False

    def _is_built_in(self, table: str, name: tree.Name) -> bool:
        if table == "error" and name.text in (*BUILTIN_ERRORS, TERMINATED):
            self.sink.error("TEN205", name.span, f"the error {name.text} is built in and cannot be declared")
            return True
        if table == "type" and (name.text in SCALARS or name.text == "map"):
            self.sink.error("TEN205", name.span, f"the type {name.text} is built in and cannot be declared")
            return True
        return False


# -- types ------------------------------------------------------------------------------------------------------------


def _resolve_types(table: Declarations, nodes: list[tree.TypeDecl], sink: Diagnostics) -> None:
    names = [node.name.text for node in nodes]
    for name in names:
        # Entered before any is resolved, so that each may refer to every other.
        table.types[name] = scopes.UNKNOWN
    resolved = {node.name.text: scopes.resolve(node.type, table.types, sink) for node in nodes}
    endless = _circles({name: _met_at_once(type_) for name, type_ in resolved.items()})
    bottomless = _circles({name: _needed(type_) for name, type_ in resolved.items() if name not in endless})
    for node in nodes:
        name = node.name.text
        if name in endless:
            message = f"the type {name} is defined by itself, with nothing in between"
            sink.error("TEN215", node.name.span, message, "put it into a record, a list or a map")
            continue
        table.types[name] = resolved[name]
        if name in bottomless:
            message = f"no value of the type {name} ever ends: each holds a further one"
            sink.warning("TEN215", node.name.span, message, "make the field that leads back optional, or a list")


def _circles(met: dict[str, set[str]]) -> set[str]:
    """The names that following what is met at each leads back to.

    Names that lead to no other are taken away until none is left, then those that no other leads to: what remains goes
    round in circles.
    """
    leads_to = {name: others & met.keys() for name, others in met.items()}
    led_from: dict[str, set[str]] = {name: set() for name in met}
    for name, others in leads_to.items():
        for other in others:
            led_from[other].add(name)
    left = set(met)
    for edges, back in ((leads_to, led_from), (led_from, leads_to)):
        pending = [name for name in left if not edges[name] & left]
        while pending:
            name = pending.pop()
            left.discard(name)
            pending.extend(other for other in back[name] & left if not edges[other] & left)
    return left


def _needed(type_: Type) -> set[str]:
    """The names in a type of which every value of it holds one."""
    found: set[str] = set()
    pending = [type_]
    while pending:
        match pending.pop():
            case Ref(name=name):
                found.add(name)
            case Sensitive(item=item):
                pending.append(item)
            case Record(fields=fields):
                pending.extend(field.type for field in fields)
    return found


def _met_at_once(type_: Type) -> set[str]:
    """The names in a type that stand for the value itself, not for a part of it."""
    found: set[str] = set()
    pending = [type_]
    while pending:
        match pending.pop():
            case Ref(name=name):
                found.add(name)
            case Optional(item=item) | Sensitive(item=item):
                pending.append(item)
            case Union(options=options):
                pending.extend(options)
            case _:
                pass
    return found


# -- everything else --------------------------------------------------------------------------------------------------


def _resolve(table: Declarations, node: tree.Declaration, sink: Diagnostics) -> None:
    match node:
        case tree.ErrorDecl(name=name, fields=fields):
            table.errors[name.text] = ErrorFacts(name.text, _fields(table, fields, sink), node)
            _hidden(fields, table, sink)
        case tree.ConfigDecl(name=name, type=type_):
            table.config[name.text] = ConfigFacts(name.text, scopes.resolve(type_, table.types, sink), node)
        case tree.ActivityDecl(name=name, params=params, returns=returns):
            resolved = resolve_params(table, params, sink)
            table.activities[name.text] = ActivityFacts(name.text, resolved, _maybe(table, returns, sink), node)
        case tree.WorkflowDecl(name=name, params=params, returns=returns):
            resolved = resolve_params(table, params, sink)
            table.workflows[name.text] = WorkflowSignature(name.text, resolved, _maybe(table, returns, sink), node)
            table.messages[name.text] = _messages(table, node, sink)
        case _:
            pass


def _maybe(table: Declarations, node: tree.TypeNode | None, sink: Diagnostics) -> Type | None:
    return None if node is None else scopes.resolve(node, table.types, sink)


def _fields(table: Declarations, fields: tuple[tree.Field, ...], sink: Diagnostics) -> tuple[tuple[str, Type], ...]:
    found: dict[str, Type] = {}
    for item in fields:
        if item.name.text in found:
            sink.error("TEN200", item.name.span, f"the field {item.name.text} is declared twice")
        else:
            found[item.name.text] = scopes.resolve(item.type, table.types, sink)
    return tuple(found.items())


def _hidden(fields: tuple[tree.Field, ...], table: Declarations, sink: Diagnostics) -> None:
    """Every error has a code and a message of its own; a field of that name stands in for it."""
    for item in fields:
        if item.name.text == "code":
            message = "this field hides the code that every error has: e.code will be the field"
            sink.warning("TEN231", item.name.span, message, "give the field another name")
        elif item.name.text == "message" and scopes.resolve(item.type, table.types, Diagnostics()) != STRING:
            message = "the message of an error is a string"
            sink.error("TEN231", item.name.span, message, "give the field another name, or the type string")


def resolve_params(table: Declarations, params: tuple[tree.Param, ...], sink: Diagnostics) -> tuple[Parameter, ...]:
    """Parameters with their types, each name once."""
    found: dict[str, Parameter] = {}
    for param in params:
        if param.name.text in found:
            sink.error("TEN200", param.name.span, f"the parameter {param.name.text} is declared twice")
        else:
            type_ = scopes.resolve(param.type, table.types, sink)
            found[param.name.text] = Parameter(param.name.text, type_, param)
    return tuple(found.values())


def _messages(table: Declarations, node: tree.WorkflowDecl, sink: Diagnostics) -> dict[str, MessageFacts]:
    """Signals and updates share one table: both can be deferred by name."""
    found: dict[str, MessageFacts] = {}
    declared: list[tree.SignalDecl | tree.UpdateDecl] = [*node.signals, *node.updates]
    for message in declared:
        name = message.name
        if name.text in found:
            first = found[name.text].node.name.span.line
            sink.error("TEN200", name.span, f"the message {name.text} is declared already, at line {first}")
            continue
        if name.text == "cancel":
            sink.error("TEN205", name.span, "`cancel` is built in: every workflow can be asked to cancel")
            continue
        params = resolve_params(table, message.params, sink)
        if isinstance(message, tree.UpdateDecl):
            found[name.text] = MessageFacts("update", name.text, params, _maybe(table, message.returns, sink), message)
        else:
            found[name.text] = MessageFacts("signal", name.text, params, None, message)
    return found
