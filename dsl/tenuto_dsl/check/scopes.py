"""Names as statements see them: the bridge from blocks, which declare and assign, to the expression checker's scopes.

A `Names` grows while its block is read: declarations enter it, conditions add what they show, assignments and waits
take it away again, from the scopes around as well. Nothing shadows, so a declaration looks outwards before it enters.

Every other module of the statement checker reaches the expression checker through this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias

from tenuto_interpreter import ir
from tenuto_interpreter.expr.kinds import UNKNOWN
from tenuto_interpreter.frozen import frozen
from tenuto_interpreter.types import ANY, INT, STRING, TIMESTAMP, MapOf, Record, RecordField, Type

from tenuto_dsl.check.expressions import (
    Allow,
    Binding,
    Checked,
    Scope,
    assignable,
    check_expression,
    narrowings,
    resolve_type,
)
from tenuto_dsl.check.expressions.relations import core, join, may_be_null, type_text, without_null
from tenuto_dsl.diagnostics import Diagnostics, Spelled
from tenuto_dsl.syntax import tree

if TYPE_CHECKING:
    from tenuto_dsl.check.context import Context
    from tenuto_dsl.check.declarations import Declarations
    from tenuto_dsl.check.trace import Trace

Kind: TypeAlias = Literal["parameter", "var", "let", "binding", "loop variable", "namespace"]

_NOTES: dict[Kind, str] = {
    "parameter": "a parameter",
    "var": "a variable of the workflow",
    "let": "a `let`",
    "binding": "the binding of an event",
    "loop variable": "a loop variable",
    "namespace": "a namespace",
}

WORKFLOW = Record(
    (
        RecordField("id", STRING),
        RecordField("run_id", STRING),
        RecordField("name", STRING),
        RecordField("version", INT),
        RecordField("state", STRING),
        RecordField("started_at", TIMESTAMP),
        RecordField("fired_at", TIMESTAMP),
    )
)
"""The namespace `workflow`. `fired_at` is when the latest tick of an `every` was due; before the first, the start."""

ACTIVITY = Record(
    (
        RecordField("idempotency_key", STRING),
        RecordField("attempt", INT),
        RecordField("name", STRING),
        RecordField("workflow_id", STRING),
        RecordField("run_id", STRING),
    )
)
"""The namespace `activity` in bindings: the attempt being made."""

RESPONSE = Record((RecordField("status", INT), RecordField("headers", MapOf(STRING)), RecordField("body", ANY)))

SQL_ERROR = Record((RecordField("sqlstate", STRING), RecordField("message", STRING), RecordField("constraint", STRING)))
"""What `raises … when` of an SQL activity sees of the error; `constraint` is empty where none was violated."""

_OUTSIDE_OF_TIME = Allow(now=False, active=False)
"""For what is evaluated by itself: defaults, config, bindings."""


@frozen
class Entry:
    """A name in scope. `depth` counts the forks around its declaration; `local` is -1 for what is no local."""

    kind: Kind
    type: Type
    local: int
    depth: int
    span: tree.Span | None


class Names:
    """The names at one place of a block, and what is known about them there."""

    def __init__(self, scope: Scope | None = None, parent: Names | None = None) -> None:
        self.scope = scope if scope is not None else Scope({}, {})
        self.parent = parent
        self.own: dict[str, Entry] = {}

    def inner(self, allow: Allow | None = None) -> Names:
        """A scope inside this one."""
        return Names(self.scope.child({}, allow), self)

    # -- names --------------------------------------------------------------------------------------------------------

    def find(self, name: str) -> Entry | None:
        names: Names | None = self
        while names is not None:
            if name in names.own:
                return names.own[name]
            names = names.parent
        return None

    def entries(self) -> dict[str, Entry]:
        """Every name in scope."""
        outer = self.parent.entries() if self.parent is not None else {}
        return {**outer, **self.own}

    def declare(
        self, name: tree.Name, type_: Type, place: ir.Expr, kind: Kind, sink: Diagnostics, *, depth: int = 0
    ) -> bool:
        """Enter a name that may not be taken; answers whether it was free."""
        known = self.find(name.text)
        if known is None:
            self.enter(name, type_, place, kind, depth=depth)
            return True
        if known.kind == "namespace":
            sink.error("TEN205", name.span, f"the name {name.text} is taken by the language")
        else:
            line = f" (line {known.span.line})" if known.span is not None else ""
            message = f"{name.text} is already the name of {_NOTES[known.kind]}{line}"
            other = "names do not shadow each other: take another one"
            assigned = Spelled(f"{other}, or assign the variable without `let`",
                               f"{other}, or assign the variable by `into: {name.text}` or `set`")  # fmt: skip
            is_variable = known.kind == "var" and kind == "let"
            sink.error("TEN204", name.span, message, assigned if is_variable else other)
        return False

    def enter(self, name: tree.Name, type_: Type, place: ir.Expr, kind: Kind, *, depth: int = 0) -> None:
        """Enter a name, over whatever it meant before."""
        self.bind(name.text, type_, place, kind, depth=depth, span=name.span)

    def bind(
        self, name: str, type_: Type, place: ir.Expr, kind: Kind, *, depth: int = 0, span: tree.Span | None = None
    ) -> None:
        local = place[1] if place[0] == "local" else -1
        self.own[name] = Entry(kind, type_, local, depth, span)
        self.scope = self.scope.child({name: Binding(type_, place, _NOTES[kind])})

    # -- what is known ------------------------------------------------------------------------------------------------

    def learn(self, condition: tree.Expr, *, holds: bool) -> None:
        """Take up what a condition shows when it is true, or false."""
        when_true, when_false = narrowings(condition, self.scope)
        self.scope = self.scope.assume(when_true if holds else when_false)

    def learn_from(self, other: Names) -> None:
        """Take up what is known in a scope inside this one, when only its path goes on."""
        self.scope = self.scope.assume(other.scope.facts)

    def learn_of(self, name: str, other: Names) -> None:
        """Take up what is known in another scope about the parts of one name."""
        self.scope = self.scope.assume({p: t for p, t in other.scope.facts.items() if p[0] == name and len(p) > 1})

    def forget(self, name: str, *fields: str) -> None:
        """After an assignment: nothing is known of a name, or of a part of it, but its type, here and around."""
        names: Names | None = self
        while names is not None:
            names.scope = names.scope.forget(name, *fields)
            names = names.parent

    def assigned(self, name: str, type_: Type, given: Type) -> None:
        """What has just got a value that is not null is not null."""
        types = self.scope.types
        if may_be_null(type_, types) and given != UNKNOWN and not accepts_null(given, types):
            self.scope = self.scope.assume({(name,): without_null(type_, types)})

    def forget_variables(self) -> None:
        """After a wait: others may have assigned any variable."""
        for name in {path[0] for path in self.scope.facts}:
            entry = self.find(name)
            if entry is not None and entry.kind == "var":
                self.forget(name)


# -- where names begin ------------------------------------------------------------------------------------------------


def config_names(declarations: Declarations) -> Names:
    """The config alone: what defaults see."""
    return _with_config(Names(Scope({}, declarations.types, _OUTSIDE_OF_TIME)), declarations)


def workflow_names(declarations: Declarations, states: Mapping[str, str]) -> Names:
    """The config and the workflow. `states` are the paths that `active` may ask for, by what they may be called."""
    works = declarations.activities.keys() | declarations.workflows.keys()
    names = _with_config(Names(Scope({}, declarations.types, states=states, works=works)), declarations)
    names.bind("workflow", WORKFLOW, ("workflow",), "namespace")
    return names


def activity_names(declarations: Declarations, *, secret: bool, dynamic: bool = False) -> Names:
    """What the expressions of an activity see beside its parameters."""
    allow = Allow(now=False, active=False, secret=secret, dynamic=dynamic)
    names = _with_config(Names(Scope({}, declarations.types, allow)), declarations)
    if secret:
        names.bind("activity", ACTIVITY, ("activity",), "namespace")
    return names


def nothing(declarations: Declarations) -> Names:
    """No names at all: what the defaults of the config see."""
    return Names(Scope({}, declarations.types, _OUTSIDE_OF_TIME))


def _with_config(names: Names, declarations: Declarations) -> Names:
    fields = tuple(RecordField(config.name, config.type) for config in declarations.config.values())
    names.bind("config", Record(fields), ("config",), "namespace")
    return names


# -- expressions and types --------------------------------------------------------------------------------------------


def checked(
    node: tree.Expr, names: Names, sink: Diagnostics, expected: Type | None = None, trace: Trace | None = None
) -> Checked:
    """Check an expression where these names are known."""
    return check_expression(node, names.scope, sink, expected, trace)


def resolve(node: tree.TypeNode, declared: Mapping[str, Type], sink: Diagnostics) -> Type:
    return resolve_type(node, declared, sink)


def plain(type_: Type, types: Mapping[str, Type]) -> Type:
    """The type behind declared names and `sensitive`."""
    return core(type_, types)


def accepts_null(type_: Type, types: Mapping[str, Type]) -> bool:
    """Whether null is a value of the type."""
    return may_be_null(type_, types) or core(type_, types) == ANY


def joined(first: Type, second: Type, types: Mapping[str, Type]) -> Type | None:
    return join(first, second, types)


def describe(type_: Type) -> str:
    """A type in a message."""
    return type_text(type_)


def require_assignable(source: Type, target: Type, context: Context, span: tree.Span) -> None:
    """Report a value that does not fit its place. For what is no expression: the value of a call or a loop."""
    if not assignable(source, target, context.declarations.types):
        message = f"{describe(target)} expected, found {describe(source)}"
        context.sink.error("TEN232", span, message)


__all__ = ["UNKNOWN", "Allow", "Entry", "Kind", "Names"]
