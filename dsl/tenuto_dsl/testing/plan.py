"""A test as plain data: what to do with a workflow in virtual time, and what must hold then.

Expressions are indices into the plan's suite. They read the variables of the run; after these, in the same vector, the
arguments of calls, the queries and the answers (`tenuto_dsl.check.tested`). Outcomes of mocks read the arguments of the
call they answer as locals. Spans are for people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from tenuto_interpreter.ir import Expr, ExprIndex

from tenuto_dsl.compiler import Compiled
from tenuto_dsl.syntax.tree import Span

Arguments: TypeAlias = tuple[tuple[str, ExprIndex], ...]
"""By the names of the parameters."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`value` of what is returned; `code`, `fields` and whether only one attempt is meant, of what fails."""

    kind: Literal["returns", "fails", "hangs"]
    value: ExprIndex | None = None
    code: str = ""
    fields: Arguments = ()
    attempt: bool = False


@dataclass(frozen=True, slots=True)
class Mock:
    """For calls whose arguments equal `match`; each outcome answers one attempt, the last all further ones."""

    span: Span
    name: str
    match: Arguments
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Send:
    """A signal, to the run or to the id that `to` gives."""

    span: Span
    name: str
    args: Arguments
    to: ExprIndex | None


@dataclass(frozen=True, slots=True)
class Update:
    span: Span
    name: str
    args: Arguments
    replies: ExprIndex | None
    rejected: bool


@dataclass(frozen=True, slots=True)
class Cancel:
    span: Span


@dataclass(frozen=True, slots=True)
class Advance:
    """For a duration, or until a time."""

    span: Span
    duration: ExprIndex | None
    until: ExprIndex | None


@dataclass(frozen=True, slots=True)
class Expect:
    """`parts` are the pieces whose values explain a failure, with where they stand. `faults`: it asks for
    `workflow.status`, so a run that is parked is what it is about, not a failure of the test."""

    span: Span
    condition: ExprIndex
    parts: tuple[tuple[Span, ExprIndex], ...]
    faults: bool = False


Step: TypeAlias = Mock | Send | Update | Cancel | Advance | Expect


@dataclass(frozen=True, slots=True)
class Plan:
    name: str
    span: Span
    workflow: str
    given: Arguments
    config: Arguments
    id: ExprIndex | None
    at: ExprIndex | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Suite:
    """The tests of a file with the programs they may run, by name, and with those of its own.

    `own` names these, tested or not; `error_fields` what `workflow.error` has in the tests.
    """

    programs: Mapping[str, Compiled]
    plans: tuple[Plan, ...]
    expressions: tuple[Expr, ...]
    error_fields: tuple[str, ...]
    own: tuple[str, ...]
