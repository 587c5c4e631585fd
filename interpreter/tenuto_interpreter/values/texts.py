"""The text forms of scalars that JSON lacks: decimal, timestamp, duration and bytes, read and written.

One place for them, shared by the readers and writers of values, the codec and the conversions of the expression
language. Readers raise ValueError with a message that says what is wrong; the text itself is the caller's to show.
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

INT_MIN = -(2**63)
INT_MAX = 2**63 - 1
UINT_MAX = 2**64 - 1

DECIMAL_DIGITS = 1000
"""The most digits a decimal may have. Arithmetic keeps 38 significant ones; data may carry more."""

DECIMAL_EXPONENT = 6144
"""The largest magnitude, as a power of ten: `1e999999999` is a bomb when it is written out."""

DURATION_LIMIT = 315_576_000_000 * 1_000_000
"""Ten thousand years in microseconds, the range of CEL's durations."""

_DURATION = re.compile(
    r"(?P<sign>[+-])?(?=[0-9.])(?:(?P<w>[0-9]+)w)?(?:(?P<d>[0-9]+)d)?(?:(?P<h>[0-9]+(?:\.[0-9]+)?)h)?"
    r"(?:(?P<m>[0-9]+(?:\.[0-9]+)?)m(?!s))?(?:(?P<s>[0-9]+(?:\.[0-9]+)?)s)?(?:(?P<ms>[0-9]+(?:\.[0-9]+)?)ms)?"
    r"(?:(?P<us>[0-9]+(?:\.[0-9]+)?)(?:us|µs))?(?:(?P<ns>[0-9]+(?:\.[0-9]+)?)ns)?"
)
_ISO_DURATION = re.compile(
    r"(?P<sign>[+-])?P(?=.)(?:(?P<w>[0-9]+)W)?(?:(?P<d>[0-9]+)D)?"
    r"(?:T(?=.)(?:(?P<h>[0-9]+)H)?(?:(?P<m>[0-9]+)M)?(?:(?P<s>[0-9]+(?:\.[0-9]+)?)S)?)?"
)
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_UNITS = {
    "w": Decimal(7 * 86_400_000_000),
    "d": Decimal(86_400_000_000),
    "h": Decimal(3_600_000_000),
    "m": Decimal(60_000_000),
    "s": Decimal(1_000_000),
    "ms": Decimal(1_000),
    "us": Decimal(1),
    "ns": Decimal("0.001"),
}
_WRITTEN_UNITS = (
    (86_400_000_000, "d"), (3_600_000_000, "h"), (60_000_000, "m"), (1_000_000, "s"), (1_000, "ms"), (1, "us"),
)  # fmt: skip


def read_decimal(text: str) -> Decimal:
    """A finite decimal from its text: digits, an optional point and exponent."""
    if len(text) > DECIMAL_DIGITS + 20:
        raise ValueError(f"a decimal of more than {DECIMAL_DIGITS} digits")
    if not text.isascii() or "_" in text or text != text.strip():
        raise ValueError("not a decimal number")
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError("not a decimal number") from None
    return check_decimal(value)


def check_decimal(value: Decimal) -> Decimal:
    """The same decimal, when it is finite and of a sensible magnitude."""
    if not value.is_finite():
        raise ValueError("not a finite decimal")
    _, digits, exponent = value.as_tuple()
    if len(digits) > DECIMAL_DIGITS:
        raise ValueError(f"a decimal of more than {DECIMAL_DIGITS} digits")
    if not isinstance(exponent, int) or not -DECIMAL_EXPONENT <= exponent <= DECIMAL_EXPONENT:
        raise ValueError("a decimal out of range")
    if value and value.adjusted() > DECIMAL_EXPONENT:
        raise ValueError("a decimal out of range")
    return value


def write_decimal(value: Decimal) -> str:
    """The decimal as people write it: without an exponent while the number of zeros is sensible."""
    text = str(value)
    if "E" in text and -30 < value.adjusted() < 30:
        return format(value, "f")
    return text


def read_timestamp(text: str) -> datetime:
    """An aware UTC datetime from RFC 3339 text. Digits beyond microseconds are cut off."""
    if _TIMESTAMP.fullmatch(text) is None:
        raise ValueError("not an RFC 3339 timestamp")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("not a date and time that exists") from None


def write_timestamp(value: datetime) -> str:
    """RFC 3339 in UTC, with microseconds only when there are some."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def timestamp_to_us(value: datetime) -> int:
    """Microseconds since 1970, exactly."""
    delta = value - EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def timestamp_from_us(microseconds: int) -> datetime:
    """The inverse of `timestamp_to_us`. Raises OverflowError outside the years 1 to 9999."""
    return EPOCH + timedelta(microseconds=microseconds)


def duration_to_us(value: timedelta) -> int:
    return (value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds


def read_duration(text: str) -> timedelta:
    """A duration from `1h30m`, CEL's `5400s` and `1.5h`, or ISO 8601's `PT1H30M` (no months: they have no length)."""
    match = _DURATION.fullmatch(text) if len(text) <= 100 else None
    if match is None:
        match = _ISO_DURATION.fullmatch(text) if len(text) <= 100 else None
    if match is None:
        raise ValueError('not a duration such as "1h30m"')
    total = Decimal(0)
    for unit, digits in match.groupdict().items():
        if unit != "sign" and digits is not None:
            total += Decimal(digits) * _UNITS[unit]
    microseconds = int(total)
    if microseconds > DURATION_LIMIT:
        raise ValueError("a duration of more than 10,000 years")
    return timedelta(microseconds=-microseconds if match["sign"] == "-" else microseconds)


def write_duration(value: timedelta) -> str:
    """The canonical text, whole units from days down: `1d2h30m`, `-1s500ms`, `0s`."""
    rest = duration_to_us(value)
    if rest == 0:
        return "0s"
    text = "-" if rest < 0 else ""
    rest = abs(rest)
    for size, unit in _WRITTEN_UNITS:
        count, rest = divmod(rest, size)
        if count:
            text += f"{count}{unit}"
    return text


def read_bytes(text: str) -> bytes:
    """Bytes from base64, standard or URL-safe, padded or not."""
    plain = text.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("not base64") from None


def write_bytes(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
