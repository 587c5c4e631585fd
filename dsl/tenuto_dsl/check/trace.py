"""What an editor wants to know beside the facts: the type of every expression, and the names known at every step.

It is kept only when asked for, since nobody else reads it. Scopes are immutable, so keeping one costs a reference.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tenuto_interpreter.types import Type

from tenuto_dsl.check.expressions.scope import Scope
from tenuto_dsl.check.facts import Table


@dataclass(slots=True)
class Trace:
    """`types`: of every expression that was checked, parts of others included. `scopes`: what is known before a step,
    before an expression, at the end of a block, and in a whole workflow, activity or transition."""

    types: Table[Type] = field(default_factory=Table)
    scopes: Table[Scope] = field(default_factory=Table)


__all__ = ["Trace"]
