"""The intermediate representation: a checked workflow, resolved to indices, as plain data.

One `Program` is one workflow with everything it refers to. It holds no source positions and no comments, so that the
text form and the YAML form of a workflow give the same bytes, and those bytes' SHA-256 (`Program.digest`) is the
definition a run is pinned to. Positions for people live beside it (`tenuto_dsl.lower.SourceMap`).

*Slots.* A workflow's parameters and variables share one vector: parameters first, then variables, each in document
order. What a block introduces (`let`, loop variables, the binding of an event) lives in the `locals` vector of the
block's frame. An instant block (entry, exit, actions of a transition) and a piece of durable work each have a frame of
their own; a transition's guard, actions and work see the event's binding in local 0.

*Expressions* are nested tuples of plain JSON values, `(operator, operand, …)`; `tenuto_interpreter.expr` owns their
operators and compiles them. A program lists each once and refers to it by index.

*Code.* A block is a vector of instructions, so that a place in it is one integer, and a snapshot that has stopped in
the middle of three nested loops is still a number and some locals. Errors find their handler through the block's
handler table, innermost first; nothing is pushed or popped while code runs well. The instructions, `e` an expression
index, `n` a local, `pc` an address in the same block:

    ("let", n, e)                    local n becomes e
    ("set", slot, e)                 variable slot becomes e
    ("put", slot, path, e)           path assignment on a variable; path = tuple of ("name", field) | ("index", e)
    ("call", c, n | None)            calls[c]: schedule it and wait; its result goes to local n
    ("start", c, n | None)           calls[c]: start a child workflow and go on; its id goes to local n
    ("jump", pc)
    ("unless", e, pc)                jump when e is false
    ("iterate", n_items, n_next, e)  begin a loop over a list, or over a map's keys
    ("next", n_items, n_next, n_item, pc)   take the next item, or jump when there is none
    ("yield", n_acc, e)              append e to the list in local n_acc
    ("wait", e)                      a duration
    ("wait_until", e)                a timestamp
    ("wait_for", e, within e | None, n | None)      until e is true; n: whether it became true in time
    ("receive", signal, n, guard e | None, within e | None)   n: the message, for the guard and after
    ("mark", n)                      remember in local n that a `try` begins here
    ("compensate", n | None)         run the undos of what this block (and what it forked) has called since the mark in
                                     n, or all there are, newest first, and wait for them
    ("compensate", n, up)            the same for the block `up` forks further out, whose mark it is
    ("commit",)                      forget the undos so far
    ("fail", code, ((field, e), …))  raise a declared error; a field "message" is its message
    ("raise", n)                     raise again the error in local n
    ("return", e | None)             complete the workflow
    ("fork", n_items | None, ((block, …)), limit e | None, n_results | None)  concurrent blocks; join when all ended
    ("send", signal, ((field, e), …), to e)
    ("reply", e)
    ("discard", signal)
    ("log", e)
    ("amend", n, path, e)            path assignment on a local

*Frames of a fork.* A forked block starts with a copy of its parent's locals 0…p-1 (p is the parent block's `locals`)
and assigns none of them. Local p is the item (of a `for`) or null (of `parallel`), local p+1 the list its `yield`s
append to. With `n_items` there is one block, run once per item, at most `limit` at once; `n_results` receives all
yields, in the order of the items. Without, each block runs once.

A block ends by running off its end. A caught error in a local, or in a transition's binding, is a record
`{code, message, …its fields}`.
"""

from __future__ import annotations

import hashlib
from typing import Any, Literal, TypeAlias

import orjson

from tenuto_interpreter.frozen import frozen
from tenuto_interpreter.plain import from_plain, to_plain
from tenuto_interpreter.types import Type

FORMAT = 1
"""The version of this representation. A program of a newer format is refused by name, never guessed at."""

BUILTIN_ERRORS = ("Timeout", "Cancelled", "Exhausted", "ChildFailed", "Fault")

TERMINATED = "Terminated"
"""The error of a run that was terminated, as its parent is told. No author may declare it: its children's failures are
told from it by their code alone."""

Expr: TypeAlias = tuple[Any, ...]
"""A checked expression: `(operator, operand, …)` of plain values, see `tenuto_interpreter.expr`."""

Instruction: TypeAlias = tuple[Any, ...]

