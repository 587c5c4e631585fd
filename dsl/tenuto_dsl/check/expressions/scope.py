"""What an expression may name, and what is known about it: bindings, declared types, narrowed facts, permissions.

Scopes are immutable. The statement checker makes one for a workflow and derives the rest: `child` adds names, `assume`
adds what a condition has shown, `forget` drops what an assignment made doubtful.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TypeAlias

from tenuto_interpreter.expr.kinds import UNKNOWN
from tenuto_interpreter.frozen import frozen
from tenuto_interpreter.ir import Expr
from tenuto_interpreter.types import Type

Path: TypeAlias = tuple[str, ...]
"""A variable and the fields selected from it: `order.address` is `("order", "address")`."""

Facts: TypeAlias = Mapping[Path, Type]
"""The types that paths are known to have, narrower than declared."""

NO_FACTS: Facts = {}


@frozen
class Binding:
    """What a name stands for. `note` says what it is, for messages (`a workflow parameter`).

    A binding whose `ir` is a single word, as `("config",)`, is a namespace of record type: it has no value itself, and
    selecting a field of it gives `("config", field)`.
    """

    type: Type
    ir: Expr
    note: str = ""

    @property
    def is_namespace(self) -> bool:
        return len(self.ir) == 1


@frozen
class Allow:
    """What an expression may do at its place.

    `now`: read the time and draw ids and random numbers. `active`: ask for active states. `calls`: count calls, or
    calls of these alone (in properties and tests). `secret`: read secrets (in bindings). `dynamic`: use values of type
    `any` without a cast, and give one where a type is expected, because what is made of it is read and checked
    afterwards (in the results of bindings, in migrations).
    """

    now: bool = True
    active: bool = True
    calls: bool | Collection[str] = False
    secret: bool = False
    dynamic: bool = False


DEFAULT = Allow()


class Scope:
    """Names, types, facts and permissions at one place of a program."""

    __slots__ = ("_bindings", "_parent", "allow", "facts", "states", "types", "works")

    def __init__(
        self,
        bindings: Mapping[str, Binding],
        types: Mapping[str, Type],
        allow: Allow = DEFAULT,
        *,
        facts: Facts = NO_FACTS,
        states: Collection[str] | None = None,
        works: Collection[str] = (),
        parent: Scope | None = None,
    ) -> None:
        self._bindings = bindings
        self._parent = parent
        self.types = types
        self.allow = allow
        self.facts = facts
        self.states = states
        """The paths that `active("…")` may name, when they are known; a mapping gives the full path of each."""
        self.works = works
        """The activities and workflows that a step may call. No expression can: who tries is told how."""

    def lookup(self, name: str) -> Binding | None:
        """The innermost binding of a name."""
        scope: Scope | None = self
        while scope is not None:
            found = scope._bindings.get(name)  # noqa: SLF001  # another scope of this class
            if found is not None:
                return found
            scope = scope._parent  # noqa: SLF001  # another scope of this class
        return None

    def names(self) -> Iterator[str]:
        """Every name in scope, innermost first."""
        scope: Scope | None = self
        while scope is not None:
            yield from scope._bindings  # noqa: SLF001  # another scope of this class
            scope = scope._parent  # noqa: SLF001  # another scope of this class

    def child(self, bindings: Mapping[str, Binding], allow: Allow | None = None) -> Scope:
        """This scope with further names; facts about names that are bound anew are dropped."""
        facts = (
            {path: type_ for path, type_ in self.facts.items() if path[0] not in bindings} if self.facts else NO_FACTS
        )
        return Scope(
            bindings,
            self.types,
            self.allow if allow is None else allow,
            facts=facts,
            states=self.states,
            works=self.works,
            parent=self,
        )

    def assume(self, facts: Facts) -> Scope:
        """This scope where facts hold, too."""
        if not facts:
            return self
        return self._with({**self.facts, **facts})

    def forget(self, name: str, *fields: str) -> Scope:
        """This scope after a variable, or a part of it, was assigned: nothing is known of it but its type."""
        assigned = (name, *fields)
        kept = {path: type_ for path, type_ in self.facts.items() if path[: len(assigned)] != assigned}
        return self if len(kept) == len(self.facts) else self._with(kept)

    def _with(self, facts: Facts) -> Scope:
        return Scope(
            self._bindings,
            self.types,
            self.allow,
            facts=facts,
            states=self.states,
            works=self.works,
            parent=self._parent,
        )


@frozen
class Checked:
    """A checked expression. After an error the type is `UNKNOWN`, which fits everything without a further word."""

    type: Type
    ir: Expr


NOTHING = Checked(UNKNOWN, ("const", None))
"""The result of an expression with a mistake."""
