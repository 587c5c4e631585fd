"""PostgreSQL's binary wire form, packed and read by hand.

psycopg's list adapter costs more than the insert it feeds: here an array is a header and one `join`. An array is
`ndim, has-null, element oid, length, lower bound`, then `length, bytes` for every element (length -1 for NULL); an
empty one has no dimension.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, repeat
from struct import Struct

BOOL, INT2, INT4, INT8, TEXT, BYTEA, UUID, TIMESTAMPTZ = 16, 21, 23, 20, 25, 17, 2950, 1184
BOOLS, INT2S, INT4S, INT8S, TEXTS, BYTEAS, UUIDS, TIMESTAMPTZS = 1000, 1005, 1007, 1016, 1009, 1001, 2951, 1185

LONG_AGO = Struct(">q").pack(-(2**63))
"""The timestamp -infinity."""
_EPOCH = 946_684_800_000_000
"""PostgreSQL counts microseconds from 2000-01-01."""
_EARLIEST, _LATEST = -62_135_596_800_000_000, 253_402_300_799_000_000
"""Years 1 and 9999: what lies outside is as good as never, and every client can show what lies inside."""

_header = Struct(">iiiii").pack
_length = Struct(">i").pack
_int2 = Struct(">h").pack
_int4 = Struct(">i").pack
_int8 = Struct(">q").pack
_sized_int2 = Struct(">ih").pack
_sized_int4 = Struct(">ii").pack
_sized_int8 = Struct(">iq").pack
_NULL = _length(-1)
_UUID_SIZE = _length(16)
_EMPTY = {oid: Struct(">iii").pack(0, 0, oid) for oid in (BOOL, INT2, INT4, INT8, TEXT, BYTEA, UUID, TIMESTAMPTZ)}


def int2(value: int) -> bytes:
    return _int2(value)


def int4(value: int) -> bytes:
    return _int4(value)


def int8(value: int) -> bytes:
    return _int8(value)


def boolean(value: bool) -> bytes:
    return b"\1" if value else b"\0"


def timestamp(micros: int) -> bytes:
    return _int8(min(max(micros, _EARLIEST), _LATEST) - _EPOCH)


def int2s(values: Sequence[int]) -> bytes:
    if not values:
        return _EMPTY[INT2]
    return _header(1, 0, INT2, len(values), 1) + b"".join(map(_sized_int2, repeat(2), values))


def int4s(values: Sequence[int]) -> bytes:
    if not values:
        return _EMPTY[INT4]
    return _header(1, 0, INT4, len(values), 1) + b"".join(map(_sized_int4, repeat(4), values))


def int8s(values: Sequence[int]) -> bytes:
    if not values:
        return _EMPTY[INT8]
    return _header(1, 0, INT8, len(values), 1) + b"".join(map(_sized_int8, repeat(8), values))


def uuids(values: Sequence[bytes]) -> bytes:
    if not values:
        return _EMPTY[UUID]
    return _header(1, 0, UUID, len(values), 1) + _UUID_SIZE + _UUID_SIZE.join(values)


def bools(values: Sequence[bool]) -> bytes:
    if not values:
        return _EMPTY[BOOL]
    return _header(1, 0, BOOL, len(values), 1) + b"".join([b"\0\0\0\1\1" if v else b"\0\0\0\1\0" for v in values])


def byteas(values: Sequence[bytes], oid: int = BYTEA) -> bytes:
    if not values:
        return _EMPTY[oid]
    sized = chain.from_iterable(zip(map(_length, map(len, values)), values, strict=True))
    return _header(1, 0, oid, len(values), 1) + b"".join(sized)


def texts(values: Sequence[str]) -> bytes:
    return byteas([value.encode() for value in values], TEXT)


def nullable(values: Sequence[bytes | None], oid: int) -> bytes:
    """An array of elements already packed, some of them NULL."""
    if not values:
        return _EMPTY[oid]
    parts: list[bytes] = [_header(1, 1, oid, len(values), 1)]
    for value in values:
        if value is None:
            parts.append(_NULL)
        else:
            parts += (_length(len(value)), value)
    return b"".join(parts)


def nullable_int2s(values: Sequence[int | None]) -> bytes:
    return nullable([None if v is None else _int2(v) for v in values], INT2)


def nullable_int4s(values: Sequence[int | None]) -> bytes:
    return nullable([None if v is None else _int4(v) for v in values], INT4)


def nullable_int8s(values: Sequence[int | None]) -> bytes:
    return nullable([None if v is None else _int8(v) for v in values], INT8)


def nullable_uuids(values: Sequence[bytes | None]) -> bytes:
    return nullable(values, UUID)


def nullable_texts(values: Sequence[str | None]) -> bytes:
    return nullable([None if v is None else v.encode() for v in values], TEXT)


def timestamps(values: Sequence[int | None]) -> bytes:
    return nullable([None if v is None else timestamp(v) for v in values], TIMESTAMPTZ)


def read_int(value: bytes) -> int:
    return int.from_bytes(value, "big", signed=True)


def read_timestamp(value: bytes | None) -> int | None:
    return None if value is None else int.from_bytes(value, "big", signed=True) + _EPOCH
