"""Parts of an SQL condition under construction, and its parameters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

ParameterKind: TypeAlias = Literal["text", "texts", "bigint", "float8", "bool", "timestamptz"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A timestamp's value is its microseconds since 1970."""

    kind: ParameterKind
    value: Any


PieceKind: TypeAlias = Literal[
    "bool", "int", "double", "string", "timestamp", "duration", "json", "object", "timestamp_text", "constant", "error"
]


@dataclass(frozen=True, slots=True)
class Piece:
    """An SQL expression. Timestamps and durations are microseconds, as bigint; `raw` is a timestamp's column itself.

    NULL means that the expression has failed, or null when the piece is `nullable`; a piece is never both. A `constant`
    has no text but its `value`; an `error` is a constant that has none.
    """

    text: str
    kind: PieceKind
    nullable: bool = False
    value: Any = None
    raw: str = ""
    choices: tuple[str, ...] = ()


FAILED = Piece("null::boolean", "error")


def boolean(text: str) -> Piece:
    return Piece(f"({text})", "bool")


def known(piece: Piece, answer: str) -> Piece:
    """A fixed answer, unless the piece has failed."""
    return boolean(answer if piece.nullable else f"case when {piece.text} is not null then {answer} end")


class Parameters:
    """Collects parameters. Their places are numbered at the end, since parts of a condition may fall away."""

    def __init__(self) -> None:
        self._items: list[Parameter] = []

    def add(self, kind: ParameterKind, value: Any) -> str:
        self._items.append(Parameter(kind, value))
        cast = "text[]" if kind == "texts" else kind
        return f"\0{len(self._items) - 1}\0::{cast}"

    def numbered(self, text: str, first: int) -> tuple[str, tuple[Parameter, ...]]:
        """The text with `$first`, `$first + 1`, … in it, and the parameters in that order."""
        places: dict[str, int] = {}

        def place(match: re.Match[str]) -> str:
            return f"${places.setdefault(match[1], first + len(places))}"

        made = _PLACE.sub(place, text)
        return made, tuple(self._items[int(index)] for index in places)


_PLACE = re.compile("\0([0-9]+)\0")
