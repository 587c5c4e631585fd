"""Writing: data to stdout as text, json or jsonl; messages to stderr; colours where they are wanted.

Whatever came from outside (ids, names, payloads) is made inert first: an escape sequence in a workflow id must not
reach the terminal.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TextIO

import orjson

_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36"}


def inert(text: str) -> str:
    """The text with control characters, direction marks and lone surrogates written out."""
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def one_line(text: str, limit: int = 300) -> str:
    """Inert, without line breaks, and not endless."""
    short = text if len(text) <= limit else text[: limit - 1] + "…"
    return inert(short.replace("\r", "").replace("\n", "\\n").replace("\t", " "))


def coloured(stream: TextIO) -> bool:
    """Whether this stream wants colours: NO_COLOR and TERM=dumb say no, FORCE_COLOR yes, else a terminal does."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def paint(text: str, style: str, stream: TextIO) -> str:
    if not coloured(stream) or not text:
        return text
    codes = ";".join(_CODES[name] for name in style.split())
    return f"\x1b[{codes}m{text}\x1b[0m"


def tell(text: str) -> None:
    """A message for the person."""
    print(inert(text), file=sys.stderr, flush=True)  # noqa: T201 - this is the place that prints


def complain(text: str, hint: str = "") -> None:
    """An error for the person, with what to do about it."""
    body = paint("error:", "bold red", sys.stderr) + " " + inert(text)
    if hint:
        body += "\n" + paint("hint:", "bold", sys.stderr) + " " + inert(hint)
    print(body, file=sys.stderr, flush=True)  # noqa: T201


def write(text: str) -> None:
    """Data, to stdout, as it is (already inert)."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")
    sys.stdout.flush()


# Without the second, orjson writes a datetime in a form of its own instead of asking `wire`.
_WIRE = orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATETIME


def write_value(value: Any, output: str) -> None:
    """One value: `text` and `json` indented for reading, `jsonl` on one line."""
    option = 0 if output == "jsonl" else orjson.OPT_INDENT_2
    write(orjson.dumps(value, default=wire, option=option | _WIRE).decode())


def write_rows(rows: Iterable[Mapping[str, Any]], output: str, columns: Sequence[tuple[str, str]]) -> None:
    """A list of records. `columns` are (heading, key) of the text form."""
    if output == "jsonl":
        for row in rows:
            write_value(row, "jsonl")
        return
    found = list(rows)
    if output == "json":
        write_value(found, "json")
        return
    table = [[one_line(cell(row.get(key)), 120) for _, key in columns] for row in found]
    widths = [max([len(title), *(len(line[n]) for line in table)]) for n, (title, _) in enumerate(columns)]
    heading = "  ".join(title.ljust(width) for (title, _), width in zip(columns, widths, strict=True)).rstrip()
    if sys.stdout.isatty() or table:
        write(paint(heading, "bold", sys.stdout))
    for line in table:
        write("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return orjson.dumps(value, default=wire, option=_WIRE).decode().strip('"')


def wire(value: Any) -> Any:
    """The wire form of what JSON lacks."""
    from tenuto_interpreter.values import texts

    if isinstance(value, Decimal):
        return texts.write_decimal(value)
    if isinstance(value, datetime):
        return texts.write_timestamp(value)
    if isinstance(value, timedelta):
        return texts.write_duration(value)
    if isinstance(value, bytes):
        return texts.write_bytes(value)
    if isinstance(value, tuple):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def moment(microseconds: int | None) -> str | None:
    """A time of the store, as RFC 3339 in UTC."""
    if microseconds is None:
        return None
    whole = datetime.fromtimestamp(microseconds // 1_000_000, UTC) + timedelta(microseconds=microseconds % 1_000_000)
    return whole.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def span(microseconds: int) -> str:
    """A stretch of time, as exactly as one wants to know it: `0.25 s`, `8 s`, `3 min 20 s`, `2 h 5 min`, `4 d 3 h`."""
    seconds = max(microseconds, 0) / 1_000_000
    if seconds < 9.95:
        return f"{seconds:.2g} s"
    whole = round(seconds)
    for size, unit, below, small in ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // below
            return f"{whole // size} {unit}" + (f" {rest} {small}" if rest else "")
    return f"{whole} s"
