"""Expressions as the explorer sees them: which atoms they read, what they compare them with, whether they can fail.

An *atom* is a place and a path into it; `tenuto_dsl.explore.flow` says what for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias

from tenuto_interpreter.expr.operations import TABLE
from tenuto_interpreter.ir import Expr

Place: TypeAlias = tuple[Any, ...]
"""("var", slot), ("local", block, n), ("config", name), ("signal", name), ("update", name), ("result", activity index),
("child", workflow) or ("error", code)."""

Path: TypeAlias = tuple[str, ...]
Atom: TypeAlias = tuple[Place, Path]

ELEMENT = "*"
SIZE = "#"
MAX_PATH = 8

_ELEMENTS = ("index_list", "index_map", "first", "last")
_OVERFLOW = ("add_", "subtract_", "multiply_", "math_abs", "negate_", "string_", "double_", "decimal_", "cron")
_SAFE = frozenset(("const", "decimal", "duration", "timestamp", "bytes", "var", "local", "bound", "config", "workflow",
                   "activity", "eq", "ne", "and", "or", "not", "if", "else", "list", "record", "text", "field", "loop",
                   "index?", "select?", "list?", "bind", "truth"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Compared:
    """What an atom is compared with: `relation` is eq, less, less_equal, greater, greater_equal, within (a text in
    another) or near, or plain for the value that is tried when nothing else is known; `other` is a value, or an atom of
    the run when `dynamic`. The relation `computed` has no other: it says that the values at which the atom decides
    something are not known."""

    relation: str
    other: Any
    dynamic: bool = False


COMPUTED = Compared("computed", None)


@dataclass(slots=True)
class Where:
    """What the locals of an expression are: `block` for those of a block, or places by number."""

    block: int = -1
    locals: dict[int, Place] = field(default_factory=dict)

    def local(self, number: int) -> Place:
        return self.locals.get(number, ("local", self.block, number))


def nodes_of(expression: Expr) -> Iterator[Expr]:
    """An expression and all that it is made of."""
    pending = [expression]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(part for part in node if isinstance(part, tuple) and part)


def clock_of(expression: Expr) -> Iterator[str]:
    """What an expression asks the clock for, beside how far off a moment is."""
    for node in nodes_of(expression):
        if node[0] == "workflow" and node[1] in ("started_at", "fired_at"):
            yield node[1]
        elif node[0] == "do" and str(node[1]).split(".")[0].removesuffix("_zone") in _DIALS:
            yield "shown"


_DIALS = frozenset(("getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getHours",
                    "getMinutes", "getSeconds", "getMilliseconds", "format_timestamp", "format_timestamp_utc",
                    "string_timestamp", "int_timestamp"))  # fmt: skip
"""Operations that read a calendar or a dial off a moment."""


def may_fault(expression: Expr) -> bool:
    """Whether an expression can fail on values of the right types, overflow aside."""
    pending = [expression]
    while pending:
        node = pending.pop()
        head = node[0] if node else None
        if head == "do":
            if _can_fail(node[1]):
                return True
        elif isinstance(head, str) and head not in _SAFE:
            return True
        pending.extend(_children(node))
    return False


def faults_of(expression: Expr) -> Iterator[Expr]:
    """The pieces of an expression whose values decide whether it fails; of a list that is indexed, its size."""
    pending = [expression]
    while pending:
        node = pending.pop()
        if not may_fault(node):
            continue
        if node[0] == "do" and node[1].startswith("index_list"):
            yield ("do", "size_list", node[2])
            yield node[3]
            pending.append(node[2])
        elif node[0] == "do" and not _can_fail(node[1]):
            pending += _children(node)
        elif node[0] == "if":
            yield node[1]
            pending += node[2:]
        elif node[0] in ("record", "list", "text", "field", "eq", "ne", "not"):
            pending += _children(node)
        else:
            yield node


def _can_fail(operation: str) -> bool:
    found = TABLE.by_id.get(operation)
    return found is None or not (found.total or operation.startswith(_OVERFLOW) or operation in ("calls", "active"))


def _children(node: Expr) -> list[Expr]:
    head = node[0] if node else None
    if head == "record":
        return [item for _, item in node[1:]]
    if head == "loop":
        return list(node[4:])
    if head in ("const", "decimal", "duration", "timestamp", "bytes", "var", "local", "bound", "config", "place"):
        return []
    found = []
    for part in node:
        if isinstance(part, tuple) and part:
            found += [part] if isinstance(part[0], str) else [p for p in part if isinstance(p, tuple) and p]
    return found


def atom_of(expression: Expr, where: Where, bound: dict[int, Atom]) -> Atom | None:
    """The place and path that an expression is, when it is nothing but a selection."""
    path: list[str] = []
    while True:
        head = expression[0]
        if head in ("field", "select", "select?"):
            path.append(expression[2])
            expression = expression[1]
        elif head == "index?":
            path.append(ELEMENT)
            expression = expression[1]
        elif head == "do" and expression[1].split(".")[0] in _ELEMENTS:
            path.append(ELEMENT)
            expression = expression[2]
        elif head == "do" and expression[1].startswith(("size_list", "size_map")):
            path.append(SIZE)
            expression = expression[2]
        elif head in ("else", "truth"):
            expression = expression[1]
        else:
            break
    steps = tuple(reversed(path))
    if head in ("var", "config"):
        return (head, expression[1]), steps
    if head == "local":
        return where.local(expression[1]), steps
    if head == "place":
        return expression[1], (*expression[2], *steps)
    if head == "bound" and expression[1] in bound:
        place, before = bound[expression[1]]
        return place, (*before, *steps)
    return None


Found: TypeAlias = tuple[str, Atom, Compared | None]

_FLIPPED = {
    "less": "greater", "less_equal": "greater_equal", "greater": "less", "greater_equal": "less_equal",
}  # fmt: skip


def atoms_of(expression: Expr, where: Where, value_of: Any) -> Iterator[Found]:
    """Every atom an expression reads, with what it is compared with."""
    pending: list[tuple[Expr, dict[int, Atom], bool]] = [(expression, {}, False)]
    while pending:
        node, bound, computed = pending.pop()
        if not node:
            continue
        atom = atom_of(node, where, bound)
        if atom is not None:
            yield "read", atom, None
            if computed:
                yield "compared", atom, COMPUTED
            if node[0] not in ("var", "local", "config", "bound"):  # what selects: an index
                pending.extend((part, bound, False) for part in _children(node) if atom_of(part, where, bound) is None)
            if node[0] in ("index?",) or (node[0] == "do" and len(node) > 3):
                pending.append((node[-1], bound, False))
            continue
        relation = _relation(node)
        computed = node[0] == "do"
        if relation is not None:
            left, right = node[-2], node[-1]
            computed = not all(_foreseen(side, where, bound, value_of) for side in (left, right))
            yield from _compare(left, relation, right, where, bound, value_of)
            yield from _compare(right, _FLIPPED.get(relation, relation), left, where, bound, value_of)
        if node[0] == "do" and node[1].startswith(("divide_", "modulo_")):
            divisor = atom_of(node[-1], where, bound)
            if divisor is not None:
                yield "compared", divisor, Compared("eq", Decimal(0) if node[1].endswith("decimal") else 0)
        zone = _zone(node)
        named = atom_of(zone, where, bound) if zone is not None else None
        if named is not None:
            yield "compared", named, Compared("plain", "UTC")
        if node[0] == "loop":
            source = atom_of(node[4], where, bound)
            if source is not None:
                bound = {**bound, **dict.fromkeys(node[3], (source[0], (*source[1], ELEMENT)))}
                if node[1] in _QUANTIFIERS and len(node[3]) == 1:
                    yield "read", (source[0], (*source[1], SIZE)), None
                    pending.extend((part, bound, computed) for part in node[5:])
                    continue
        pending.extend((part, bound, computed) for part in _children(node))


def _foreseen(side: Expr, where: Where, bound: dict[int, Atom], value_of: Any) -> bool:
    """Whether one side of a comparison is known, or an atom that what it is compared with can be tried around."""
    return bool(value_of(side)[0]) or side == ("do", "now") or atom_of(side, where, bound) is not None


_QUANTIFIERS = ("exists", "all", "exists_one")
"""Macros that ask elements for nothing but what their body reads."""


def _zone(node: Expr) -> Expr | None:
    """The operand that names a time zone."""
    if node[0] != "do":
        return None
    if node[1].startswith("cron_zone"):
        return node[3]  # type: ignore[no-any-return]  # expressions are tuples of anything
    return node[-1] if node[1] == "calendar" or node[1].endswith("_zone") else None


def _relation(node: Expr) -> str | None:
    if node[0] in ("eq", "ne"):
        return "eq"
    if node[0] != "do" or len(node) != 4:
        return None
    name = node[1]
    for prefix in ("less_equal", "greater_equal", "less", "greater"):
        if name.startswith(prefix + "_"):
            return prefix
    if name.startswith("in_"):
        return "eq"
    if name.startswith(("contains", "starts_with", "ends_with")):
        return "within"
    return None


def _compare(
    one: Expr, relation: str, other: Expr, where: Where, bound: dict[int, Atom], value_of: Any
) -> Iterator[Found]:
    known, value = value_of(other)
    atom = atom_of(one, where, bound)
    if known:
        values = list(value) if isinstance(value, list | tuple | dict) else [value]
        targets = [(atom, relation)] if atom is not None else [(a, "near") for a in _plain_atoms(one, where, bound)]
        for target, how in targets:
            for each in values:
                if isinstance(each, str | int | float | bool | None.__class__) or _hashable(each):
                    yield "compared", target, Compared(how, each)
    elif atom is not None:
        rival = atom_of(other, where, bound)
        if rival is None or rival == atom:
            return
        if rival[0][0] in ("var", "config"):
            yield "compared", atom, Compared(relation, rival, dynamic=True)
        elif atom[0][0] not in ("var", "config"):  # both are of one message, or one is of a result: no value is known
            yield "compared", atom, COMPUTED


def _plain_atoms(expression: Expr, where: Where, bound: dict[int, Atom]) -> list[Atom]:
    """The atoms in an arithmetic expression."""
    found, pending = [], [expression]
    while pending:
        node = pending.pop()
        atom = atom_of(node, where, bound)
        if atom is not None:
            found.append(atom)
        elif node[0] == "do":
            pending.extend(_children(node))
    return found


def _hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True
