"""Functions of strings: CEL's standard ones and its strings extension. Positions count code points from 0."""

from __future__ import annotations

from tenuto_interpreter.expr import patterns, printf
from tenuto_interpreter.expr.context import MAX_TEXT, Context, charge, charge_items, charge_search, charge_text
from tenuto_interpreter.expr.errors import ExpressionError, LimitError
from tenuto_interpreter.expr.table import Rows

_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_UPPER = {lower: lower - 32 for lower in range(ord("a"), ord("z") + 1)}
_SHORT = 16
"""`rfind` takes time by the product of both lengths; `find` by their sum."""
_ESCAPES = {
    "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\\": "\\\\", '"': '\\"',
}  # fmt: skip


def _character(text: str, index: int) -> str:
    if 0 <= index < len(text):
        return text[index]
    if index == len(text):
        return ""
    raise ExpressionError(f"index {index} out of range: the string has {len(text)} characters")


def _contains(context: Context, text: str, part: str) -> bool:
    charge_search(context, text)
    return part in text


def _index_of(context: Context, text: str, part: str, start: int = 0) -> int:
    charge_search(context, text)
    if not 0 <= start <= len(text):
        raise ExpressionError(f"index {start} out of range: the string has {len(text)} characters")
    return text.find(part, start)


def _last_index_of(context: Context, text: str, part: str, start: int | None = None) -> int:
    charge_search(context, text)
    if start is not None and not 0 <= start <= len(text):
        raise ExpressionError(f"index {start} out of range: the string has {len(text)} characters")
    end = len(text) if start is None else min(start + len(part), len(text))
    if len(part) <= _SHORT:
        return text.rfind(part, 0, end)
    place = text[:end][::-1].find(part[::-1])
    return end - place - len(part) if place >= 0 else -1


def _substring(context: Context, text: str, start: int, end: int | None = None) -> str:
    stop = len(text) if end is None else end
    if 0 <= start <= stop <= len(text):
        return charge_text(context, text[start:stop])
    raise ExpressionError(f"substring({start}, {stop}) of a string of {len(text)} characters")


def _replace(context: Context, text: str, old: str, new: str, count: int = -1) -> str:
    times = text.count(old) if count < 0 else min(count, text.count(old))
    if len(text) + times * (len(new) - len(old)) > MAX_TEXT:
        raise LimitError(f"a string of more than {MAX_TEXT} characters")
    return charge_text(context, text.replace(old, new, count))


def _split(context: Context, text: str, separator: str, count: int = -1) -> list[str]:
    charge(context, len(text) >> 4)
    if count == 0:
        return []
    if separator == "":
        parts = list(text) if count < 0 or count >= len(text) else [*text[: count - 1], text[count - 1 :]]
    else:
        parts = text.split(separator, count - 1 if count > 0 else -1)
    charge_items(context, len(parts))
    return parts


def _join(context: Context, items: list[str], separator: str = "") -> str:
    size = sum(map(len, items)) + len(separator) * max(len(items) - 1, 0)
    if size > MAX_TEXT:
        raise LimitError(f"a string of more than {MAX_TEXT} characters")
    return charge_text(context, separator.join(items))


def _quote(context: Context, text: str) -> str:
    return charge_text(context, '"' + "".join(_ESCAPES.get(c, c) for c in text) + '"')


def _reverse(context: Context, text: str) -> str:
    return charge_text(context, text[::-1])


def _lower(context: Context, text: str) -> str:
    return charge_text(context, text.translate(_LOWER))


def _upper(context: Context, text: str) -> str:
    return charge_text(context, text.translate(_UPPER))


def _trim(context: Context, text: str) -> str:
    return charge_text(context, text.strip(_SPACES))


def _starts_with(context: Context, text: str, part: str) -> bool:
    charge_search(context, part)
    return text.startswith(part)


def _ends_with(context: Context, text: str, part: str) -> bool:
    charge_search(context, part)
    return text.endswith(part)


_SPACES = (
    "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""White space as Unicode lists it."""

ROWS = Rows()

ROWS.both("size_string", "size", "string -> int", len, total=True)
ROWS.both("size_bytes", "size", "bytes -> int", len, total=True)
ROWS.method("contains", "contains", "string, string -> bool", _contains, needs_context=True, total=True)
ROWS.method("starts_with", "startsWith", "string, string -> bool", _starts_with, needs_context=True, total=True)
ROWS.method("ends_with", "endsWith", "string, string -> bool", _ends_with, needs_context=True, total=True)
ROWS.method("char_at", "charAt", "string, int -> string", _character)
ROWS.method("index_of", "indexOf", "string, string -> int", _index_of, needs_context=True)
ROWS.method("index_of_from", "indexOf", "string, string, int -> int", _index_of, needs_context=True)
ROWS.method("last_index_of", "lastIndexOf", "string, string -> int", _last_index_of, needs_context=True)
ROWS.method("last_index_of_from", "lastIndexOf", "string, string, int -> int", _last_index_of, needs_context=True)
ROWS.method("join", "join", "[string] -> string", _join, needs_context=True)
ROWS.method("join_by", "join", "[string], string -> string", _join, needs_context=True)
ROWS.method("lower_ascii", "lowerAscii", "string -> string", _lower, needs_context=True, total=True)
ROWS.method("upper_ascii", "upperAscii", "string -> string", _upper, needs_context=True, total=True)
ROWS.method("replace", "replace", "string, string, string -> string", _replace, needs_context=True)
ROWS.method("replace_some", "replace", "string, string, string, int -> string", _replace, needs_context=True)
ROWS.method("split", "split", "string, string -> [string]", _split, needs_context=True)
ROWS.method("split_some", "split", "string, string, int -> [string]", _split, needs_context=True)
ROWS.method("substring_from", "substring", "string, int -> string", _substring, needs_context=True)
ROWS.method("substring", "substring", "string, int, int -> string", _substring, needs_context=True)
ROWS.method("trim", "trim", "string -> string", _trim, needs_context=True, total=True)
ROWS.method("reverse_string", "reverse", "string -> string", _reverse, needs_context=True)
ROWS.function("quote", "strings.quote", "string -> string", _quote, needs_context=True)
ROWS.method("format_string", "format", "string, [T] -> string", printf.printf, needs_context=True)

ROWS.both("matches", "matches", "string, string -> bool", patterns.matches, needs_context=True)
