"""What the characters of literals say: numbers, durations, escapes."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SIMPLE = {
    "n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v",
    "\\": "\\", '"': '"', "'": "'", "`": "`", "?": "?", "$": "$",
}  # fmt: skip
_ESCAPE = re.compile(
    r"\\(?:[xX](?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})|U(?P<U>[0-9a-fA-F]{8})|(?P<o>[0-3][0-7]{2})|(?P<c>.)|$)",
    re.DOTALL,
)
_UNITS = {
    "w": 604_800_000_000, "d": 86_400_000_000, "h": 3_600_000_000, "m": 60_000_000, "s": 1_000_000,
    "ms": 1_000, "us": 1,
}  # fmt: skip
_PART = re.compile(r"([0-9]+)(ms|us|[wdhms])")
_LONGEST = 30
MAX_INT = 2**63 - 1
MAX_UINT = 2**64 - 1


def integer(text: str) -> int | None:
    """None when it has more digits than any number of ours."""
    if len(text) > _LONGEST:
        return None
    return int(text, 16) if text[:2] in ("0x", "0X") else int(text)


def microseconds(text: str) -> int | None:
    """A duration such as `1h30m`; None when it is longer than 64 bits of microseconds."""
    total = 0
    for count, unit in _PART.findall(text):
        if len(count) > _LONGEST:
            return None
        total += int(count) * _UNITS[unit]
    return total if total <= MAX_INT else None


def description(text: str) -> str:
    """A description without the blanks around it and at the ends of its lines."""
    return "\n".join(line.rstrip() for line in text.expandtabs().strip().split("\n"))


def unescaped(text: str, *, as_bytes: bool = False) -> tuple[str, list[tuple[int, int]]]:
    """The text with its escapes replaced, and the stretches of those that do not exist (they are kept as written).

    For bytes, `\\x` and octal escapes give a surrogate escape each, so that `surrogateescape` encodes the single byte.
    """
    if "\\" not in text:
        return text, []
    bad: list[tuple[int, int]] = []

    def replace(match: re.Match[str]) -> str:
        character = match["c"]
        if character is not None:
            found = _SIMPLE.get(character)
            if found is None:
                bad.append(match.span())
                return match[0]
            return found
        octet = match["x"] or match["o"]
        code = int(octet, 8 if match["o"] else 16) if octet else int(match["u"] or match["U"] or "110000", 16)
        if octet and as_bytes and code >= 0x80:
            return chr(0xDC00 + code)
        if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF or (as_bytes and not octet):
            bad.append(match.span())
            return match[0]
        return chr(code)

    return _ESCAPE.sub(replace, text), bad


_DOLLARS = re.compile(r"\\.|(\$+)\{", re.DOTALL)
_CODE = re.compile(r"""[{}]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""", re.DOTALL)


def pieces(text: str, *, escapes: bool) -> Iterator[tuple[str, int, int]]:
    """Cut a string into (`text`, start, end), (`dollars`, start, end) and (`code`, start, end) with what `${…}` holds.

    A run of dollars before a brace is taken in pairs, each standing for one dollar: `$${` is the text `${`. With
    `escapes`, a backslash hides what follows it. An unclosed `${` is the piece `open`, up to the end.
    """
    position = plain = 0
    while match := _DOLLARS.search(text, position):
        if match[1] is None:
            position = match.end() if escapes else match.start() + 1
            continue
        count = len(match[1])
        yield "text", plain, match.start()
        if count > 1:
            yield "dollars", match.start(), match.start() + count // 2
        if count % 2 == 0:
            plain = position = match.end() - 1
            continue
        end = closing(text, match.end())
        if end is None:
            yield "open", match.end() - 2, len(text)
            return
        yield "code", match.end(), end
        plain = position = end + 1
    yield "text", plain, len(text)


def closing(text: str, position: int) -> int | None:
    """Where the brace that closes a `${` stands: nested braces and strings are skipped."""
    depth = 0
    for match in _CODE.finditer(text, position):
        if match[0] == "{":
            depth += 1
        elif match[0] == "}":
            if depth == 0:
                return match.start()
            depth -= 1
    return None
