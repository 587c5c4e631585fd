"""Timestamps and durations in filters: microseconds as bigint, which neither round nor overflow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tenuto_interpreter.expr.cel import Duration, Timestamp

from tenuto_dsl.filters.pieces import Piece

if TYPE_CHECKING:
    from tenuto_dsl.filters.translator import Translator

_FIRST, _LAST = -62_135_596_800_000_000, 253_402_300_799_999_999
"""The years 1 to 9999, in microseconds since 1970."""
_LONGEST = (2**63 - 1) // 1000


def micros(column: str) -> str:
    return f"(extract(epoch from {column}) * 1000000)::bigint"


def microseconds(translator: Translator, value: Timestamp | Duration) -> int:
    if value.ns % 1000:
        raise translator.refuse("the database counts microseconds: nothing finer can be asked of it")
    return value.ns // 1000


def constant(translator: Translator, value: Any) -> Piece | None:
    """A timestamp or duration as an SQL expression."""
    if not isinstance(value, Timestamp | Duration):
        return None
    count = translator.parameters.add("bigint", microseconds(translator, value))
    return Piece(count, "timestamp" if isinstance(value, Timestamp) else "duration")


def arithmetic(translator: Translator, name: str, pieces: Sequence[Piece]) -> Piece | None:
    """Sums and differences. NULL when the result is out of CEL's range."""
    parts = [p if p.kind != "constant" else constant(translator, p.value) for p in pieces]
    if any(part is None or (part.nullable and part.kind != "timestamp") for part in parts):
        return None
    kinds = tuple(part.kind for part in parts if part is not None)
    result = _RESULTS.get((name, *kinds))
    if result is None:
        return None
    texts = [part.text for part in parts if part is not None]
    value = f"(-{texts[0]})" if len(texts) == 1 else f"({texts[0]} {name} {texts[1]})"
    low, high = (_FIRST, _LAST) if result == "timestamp" else (-_LONGEST, _LONGEST)
    bounded = f"(case when {value} between {low} and {high} then {value} end)"
    return Piece(bounded, "timestamp" if result == "timestamp" else "duration")


_RESULTS = {
    ("+", "timestamp", "duration"): "timestamp",
    ("+", "duration", "timestamp"): "timestamp",
    ("-", "timestamp", "duration"): "timestamp",
    ("-", "timestamp", "timestamp"): "duration",
    ("+", "duration", "duration"): "duration",
    ("-", "duration", "duration"): "duration",
    ("-_", "duration"): "duration",
}


def sortable(translator: Translator, value: Timestamp) -> str:
    """A timestamp constant as the text that `text_of` gives of stored ones."""
    moment = value.datetime()
    microseconds(translator, value)
    written = moment.isoformat().removesuffix("+00:00")
    return translator.parameters.add("text", written)


def text_of(column: str) -> str:
    """A stored timestamp's text without its `Z`, so that texts have the order of times; NULL for any other text."""
    text = f"({column} #>> '{{}}')"
    shape = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{6})?Z$"
    return f"(case when {text} ~ '{shape}' then rtrim({text}, 'Z') end)"