ExprIndex: TypeAlias = int
BlockIndex: TypeAlias = int
StateIndex: TypeAlias = int


@frozen
class TypeDecl:
    name: str
    type: Type


@frozen
class ErrorDecl:
    code: str
    fields: tuple[tuple[str, Type], ...]


@frozen
class Param:
    """A default is evaluated with the program's config in scope and nothing else."""

    name: str
    type: Type
    default: ExprIndex | None = None


@frozen
class Config:
    name: str
    type: Type
    default: ExprIndex | None = None


@frozen
class Variable:
    """An initial value may read the parameters, the config and the variables before it."""

    name: str
    type: Type
    initial: ExprIndex | None = None


@frozen
class Timeout:
    """Durations: of one attempt, of all attempts and the waits between, of waiting for a worker, between heartbeats."""

    attempt: ExprIndex | None = None
    overall: ExprIndex | None = None
    queued: ExprIndex | None = None
    heartbeat: ExprIndex | None = None


@frozen
class Retry:
    """`times` further attempts after the first. Defaults: backoff 1s, factor 2.0, up to 100 times the backoff."""

    times: ExprIndex
    backoff: ExprIndex | None = None
    factor: ExprIndex | None = None
    up_to: ExprIndex | None = None
    unless: tuple[str, ...] = ()


@frozen
class Http:
    """Expressions see the activity's arguments as locals 0…n-1, and `result` and `raises … when` the response as n."""

    method: str
    url: ExprIndex
    headers: tuple[tuple[str, ExprIndex], ...] = ()
    body: ExprIndex | None = None
    result: ExprIndex | None = None


@frozen
class Python:
    target: str


@frozen
class Sql:
    statement: str


@frozen
class Raises:
    codes: tuple[str, ...]
    when: ExprIndex | None = None


@frozen
class Activity:
    """Timeouts, retry, queue, priority and rate are expressions over the arguments (locals 0…n-1) and the config."""

    name: str
    params: tuple[Param, ...]
    returns: Type | None
    python: Python | None = None
    http: Http | None = None
    sql: Sql | None = None
    raises: tuple[Raises, ...] = ()
    timeout: Timeout = Timeout()
    retry: Retry | None = None
    effect: Literal["pure", "idempotent", "keyed", "transactional", "once"] | None = None
    queue: ExprIndex | None = None
    priority: ExprIndex | None = None
    rate: tuple[ExprIndex, ExprIndex] | None = None

    @property
    def transactional(self) -> bool:
        """Its effect is in the transaction that records its success: an attempt that is lost has had none."""
        return self.sql is not None or self.effect == "transactional"


@frozen
class Undo:
    """`uses_result`: its arguments read the call's result, so they are evaluated when the call has succeeded, and an
    unknown outcome (a timeout) pushes nothing. Otherwise they are evaluated when the call is scheduled. An activity
    (index), or a workflow (name) that runs as a child."""

    activity: int | None
    args: tuple[ExprIndex, ...]
    uses_result: bool
    workflow: str | None = None
    arg_names: tuple[str, ...] = ()


@frozen
class Call:
    """An operation of a block: an activity (index) or a child workflow (name). One argument per parameter, in order,
    defaults filled in. Options given here replace the activity's, limit by limit; they see the caller's frame."""

    activity: int | None
    workflow: str | None
    args: tuple[ExprIndex, ...]
    arg_names: tuple[str, ...] = ()
    timeout: Timeout = Timeout()
    retry: Retry | None = None
    queue: ExprIndex | None = None
    priority: ExprIndex | None = None
    undo: Undo | None = None
    id: ExprIndex | None = None
    on_close: Literal["abandon", "cancel", "terminate"] = "terminate"


@frozen
class Handler:
    """Covers the addresses start <= pc < end. No codes: every error but `Cancelled` and `Fault`, unless listed.

    `always`: a `finally`, which is owed a run when the block is interrupted within its range, too.
    """

    start: int
    end: int
    codes: tuple[str, ...]
    local: int | None
    target: int
    always: bool = False


@frozen
class Block:
    """`place` tells people where it stands: `charging.do`, `charging.entry`, `charging.transition[2].actions`."""

    place: str
    code: tuple[Instruction, ...]
    locals: int
    handlers: tuple[Handler, ...] = ()


