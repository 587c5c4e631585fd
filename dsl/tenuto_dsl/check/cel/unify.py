"""How CEL's types relate, with type variables: the algorithm of cel-go's checker.

A `Mapping` remembers what type variables stand for. `assignable` extends it when two types agree and leaves it alone
when they do not.
"""

from __future__ import annotations

from collections.abc import Sequence

from tenuto_interpreter.expr.cel.types import DYN, CelType

_NULLABLE = frozenset(("timestamp", "duration", "optional", "opaque", "null"))


class Substitutions:
    """What each type variable stands for."""

    def __init__(self) -> None:
        self.known: dict[CelType, CelType] = {}
        self._count = 0

    def fresh(self) -> CelType:
        self._count += 1
        return ("param", self._count)

    def assignable(self, source: CelType, target: CelType) -> bool:
        """Whether a value of one type may stand where the other is expected."""
        return self.all_assignable((source,), (target,))

    def all_assignable(self, sources: Sequence[CelType], targets: Sequence[CelType]) -> bool:
        before = dict(self.known)
        if self._lists(sources, targets):
            return True
        self.known = before
        return False

    def applied(self, type_: CelType, *, to_dyn: bool = False) -> CelType:
        """The type with its variables replaced; with `to_dyn`, those that nothing has bound too."""
        if type_[0] == "param":
            if type_ in self.known:
                return self.applied(self.known[type_], to_dyn=to_dyn)
            return DYN if to_dyn else type_
        return tuple(self.applied(p, to_dyn=to_dyn) if type(p) is tuple else p for p in type_)

    def instantiated(self, types: Sequence[CelType]) -> tuple[CelType, ...]:
        """Types of a signature with variables of their own."""
        names: dict[CelType, CelType] = {}

        def renewed(type_: CelType) -> CelType:
            if type_[0] == "param":
                return names.setdefault(type_, self.fresh()) if type_ not in names else names[type_]
            return tuple(renewed(p) if type(p) is tuple else p for p in type_)

        return tuple(map(renewed, types))

    def join(self, a: CelType | None, b: CelType) -> CelType:
        """What the items of a list have in common."""
        if a is None:
            return b
        return most_general(a, b) if self.assignable(a, b) else DYN

    # -- the algorithm ----------------------------------------------------------------------------------------------

    def _lists(self, sources: Sequence[CelType], targets: Sequence[CelType]) -> bool:
        return len(sources) == len(targets) and all(map(self._agree, sources, targets))

    def _agree(self, a: CelType, b: CelType) -> bool:
        if b[0] == "param":
            valid, known = self._stands_for(a, b)
            if valid or known:
                return valid
        if a[0] == "param":
            return self._stands_for(b, a)[0]
        if a[0] in ("dyn", "error") or b[0] in ("dyn", "error"):
            return True
        if a[0] == "null":
            return b[0] in _NULLABLE
        if b[0] == "null":
            return a[0] in _NULLABLE
        if a[0] != b[0]:
            return False
        if a[0] == "type":
            return True
        if a[0] == "opaque":
            return a[1] == b[1] and self._lists(a[2:], b[2:])
        return self._lists(a[1:], b[1:])

    def _stands_for(self, type_: CelType, variable: CelType) -> tuple[bool, bool]:
        """Whether a variable may stand for a type, and whether it stood for one before."""
        if type_ == variable:
            return True, True
        known = self.known.get(variable)
        if known is not None:
            if type_ == known:
                return True, True
            if self._agree(type_, known):
                wider = most_general(type_, known)
                if not self._occurs(variable, wider):
                    self.known[variable] = wider
                return True, True
            return False, True
        if self._occurs(variable, type_):
            return False, False
        self.known[variable] = type_
        return True, False

    def _occurs(self, variable: CelType, type_: CelType) -> bool:
        if type_ == variable:
            return True
        if type_[0] == "param":
            return type_ in self.known and self._occurs(variable, self.known[type_])
        return any(self._occurs(variable, p) for p in type_ if type(p) is tuple)


def most_general(a: CelType, b: CelType) -> CelType:
    if b[0] == "null" and a[0] in _NULLABLE:
        return a
    return a if _less_specific(a, b) else b


def _less_specific(a: CelType, b: CelType) -> bool:
    if a[0] in ("dyn", "param"):
        return True
    if b[0] in ("dyn", "param") or a[0] != b[0] or len(a) != len(b):
        return False
    if a[0] == "type":
        return True
    pairs = zip(a[1:], b[1:], strict=True)
    return all(_less_specific(x, y) if type(x) is tuple and type(y) is tuple else x == y for x, y in pairs)
