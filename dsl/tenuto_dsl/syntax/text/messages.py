"""A parser's complaint in an author's words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tenuto_dsl.diagnostics.nearest import nearest

_WORDS = {
    "NAME": "a name", "STRING": "a string", "DOC": "a docstring", "INT": "a number", "METHOD": "an HTTP method",
    "LIMIT": "attempt, overall, queued or heartbeat", "STATE_KIND": "initial or final",
    "PROPERTY_KIND": "never, always or eventually", "CLOSE_KIND": "abandon, cancel or terminate",
    "_NL": "a new line", "$END": "the end of the file", "_ARROW": "->", "_EQ": "=", "_COLON": ":", "_COMMA": ",",
    "_DOT": ".", "_BAR": "|", "_LPAR": "(", "_RPAR": ")", "_LSQB": "[", "_RSQB": "]", "_LBRACE": "{", "_RBRACE": "}",
    "_QMARK": "?",
}  # fmt: skip
_CHOICES = {
    "LIMIT": ["attempt", "overall", "queued", "heartbeat"], "STATE_KIND": ["initial", "final"],
    "PROPERTY_KIND": ["never", "always", "eventually"], "CLOSE_KIND": ["abandon", "cancel", "terminate"],
    "METHOD": ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"],
}  # fmt: skip
_EXPRESSION = {
    "INT", "UINT", "FLOAT", "DURATION", "BYTES", "RAW", "TRUE", "FALSE", "NULL", "_BANG", "MINUS", "LSQBQ",
}  # fmt: skip
_OPERATORS = {
    "EQEQ", "NE", "LE", "GE", "OR", "AND", "_DOTQ", "LT", "GT", "PLUS", "MINUS", "STAR", "SLASH", "PERCENT", "IN",
    "_QMARK", "_DOT", "_LSQB", "LSQBQ",
}  # fmt: skip
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MOST = 6


def keyword_of(terminal: str) -> str | None:
    """The word a keyword's terminal stands for."""
    bare = terminal.lstrip("_")
    if terminal in _WORDS or terminal in _EXPRESSION - {"TRUE", "FALSE", "NULL"} or terminal in _OPERATORS - {"IN"}:
        return None
    return bare.lower() if bare.isupper() and bare.isalpha() else None


def keywords_of(terminal: str) -> list[str]:
    """The words a terminal stands for, none when it is no keyword."""
    if terminal in _CHOICES:
        return _CHOICES[terminal]
    keyword = keyword_of(terminal)
    return [keyword] if keyword is not None else []


def expected(terminals: Iterable[str]) -> list[str]:
    """What could stand there, most telling first."""
    names = set(terminals)
    said: list[str] = []
    if len(names & _EXPRESSION) >= 8:
        said.append("an expression")
        names -= _EXPRESSION | {"NAME", "STRING", "DOC", "_LPAR", "_LSQB", "_LBRACE"}
    if len(names & _OPERATORS) >= 8:
        names -= _OPERATORS
    said += sorted(keyword for name in names if (keyword := keyword_of(name)) is not None)
    said += sorted(_WORDS[name] for name in names if name in _WORDS and name not in ("DOC",))
    return said


def complaint(found: str, terminals: Iterable[str]) -> tuple[str, str | None, str | None]:
    """(message, hint, the word meant) for what was found where something else is expected."""
    names = list(terminals)
    could_be = expected(names)
    keywords = [keyword for name in names for keyword in keywords_of(name)]
    shown = _shown(found)
    if could_be == ["a name"] and _WORD.fullmatch(found):
        return f"{shown} is a word of the language; a name is expected here", "choose another name", None
    meant = nearest(found, keywords) if _WORD.fullmatch(found) else None
    if meant is not None:
        return f"unexpected {shown}", f"did you mean {meant}?", meant
    if not could_be:
        return f"unexpected {shown}", None, None
    if "_NL" in names and found[:1].isalpha():
        return f"unexpected {shown}; a new line or ; must stand before it", None, None
    if len(could_be) > _MOST:
        return f"unexpected {shown}", f"expected one of {', '.join(could_be)}", None
    listing = could_be[0] if len(could_be) == 1 else f"{', '.join(could_be[:-1])} or {could_be[-1]}"
    return f"unexpected {shown}; expected {listing}", None, None


def _shown(found: str) -> str:
    if found == "":
        return "end of the file"
    if found.strip(" \t\r\n;") == "":
        return "';'" if ";" in found else "end of the line"
    text = found if len(found) <= 30 else found[:29] + "…"
    return f"'{text}'"
