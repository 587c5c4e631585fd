"""The SQL statements of activities: where their `:name` parameters stand. Nothing else of SQL is understood here."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r"""
      [eE]'(?:[^'\\]|\\.|'')*'            # a string with escapes
    | '(?:[^']|'')*'                      # a string
    | "(?:[^"]|"")*"                      # a name
    | \$(?P<tag>[A-Za-z_]\w*|)\$.*?\$(?P=tag)\$   # a dollar-quoted string
    | --[^\n]*                            # a comment to the end of its line
    | /\*.*?\*/                           # a comment
    | ::                                  # a cast
    | (?<![\w:]):(?P<name>[A-Za-z_]\w*)   # a parameter; not the end of a slice
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)


def pieces(statement: str) -> Iterator[tuple[str, str | None]]:
    """The statement in order: each piece of text, and the parameter that follows it (None after the last)."""
    start = 0
    for match in _TOKEN.finditer(statement):
        if match["name"] is not None:
            yield statement[start : match.start()], match["name"]
            start = match.end()
    yield statement[start:], None


def parameters(statement: str) -> list[str]:
    """The names of its parameters, each once, in order."""
    return list(dict.fromkeys(name for _, name in pieces(statement) if name is not None))
