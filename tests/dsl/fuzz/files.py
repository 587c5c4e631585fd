"""All workflow files of this repository, sound and broken, and random changes of them."""

from __future__ import annotations

import random
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[3]
_TOKEN = re.compile(r'\s+|[A-Za-z_]\w*|"[^"\n]*"|[0-9]+\w*|->|.', re.DOTALL)
_ODD = (
    "\n", ";", "#", '"', '"""', "'", "${", "}", "{", "(", ")", "[", "]", "[?", "->", ".", ".?", "=", "==", "&&", "!",
    "-", "`", "\\", "%", "@", ":", "- ", "? ", "|", ">", "&a", "*a", "!!x", "<<", "~", "null", "0x", "1e999", "9" * 30,
    "90s", "1h30m", "é", "\u2028", "\ufeff", "\x85", "\t", "\x00", "\U0001f600", "\u202e", "state", "do", "on",
    "a.b.c", "history(",
)  # fmt: skip
"""What mutations put in."""


@cache
def sources() -> tuple[tuple[str, str], ...]:
    """Names and texts, in a fixed order."""
    found = [
        path
        for folder in ("samples", "tests/language", "benchmarks/workflows")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".tenuto", ".yaml") and path.is_file()
    ]
    return tuple((path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in sorted(found))


@cache
def _tokens(source: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(source))


def mutated(choose: random.Random) -> tuple[str, str]:
    """The name of a file, and its text or a stretch of it with tokens deleted, doubled, swapped, spliced in or odd."""
    name, source = choose.choice(sources())
    tokens = list(_tokens(source))
    if choose.random() < 0.3:
        at = choose.randrange(len(tokens))
        tokens = tokens[at : at + choose.randrange(200)] or ["x"]
    for _ in range(choose.choice((1, 1, 2, 3, 6))):
        at, other = choose.randrange(len(tokens)), choose.randrange(len(tokens))
        match choose.randrange(7):
            case 0:
                tokens[at] = ""
            case 1:
                tokens[at : at + 1] = [tokens[at]] * choose.choice((2, 2, 3, 40))
            case 2:
                tokens[at], tokens[other] = tokens[other], tokens[at]
            case 3:
                donor = _tokens(choose.choice(sources())[1])
                start = choose.randrange(len(donor))
                tokens[at:at] = donor[start : start + choose.randrange(1, 60)]
            case 4:
                tokens[at:at] = [choose.choice(_ODD)]
            case 5:
                tokens[at : at + choose.randrange(1, 30)] = [""]
            case _:
                tokens[at] = choose.choice(_ODD)
    return name, "".join(tokens)


def varied(choose: random.Random) -> tuple[str, str]:
    """A sound file, more often than not sound still: words, numbers and texts exchanged for others of the file."""
    name, source = choose.choice([item for item in sources() if "/err" not in item[0] and "_err" not in item[0]])
    tokens = list(_tokens(source))
    kinds: dict[str, list[int]] = {}
    for place, token in enumerate(tokens):
        kinds.setdefault(_class_of(token), []).append(place)
    for _ in range(choose.choice((1, 1, 2, 4))):
        kind = choose.choice([kind for kind in ("word", "number", "text") if kind in kinds])
        at, other = choose.choice(kinds[kind]), choose.choice(kinds[kind])
        tokens[at] = tokens[other] if kind != "number" else choose.choice((tokens[other], *_NUMBERS))
    return name, "".join(tokens)


_NUMBERS = ("0", "1", "0s", "1ms", "100000d", "9223372036854775807", "9223372036854775808", "1e308", "3")


def _class_of(token: str) -> str:
    if token[0].isdigit():
        return "number"
    return "text" if token[0] == '"' else "word" if token[0].isalpha() else ""


_BYTES = (
    b"\r\n", b"\r", b"\x00", b"\xef\xbb\xbf", b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\x1b[31m",
    b"\xe2\x80\xae", b"\x85", b"\x0c",
)  # fmt: skip


def damaged(source: str, choose: random.Random) -> bytes:
    """The bytes of a file, some of them lost, doubled, changed, or in another encoding."""
    data = bytearray(source.encode("utf-8", "surrogatepass"))
    for _ in range(choose.choice((0, 1, 1, 3, 10))):
        at = choose.randrange(len(data) + 1)
        match choose.randrange(6):
            case 0:
                del data[at : at + choose.randrange(20)]
            case 1:
                data[at:at] = bytes(choose.randrange(256) for _ in range(choose.randrange(1, 6)))
            case 2 if data:
                data[at % len(data)] ^= 1 << choose.randrange(8)
            case 3:
                data[at:at] = data[at : at + 50] * choose.choice((1, 3, 50))
            case 4 if choose.random() < 0.2:
                other = choose.choice(("utf-16", "utf-16-be", "utf-32", "latin-1"))
                data = bytearray(data.decode("utf-8", "replace").encode(other, "replace"))
            case _:
                data[at:at] = choose.choice(_BYTES)
    return bytes(data)
