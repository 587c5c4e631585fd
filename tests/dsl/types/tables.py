"""Random tables of types, and values for and against them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from tenuto_dsl.types import TypeTable
from tenuto_interpreter.types import (
    ANY,
    BOOL,
    BYTES,
    DECIMAL,
    DOUBLE,
    DURATION,
    INT,
    SCHEDULE,
    STRING,
    TIMESTAMP,
    UINT,
    ListOf,
    LiteralOf,
    MapOf,
    Optional,
    Record,
    RecordField,
    Ref,
    Sensitive,
    Type,
    Union,
)
from tenuto_interpreter.values.texts import INT_MIN, UINT_MAX

NAMES = ("A", "B", "C")
FIELDS = ("id", "items", "from", "class", "model_x")
SCALARS = (STRING, INT, UINT, DOUBLE, BOOL, BYTES, DECIMAL, TIMESTAMP, DURATION, ANY, SCHEDULE)
_TEXTS = st.sampled_from(["", "a", 'say "x"', "ümlaut", "two words"])


def _literals(texts: list[str]) -> Type:
    options = tuple(LiteralOf(text) for text in texts)
    return options[0] if len(options) == 1 else Union(options)


def _optional(type_: Type) -> Type:
    return type_ if isinstance(type_, Optional) or type_ == ANY else Optional(type_)


@st.composite
def types(draw: st.DrawFn, names: tuple[str, ...] = NAMES, depth: int = 3) -> Type:
    """A type that an author could write; `solid` ones may be options of a union."""
    return _type(draw, names, depth, solid=False)


def _type(draw: st.DrawFn, names: tuple[str, ...], depth: int, *, solid: bool) -> Type:
    kinds = ["scalar", "ref"] if names else ["scalar"]
    kinds += [] if solid else ["literals"]
    kinds += ["list", "map", "record", "sensitive"] if depth else []
    kinds += ["optional", "union"] if depth and not solid else []

    def inner(*, solid: bool = False) -> Type:
        return _type(draw, names, depth - 1, solid=solid)

    match draw(st.sampled_from(kinds)):
        case "ref":
            return Ref(draw(st.sampled_from(names)))
        case "literals":
            return _literals(draw(st.lists(_TEXTS, min_size=1, max_size=3, unique=True)))
        case "list":
            return ListOf(inner())
        case "map":
            return MapOf(inner())
        case "record":
            return _record(draw, names, depth - 1, 0)
        case "sensitive":
            return Sensitive(inner(solid=True))
        case "optional":
            return _optional(inner())
        case "union":
            options = tuple(dict.fromkeys(inner(solid=True) for _ in range(draw(st.integers(2, 3)))))
            return Union(options) if len(options) > 1 else options[0]
        case _:
            return draw(st.sampled_from([scalar for scalar in SCALARS if not solid or scalar != ANY]))


def _record(draw: st.DrawFn, names: tuple[str, ...], depth: int, least: int) -> Record:
    fields = draw(st.lists(st.sampled_from(FIELDS), min_size=least, max_size=4, unique=True))
    return Record(tuple(RecordField(name, _type(draw, names, max(depth, 0), solid=False)) for name in fields))


@st.composite
def tables(draw: st.DrawFn) -> TypeTable:
    """Three types, each a record or a list, so that they may be recursive without being endless."""
    found: dict[str, Type] = {}
    for name in NAMES:
        record = _record(draw, NAMES, 2, 1)
        found[name] = record if draw(st.booleans()) else ListOf(record.fields[0].type)
    docs = draw(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["What it is.", 'A "quoted" one: 3 > 2.'])))
    return TypeTable(found, docs)


_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(INT_MIN - 2, UINT_MAX + 2),
    st.integers(-3, 3),
    st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: not number.is_integer()),
    st.text(max_size=4),
    st.sampled_from(
        [
            *("a", "12.50", "-1", "1e5", ".5", "1.", "1h30m", "PT1H", "P", "-2d", "90s", "1.5h", "3m5ms", "é"),
            *("2026-01-31T09:00:00Z", "2026-01-31 09:00:00.5+02:00", "2026-01-31", "aGVsbG8=", "aGVsbG8", "ab", "abc="),
        ]
    ),
)  # fmt: skip


_JSON = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*FIELDS, "other"]), inner, max_size=4),
    max_leaves=8,
)


def values() -> st.SearchStrategy[Any]:
    """JSON of any shape, with many texts that some scalar is written in; no whole doubles (see `to_schema`)."""
    return _JSON


@st.composite
def values_of(draw: st.DrawFn, type_: Type, table: TypeTable) -> Any:
    """Mostly values of a type, with a wrong part here and there."""
    return _value(draw, type_, table, 0)


def _value(draw: st.DrawFn, type_: Type, table: TypeTable, depth: int) -> Any:
    if depth > 5 or draw(st.integers(0, 9)) == 0:
        return draw(_LEAVES)
    match type_:
        case Ref(name):
            return _value(draw, table.types[name], table, depth)
        case ListOf(item):
            return [_value(draw, item, table, depth + 1) for _ in range(draw(st.integers(0, 2)))]
        case MapOf(item):
            return {key: _value(draw, item, table, depth + 1) for key in draw(st.sets(st.text(max_size=2), max_size=2))}
        case Record(fields):
            whole = draw(st.booleans())
            chosen = [f for f in fields if whole or draw(st.booleans())]
            return {f.name: _value(draw, f.type, table, depth + 1) for f in chosen}
        case Optional(item) | Sensitive(item):
            return None if draw(st.booleans()) else _value(draw, item, table, depth)
        case Union(options):
            return _value(draw, draw(st.sampled_from(options)), table, depth)
        case LiteralOf(value):
            return value
        case _:
            return draw(_LEAVES)