TriggerKind: TypeAlias = Literal["done", "signal", "update", "error", "cancel", "after", "at", "every", "when"]


@frozen
class Transition:
    """`name` is the signal or update, `codes` the errors (none: every error but `Cancelled` and `Fault`), `time` the
    duration, timestamp or schedule of a timed trigger. Neither target, actions nor work: the message is dropped."""

    trigger: TriggerKind
    name: str | None = None
    codes: tuple[str, ...] = ()
    time: ExprIndex | None = None
    guard: ExprIndex | None = None
    target: StateIndex | None = None
    history: bool = False
    actions: BlockIndex | None = None
    work: BlockIndex | None = None
    binding: bool = False


@frozen
class Ending:
    """How a top-level final state ends the run. For `return`, one field named "" (or none); `fail` names its code."""

    kind: Literal["return", "fail", "continue"]
    code: str | None = None
    fields: tuple[tuple[str, ExprIndex], ...] = ()


@frozen
class State:
    """States are listed in document order, parents before children; state 0 is the workflow itself (`root`).

    `children` are substates, `regions` the regions of a parallel state; `initial` is the child entered by default.
    `defers` are message names; cancellation is `defers_cancel`. `path` is dotted, region names included.
    """

    name: str
    path: str
    kind: Literal["root", "plain", "final", "region"]
    parent: StateIndex | None
    initial: StateIndex | None = None
    children: tuple[StateIndex, ...] = ()
    regions: tuple[StateIndex, ...] = ()
    entry: BlockIndex | None = None
    exit: BlockIndex | None = None
    do: BlockIndex | None = None
    transitions: tuple[Transition, ...] = ()
    defers: tuple[str, ...] = ()
    defers_cancel: bool = False
    ending: Ending | None = None


@frozen
class Signal:
    name: str
    params: tuple[Param, ...]


@frozen
class Update:
    name: str
    params: tuple[Param, ...]
    returns: Type | None


@frozen
class Query:
    name: str
    type: Type | None
    value: ExprIndex


@frozen
class Attribute:
    name: str
    kind: str
    value: ExprIndex


@frozen
class Property:
    """What is promised of every run; `value` may ask for `active("path")` and `calls("name")`."""

    name: str
    kind: Literal["never", "always", "eventually"]
    value: ExprIndex


@frozen
class Migration:
    """How a run of an older version goes on in this one, where names alone do not tell.

    `states` are paths of the old version with states of this one; `sets` are slots with expressions, which see the old
    variables by name in local 0.
    """

    version: int
    states: tuple[tuple[str, StateIndex], ...] = ()
    sets: tuple[tuple[int, ExprIndex], ...] = ()


@frozen
class Program:
    name: str
    version: int
    params: tuple[Param, ...]
    returns: Type | None
    variables: tuple[Variable, ...] = ()
    states: tuple[State, ...] = ()
    blocks: tuple[Block, ...] = ()
    calls: tuple[Call, ...] = ()
    expressions: tuple[Expr, ...] = ()
    activities: tuple[Activity, ...] = ()
    types: tuple[TypeDecl, ...] = ()
    errors: tuple[ErrorDecl, ...] = ()
    config: tuple[Config, ...] = ()
    signals: tuple[Signal, ...] = ()
    updates: tuple[Update, ...] = ()
    queries: tuple[Query, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    properties: tuple[Property, ...] = ()
    migrations: tuple[Migration, ...] = ()
    doc: str | None = None
    format: int = FORMAT

    def encode(self) -> bytes:
        """The canonical bytes: JSON with sorted keys."""
        return orjson.dumps(to_plain(self), option=orjson.OPT_SORT_KEYS)

    def digest(self) -> str:
        """The definition's identity: SHA-256 over the canonical bytes, in hexadecimal."""
        return hashlib.sha256(self.encode()).hexdigest()

    @staticmethod
    def decode(data: bytes) -> Program:
        """The inverse of `encode`. Raises ValueError for another format or a damaged definition."""
        plain = orjson.loads(data)
        found = plain.get("format") if isinstance(plain, dict) else None
        if found != FORMAT:
            raise ValueError(f"this definition has format {found}, this program reads format {FORMAT}")
        return from_plain(Program, plain)
