"""For people: `file:line:col: CODE message`, the line with a caret below what is meant, and the remedy.

A source is somebody else's text: what could drive a terminal (escapes, direction marks) is shown, not sent.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from tenuto_dsl.diagnostics.model import Diagnostic

_TAB = 4
_WIDEST = 160
_COLOURS = {"error": "31", "warning": "33", "info": "36"}


def render_text(diagnostics: Sequence[Diagnostic], sources: Mapping[str, str], *, colour: bool = False) -> str:
    lines_of = {name: source.split("\n") for name, source in sources.items()}
    return "\n".join(_one(d, lines_of.get(d.span.file, []), colour) for d in diagnostics)


def harmless(text: str) -> str:
    """The text with every character that could drive a terminal written out."""
    return "".join(c if _is_harmless(c) else f"\\u{{{ord(c):x}}}" for c in text)


def _is_harmless(character: str) -> bool:
    return character == "\t" or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _one(diagnostic: Diagnostic, lines: Sequence[str], colour: bool) -> str:
    span = diagnostic.span
    code, severity = diagnostic.code, diagnostic.severity
    head = f"{code} {severity}:" if severity != "error" else f"{code}"
    if colour:
        head = f"\x1b[1;{_COLOURS[severity]}m{head}\x1b[0m"
    said = [f"{harmless(span.file)}:{span.line}:{span.col}: {head} {harmless(diagnostic.message)}"]
    if 1 <= span.line <= len(lines):
        said += _excerpt(lines[span.line - 1].removesuffix("\r"), diagnostic, colour)
    fix = diagnostic.fix
    if diagnostic.hint and (fix is None or fix.title != diagnostic.hint):
        said.append(f"    = {harmless(diagnostic.hint)}")
    if fix is not None:
        said.append(f"    = fix: {harmless(fix.title)}")
    return "\n".join(said)


def _excerpt(line: str, diagnostic: Diagnostic, colour: bool) -> list[str]:
    span = diagnostic.span
    start = span.col - 1
    end = span.end_col - 1 if span.end_line == span.line else len(line)
    offset = max(0, start - _WIDEST // 2)
    before, behind = "…" if offset else "", "…" if offset + _WIDEST < len(line) else ""
    shown, places = _laid_out(line[offset : offset + _WIDEST])
    places = [place + len(before) for place in places]
    first = places[min(max(start - offset, 0), len(places) - 1)]
    last = places[min(max(end - offset, 0), len(places) - 1)]
    marks = "^" * max(last - first, 1)
    if colour:
        marks = f"\x1b[{_COLOURS[diagnostic.severity]}m{marks}\x1b[0m"
    number = str(span.line)
    return [f"{number:>5} | {before}{shown}{behind}", f"{'':>5} | {' ' * first}{marks}"]


def _laid_out(text: str) -> tuple[str, list[int]]:
    """The line as shown, and for each of its characters (and the end) the column where it stands."""
    shown: list[str] = []
    places = [0]
    column = 0
    for character in text:
        piece = " " * _TAB if character == "\t" else harmless(character)
        wide = len(piece) == 1 and unicodedata.east_asian_width(character) in ("W", "F")
        column += 2 if wide else 0 if unicodedata.combining(character) else len(piece)
        shown.append(piece)
        places.append(column)
    return "".join(shown), places
