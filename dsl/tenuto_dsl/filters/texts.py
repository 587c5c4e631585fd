"""Texts in filters: search, size, case. Patterns are parameters, their own signs escaped."""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tenuto_dsl.filters.pieces import FAILED, Piece, boolean

if TYPE_CHECKING:
    from tenuto_dsl.filters.translator import Translator


def text(translator: Translator, value: str) -> str:
    """A text as a parameter. PostgreSQL has none with a NUL in it."""
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise translator.refuse("a text with a NUL or half a surrogate pair, which the database cannot hold")
    return translator.parameters.add("text", value)


def of(piece: Piece) -> str | None:
    """A piece as SQL text: NULL where it is none. None when it never is one."""
    if piece.kind == "string":
        return piece.text
    if piece.kind == "json":
        return f"(case when jsonb_typeof({piece.text}) = 'string' then {piece.text} #>> '{{}}' end)"
    return None


def none(_translator: Translator, _name: str, _pieces: Sequence[Piece]) -> Piece | None:
    """A function that cannot be translated."""
    return None


def search(translator: Translator, name: str, pieces: Sequence[Piece]) -> Piece | None:
    """`startsWith`, `endsWith`, `contains`."""
    if len(pieces) != 2:
        return None
    if pieces[0].kind == "constant":
        searched: str | None = text(translator, pieces[0].value) if isinstance(pieces[0].value, str) else None
    else:
        searched = of(pieces[0])
    part = pieces[1]
    if searched is None:
        return FAILED
    if part.kind == "constant":
        if not isinstance(part.value, str):
            return FAILED
        escaped = "".join("\\" + c if c in "\\%_" else c for c in part.value)
        pattern = {"startsWith": f"{escaped}%", "endsWith": f"%{escaped}", "contains": f"%{escaped}%"}[name]
        return boolean(f"{searched} like {text(translator, pattern)} escape '\\'")
    other = of(part)
    if other is None:
        return FAILED
    if name == "startsWith":
        return boolean(f"starts_with({searched}, {other})")
    if name == "contains":
        return boolean(f"strpos({searched}, {other}) > 0")
    return boolean(f"right({searched}, char_length({other})) = {other}")


def size(_translator: Translator, _name: str, pieces: Sequence[Piece]) -> Piece | None:
    if len(pieces) != 1 or pieces[0].kind not in ("string", "json"):
        return None
    value = pieces[0].text
    if pieces[0].kind == "string":
        return Piece(f"char_length({value})::bigint", "int")
    keys = f"(select count(*) from jsonb_object_keys({value}))"  # noqa: S608  # made of columns and places alone
    return Piece(
        f"(case jsonb_typeof({value}) when 'string' then char_length({value} #>> '{{}}')::bigint"
        f" when 'array' then jsonb_array_length({value})::bigint when 'object' then {keys} end)",
        "int",
    )


def ascii_case(_translator: Translator, name: str, pieces: Sequence[Piece]) -> Piece | None:
    """`lowerAscii`, `upperAscii`."""
    value = of(pieces[0]) if len(pieces) == 1 else None
    if value is None:
        return None
    upper, lower = f"'{string.ascii_uppercase}'", f"'{string.ascii_lowercase}'"
    letters = f"{upper}, {lower}" if name == "lowerAscii" else f"{lower}, {upper}"
    return Piece(f"translate({value}, {letters})", "string")
