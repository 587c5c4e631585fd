"""Literals of the text form and of expressions: what their characters say."""

from __future__ import annotations

import re
from collections.abc import Callable

_SIMPLE = {
    "n": "\n", "r": "\r", "t": "\t", "\\": "\\", '"': '"', "'": "'", "`": "`", "?": "?", "$": "$",
    "a": "\a", "b": "\b", "f": "\f", "v": "\v",
}  # fmt: skip
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.))", re.DOTALL)
_UNITS = {
    "w": 604_800_000_000, "d": 86_400_000_000, "h": 3_600_000_000, "m": 60_000_000, "s": 1_000_000,
    "ms": 1_000, "us": 1,
}  # fmt: skip
_DURATION = re.compile(r"([0-9]+)(ms|us|[smhdw])")


class BadEscape(ValueError):
    """`offset` is where it stands in the text given."""

    def __init__(self, escape: str, offset: int) -> None:
        super().__init__(escape)
        self.escape = escape
        self.offset = offset


def unescape(text: str) -> str:
    """The text with CEL's escapes, and `\\$`, replaced. Raises BadEscape."""
    if "\\" not in text:
        return text
    return _replaced(text, chr)


def unescape_bytes(text: str) -> bytes:
    """The bytes of a bytes literal: `\\x` and octal escapes are bytes, everything else is UTF-8. Raises BadEscape."""
    # Lone surrogates carry the escaped bytes through `encode`.
    carried = _replaced(text, lambda code: chr(code) if code < 0x80 else chr(0xDC00 + code))
    return carried.encode("utf-8", "surrogateescape")


def _replaced(text: str, byte: Callable[[int], str]) -> str:
    def one(match: re.Match[str]) -> str:
        two, four, eight, octal, simple = match.groups()
        if two is not None:
            return byte(int(two, 16))
        if octal is not None:
            return byte(int(octal, 8))
        if simple is not None:
            if simple not in _SIMPLE:
                raise BadEscape(match.group(), match.start())
            return _SIMPLE[simple]
        code = int(four or eight, 16)
        if code > 0x10FFFF or 0xD800 <= code < 0xE000:
            raise BadEscape(match.group(), match.start())
        return chr(code)

    return _ESCAPE.sub(one, text)


def microseconds(text: str) -> int:
    """A duration literal, `1h30m`, in microseconds."""
    return sum(int(count) * _UNITS[unit] for count, unit in _DURATION.findall(text))


def integer(text: str) -> int:
    """An int or uint literal without its `u`."""
    return int(text, 16) if text.startswith("0x") else int(text)


def dedent_doc(text: str) -> str:
    """A docstring as meant: without the indentation it has in common, and without blank ends."""
    lines = text.strip("\n").split("\n")
    indents = [len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()]
    common = min(indents, default=0)
    return "\n".join([lines[0].strip(), *(line[common:].rstrip() for line in lines[1:])]).strip()


def interpolations(text: str) -> list[tuple[int, int]] | int:
    """Where the `${…}` of a string's raw text stand, as (start of `${`, end after `}`); or where one is not closed.

    Braces and strings inside are balanced; `\\$` is a dollar sign and begins none.
    """
    found: list[tuple[int, int]] = []
    position = 0
    while position < len(text):
        if text[position] == "\\":
            position += 2
        elif text.startswith("${", position):
            end = _closing(text, position + 2)
            if end is None:
                return position
            found.append((position, end))
            position = end
        else:
            position += 1
    return found


def _closing(text: str, position: int) -> int | None:
    depth = 1
    while position < len(text):
        character = text[position]
        if character in "\"'":
            position += 1
            while position < len(text) and text[position] != character:
                position += 2 if text[position] == "\\" else 1
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return position + 1
        position += 1
    return None
