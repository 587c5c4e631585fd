"""The syntax tree: what an author wrote, in one shape for both forms.

The text parser and the YAML loader build exactly these nodes; the checker, the lowering, the formatter and the editor
read them. The tree knows nothing of types, names or meaning, and nothing of Lark or PyYAML. Every node carries its
`Span`. Two files that say the same thing in the two forms give trees that are equal but for their spans.

Sequences are tuples, optional parts are `None`, and a name is a `Name`, so that a diagnostic can point at the name
alone. Nodes are frozen: a pass that wants to add something keeps a table of its own, keyed by node.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a source file. Lines and columns count from 1, in characters; the end is exclusive."""

    file: str
    line: int
    col: int
    end_line: int
    end_col: int


@dataclass(frozen=True, slots=True)
class Node:
    """The base of all nodes. Spans do not take part in equality."""

    span: Span = field(compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Name(Node):
    text: str


# -- types ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NamedType(Node):
    """A built-in scalar (`string`, `int`, …) or a declared name."""

    name: str


@dataclass(frozen=True, slots=True)
class LiteralType(Node):
    value: str


@dataclass(frozen=True, slots=True)
class ListType(Node):
    item: TypeNode


@dataclass(frozen=True, slots=True)
class MapType(Node):
    key: TypeNode
    value: TypeNode


@dataclass(frozen=True, slots=True)
class Field(Node):
    name: Name
    type: TypeNode


@dataclass(frozen=True, slots=True)
class RecordType(Node):
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class OptionalType(Node):
    item: TypeNode


@dataclass(frozen=True, slots=True)
class UnionType(Node):
    options: tuple[TypeNode, ...]


@dataclass(frozen=True, slots=True)
class SensitiveType(Node):
    item: TypeNode


TypeNode: TypeAlias = (
    NamedType | LiteralType | ListType | MapType | RecordType | OptionalType | UnionType | SensitiveType
)


# -- expressions (CEL) ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Literal_(Node):  # noqa: N801  # typing has taken the name
    """`null`, a bool, int, uint, double, string, bytes or duration. A duration's value is its microseconds, an int."""

    kind: Literal["null", "bool", "int", "uint", "double", "string", "bytes", "duration"]
    value: bool | int | float | str | bytes | Decimal | None


@dataclass(frozen=True, slots=True)
class Interpolation(Node):
    """A string with `${…}` in it: literal texts and expressions in order, never two texts in a row."""

    parts: tuple[str | Expr, ...]


@dataclass(frozen=True, slots=True)
class Ident(Node):
    name: str


@dataclass(frozen=True, slots=True)
class Select(Node):
    """`operand.field`; with `optional`, `operand.?field`."""

    operand: Expr
    field: Name
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Index(Node):
    """`operand[index]`; with `optional`, `operand[?index]`."""

    operand: Expr
    index: Expr
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`function(args)`, or with a target the method form `target.function(args)`. Macros have this shape too."""

    target: Expr | None
    function: Name
    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Unary(Node):
    operator: Literal["!", "-"]
    operand: Expr


@dataclass(frozen=True, slots=True)
class Binary(Node):
    operator: Literal["||", "&&", "==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "%"]
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Conditional(Node):
    condition: Expr
    then: Expr
    otherwise: Expr


@dataclass(frozen=True, slots=True)
class ListExpr(Node):
    """`[a, ?b]`: `optional` holds the positions of the elements written with `?`."""

    items: tuple[Expr, ...]
    optional: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class MapEntry(Node):
    key: Expr
    value: Expr
    optional: bool = False


@dataclass(frozen=True, slots=True)
class MapExpr(Node):
    entries: tuple[MapEntry, ...]


Expr: TypeAlias = (
    Literal_ | Interpolation | Ident | Select | Index | Call | Unary | Binary | Conditional | ListExpr | MapExpr
)


# -- shared pieces -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Arg(Node):
    """An argument of a durable operation; `name` is None when it is positional."""

    name: Name | None
    value: Expr


@dataclass(frozen=True, slots=True)
class Param(Node):
    name: Name
    type: TypeNode
    default: Expr | None = None


@dataclass(frozen=True, slots=True)
class Timeout(Node):
    """`timeout 30s` sets `attempt`; the named limits set theirs. Each is a duration expression."""

    attempt: Expr | None = None
    overall: Expr | None = None
    queued: Expr | None = None
    heartbeat: Expr | None = None


@dataclass(frozen=True, slots=True)
class Retry(Node):
    """`retry N times backoff D factor F up to M unless Codes`: N further attempts after the first."""

    times: Expr
    backoff: Expr | None = None
    factor: Expr | None = None
    up_to: Expr | None = None
    unless: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class Path(Node):
    """A dotted state path, as written."""

    names: tuple[Name, ...]


# -- top-level declarations ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Import(Node):
    path: str


@dataclass(frozen=True, slots=True)
class TypeDecl(Node):
    name: Name
    type: TypeNode
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class ErrorDecl(Node):
    name: Name
    fields: tuple[Field, ...] = ()
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class ConfigDecl(Node):
    name: Name
    type: TypeNode
    default: Expr | None = None
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class PythonBinding(Node):
    """`module:callable`, as written."""

    target: str


@dataclass(frozen=True, slots=True)
class Header(Node):
    name: str
    value: Expr


@dataclass(frozen=True, slots=True)
class HttpBinding(Node):
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]
    url: Expr
    headers: tuple[Header, ...] = ()
    body: Expr | None = None
    result: Expr | None = None


@dataclass(frozen=True, slots=True)
class SqlBinding(Node):
    statement: str


@dataclass(frozen=True, slots=True)
class Raises(Node):
    codes: tuple[Name, ...]
    when: Expr | None = None


@dataclass(frozen=True, slots=True)
class Rate(Node):
    count: Expr
    per: Expr


@dataclass(frozen=True, slots=True)
class ActivityDecl(Node):
    name: Name
    params: tuple[Param, ...]
    returns: TypeNode | None = None
    binding: PythonBinding | HttpBinding | SqlBinding | None = None
    raises: tuple[Raises, ...] = ()
    timeout: Timeout | None = None
    retry: Retry | None = None
    effect: Name | None = None
    queue: Expr | None = None
    rate: Rate | None = None
    priority: Expr | None = None
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class SignalDecl(Node):
    name: Name
    params: tuple[Param, ...]
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class UpdateDecl(Node):
    name: Name
    params: tuple[Param, ...]
    returns: TypeNode | None = None
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class QueryDecl(Node):
    name: Name
    returns: TypeNode | None
    value: Expr
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class AttributeDecl(Node):
    name: Name
    type: Name
    value: Expr
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class VarDecl(Node):
    name: Name
    type: TypeNode
    value: Expr | None = None
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class PropertyDecl(Node):
    name: Name
    kind: Literal["never", "always", "eventually"]
    value: Expr
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class MigrateState(Node):
    source: Path
    target: Path


@dataclass(frozen=True, slots=True)
class MigrateSet(Node):
    name: Name
    value: Expr


@dataclass(frozen=True, slots=True)
class MigrateDecl(Node):
    version: int
    states: tuple[MigrateState, ...] = ()
    sets: tuple[MigrateSet, ...] = ()


# -- steps ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Block(Node):
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Undo(Node):
    activity: Name
    args: tuple[Arg, ...]


@dataclass(frozen=True, slots=True)
class CallStep(Node):
    """`call f(args) [with …] [undo g(args)]`: an activity or a child workflow, by name."""

    callee: Name
    args: tuple[Arg, ...]
    timeout: Timeout | None = None
    retry: Retry | None = None
    queue: Expr | None = None
    priority: Expr | None = None
    undo: Undo | None = None


@dataclass(frozen=True, slots=True)
class StartStep(Node):
    workflow: Name
    args: tuple[Arg, ...]
    id: Expr | None = None
    on_close: Literal["abandon", "cancel", "terminate"] | None = None


@dataclass(frozen=True, slots=True)
class ForStep(Node):
    variable: Name
    items: Expr
    body: Block
    at_most: Expr | None = None


@dataclass(frozen=True, slots=True)
class Branch(Node):
    name: Name
    body: Block


@dataclass(frozen=True, slots=True)
class ParallelStep(Node):
    branches: tuple[Branch, ...]


Durable: TypeAlias = CallStep | StartStep | ForStep | ParallelStep


@dataclass(frozen=True, slots=True)
class LetStep(Node):
    """`let x = expression` or `let x = call …`."""

    name: Name
    type: TypeNode | None
    value: Expr | Durable


@dataclass(frozen=True, slots=True)
class AssignStep(Node):
    """`x = …` or `x.a[i] = …`: the root name, then its path of field names and index expressions."""

    name: Name
    path: tuple[Name | Expr, ...]
    value: Expr | Durable


@dataclass(frozen=True, slots=True)
class WaitStep(Node):
    duration: Expr


@dataclass(frozen=True, slots=True)
class WaitUntilStep(Node):
    time: Expr


@dataclass(frozen=True, slots=True)
class WaitForStep(Node):
    condition: Expr
    within: Expr | None = None


@dataclass(frozen=True, slots=True)
class ReceiveStep(Node):
    signal: Name
    binding: Name | None = None
    guard: Expr | None = None
    within: Expr | None = None


@dataclass(frozen=True, slots=True)
class IfStep(Node):
    condition: Expr
    then: Block
    otherwise: Block | None = None
    """`else if` is a block with one `IfStep` in it, in both forms."""


@dataclass(frozen=True, slots=True)
class RepeatStep(Node):
    body: Block
    until: Expr
    every: Expr | None = None
    at_most: Expr | None = None


@dataclass(frozen=True, slots=True)
class Catch(Node):
    """No codes: catches every error."""

    codes: tuple[Name, ...]
    binding: Name | None
    body: Block


@dataclass(frozen=True, slots=True)
class TryStep(Node):
    body: Block
    catches: tuple[Catch, ...]
    finally_: Block | None = None


@dataclass(frozen=True, slots=True)
class SendStep(Node):
    signal: Name
    args: tuple[Arg, ...]
    to: Expr


@dataclass(frozen=True, slots=True)
class CompensateStep(Node):
    pass


@dataclass(frozen=True, slots=True)
class CommitStep(Node):
    pass


@dataclass(frozen=True, slots=True)
class DiscardStep(Node):
    signal: Name


@dataclass(frozen=True, slots=True)
class ReplyStep(Node):
    value: Expr


@dataclass(frozen=True, slots=True)
class LogStep(Node):
    value: Expr


@dataclass(frozen=True, slots=True)
class YieldStep(Node):
    value: Expr


@dataclass(frozen=True, slots=True)
class ReturnStep(Node):
    value: Expr | None = None


@dataclass(frozen=True, slots=True)
class FailStep(Node):
    error: Name
    args: tuple[Arg, ...] = ()


@dataclass(frozen=True, slots=True)
class ContinueStep(Node):
    """`continue with (…)`, allowed in a final state only."""

    args: tuple[Arg, ...]


Step: TypeAlias = (
    LetStep
    | AssignStep
    | CallStep
    | StartStep
    | ForStep
    | ParallelStep
    | WaitStep
    | WaitUntilStep
    | WaitForStep
    | ReceiveStep
    | IfStep
    | RepeatStep
    | TryStep
    | SendStep
    | CompensateStep
    | CommitStep
    | DiscardStep
    | ReplyStep
    | LogStep
    | YieldStep
    | ReturnStep
    | FailStep
)


# -- states and transitions ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DoneTrigger(Node):
    pass


@dataclass(frozen=True, slots=True)
class SignalTrigger(Node):
    signal: Name
    binding: Name | None = None


@dataclass(frozen=True, slots=True)
class UpdateTrigger(Node):
    update: Name
    binding: Name | None = None


@dataclass(frozen=True, slots=True)
class ErrorTrigger(Node):
    """No codes: any error."""

    codes: tuple[Name, ...] = ()
    binding: Name | None = None


@dataclass(frozen=True, slots=True)
class CancelTrigger(Node):
    pass


@dataclass(frozen=True, slots=True)
class AfterTrigger(Node):
    duration: Expr


@dataclass(frozen=True, slots=True)
class AtTrigger(Node):
    time: Expr


@dataclass(frozen=True, slots=True)
class EveryTrigger(Node):
    """A duration, a `cron(…)` call, or a variable that holds a schedule."""

    schedule: Expr


@dataclass(frozen=True, slots=True)
class WhenTrigger(Node):
    """An eventless transition: the transition's guard is its trigger."""


Trigger: TypeAlias = (
    DoneTrigger
    | SignalTrigger
    | UpdateTrigger
    | ErrorTrigger
    | CancelTrigger
    | AfterTrigger
    | AtTrigger
    | EveryTrigger
    | WhenTrigger
)


@dataclass(frozen=True, slots=True)
class Target(Node):
    path: Path
    history: bool = False


@dataclass(frozen=True, slots=True)
class Transition(Node):
    """A trigger, a guard and a reaction: `-> target { actions }`, `{ actions }`, or `do { work } [-> target]`.

    `actions` and `work` exclude each other. A transition with none of target, actions and work is kept in the tree so
    that the checker can say what is missing.
    """

    trigger: Trigger
    guard: Expr | None = None
    target: Target | None = None
    actions: Block | None = None
    work: Block | None = None


@dataclass(frozen=True, slots=True)
class Defer(Node):
    """`defer a, b, cancel`; the name `cancel` stands for cancellation."""

    names: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class StateBody(Node):
    """What a workflow, a state and a region have in common. Order within each kind is document order."""

    do: Block | None = None
    entry: Block | None = None
    exit: Block | None = None
    defers: tuple[Defer, ...] = ()
    transitions: tuple[Transition, ...] = ()
    states: tuple[State, ...] = ()
    regions: tuple[Region, ...] = ()
    ending: ReturnStep | FailStep | ContinueStep | None = None
    """The one `return`, `fail` or `continue with` of a final state."""


@dataclass(frozen=True, slots=True)
class State(Node):
    name: Name
    kind: Literal["plain", "initial", "final"]
    body: StateBody
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class Region(Node):
    name: Name
    body: StateBody
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class WorkflowDecl(Node):
    name: Name
    params: tuple[Param, ...]
    returns: TypeNode | None
    body: StateBody
    doc: str | None = None
    version: int | None = None
    signals: tuple[SignalDecl, ...] = ()
    updates: tuple[UpdateDecl, ...] = ()
    queries: tuple[QueryDecl, ...] = ()
    attributes: tuple[AttributeDecl, ...] = ()
    variables: tuple[VarDecl, ...] = ()
    properties: tuple[PropertyDecl, ...] = ()
    migrations: tuple[MigrateDecl, ...] = ()


# -- tests ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GivenStep(Node):
    args: tuple[Arg, ...]


@dataclass(frozen=True, slots=True)
class Outcome(Node):
    """What a mocked call does: `returns e`, `fails Code(args)` or `hangs`."""

    kind: Literal["returns", "fails", "hangs"]
    value: Expr | None = None
    error: Name | None = None
    args: tuple[Arg, ...] = ()


@dataclass(frozen=True, slots=True)
class MockStep(Node):
    activity: Name
    args: tuple[Arg, ...] | None
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class TestSend(Node):
    signal: Name
    args: tuple[Arg, ...]


@dataclass(frozen=True, slots=True)
class TestUpdate(Node):
    update: Name
    args: tuple[Arg, ...]
    replies: Expr | None = None


@dataclass(frozen=True, slots=True)
class TestCancel(Node):
    pass


@dataclass(frozen=True, slots=True)
class AdvanceStep(Node):
    duration: Expr


@dataclass(frozen=True, slots=True)
class ExpectStep(Node):
    condition: Expr


TestStep: TypeAlias = GivenStep | MockStep | TestSend | TestUpdate | TestCancel | AdvanceStep | ExpectStep


@dataclass(frozen=True, slots=True)
class TestDecl(Node):
    name: str
    steps: tuple[TestStep, ...]


Declaration: TypeAlias = Import | TypeDecl | ErrorDecl | ConfigDecl | ActivityDecl | WorkflowDecl | TestDecl


@dataclass(frozen=True, slots=True)
class Comment(Node):
    """A comment, its text from `#` on. `trailing` when something stands before it on its line."""

    text: str
    trailing: bool


@dataclass(frozen=True, slots=True)
class File(Node):
    """One source file. `form` and `comments` do not take part in equality: they differ between the two forms."""

    declarations: tuple[Declaration, ...]
    form: Literal["text", "yaml"] = field(default="text", compare=False)
    comments: tuple[Comment, ...] = field(default=(), compare=False)
