"""A first look at a source, in one linear pass: strings, comments, brackets.

It finds what would lead a parser astray (a string or bracket that is not closed, nesting without end) and says where
top-level declarations begin, which is where a reader, and the recovery, start afresh.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MAX_NESTING = 60
"""Brackets within brackets."""

_TOKEN = re.compile(
    r'(?P<doc>"""(?:[^"\\]|\\.|"(?!""))*""")'
    r"""|(?P<raw>\br(?:"[^"\n]*"|'[^'\n]*'))"""
    r"""|(?P<string>"[^"\\\n]*(?:\\.[^"\\\n]*)*"|'[^'\\\n]*(?:\\.[^'\\\n]*)*')"""
    r"|(?P<comment>\#[^\n]*)|(?P<newline>\n)|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<quote>\"\"\"|[\"'])|(?P<other>[^\"'#\n()\[\]{}r]+|r)",
    re.DOTALL,
)
_DECLARATION = re.compile(r"(?:import|type|error|config|activity|workflow|test)\b")
_CLOSERS = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Trouble:
    """`start` and `end` are offsets into the source."""

    code: str
    message: str
    hint: str | None
    start: int
    end: int


@dataclass(slots=True)
class Scan:
    """`chunks` are the stretches (start, end) of the source that begin with a top-level declaration, with the brackets
    each leaves open; `comments` are (start, end, trailing)."""

    troubles: list[Trouble] = field(default_factory=list)
    chunks: list[tuple[int, int, str]] = field(default_factory=list)
    comments: list[tuple[int, int, bool]] = field(default_factory=list)
    masked: list[tuple[int, int]] = field(default_factory=list)


def scan(source: str) -> Scan:
    """Look over a source. Linear in its length."""
    found = Scan()
    stack: list[tuple[str, int, int]] = []  # bracket, offset, indentation of its line
    chunk_start = 0
    line_start = 0
    position = 0
    length = len(source)
    too_deep = False
    while position < length:
        if position == line_start and _DECLARATION.match(source, position):
            # A declaration in the first column begins a chunk, whatever is still open above it.
            if position > chunk_start:
                found.chunks.append((chunk_start, position, _unclosed(found, stack)))
            stack.clear()
            chunk_start = position
        match = _TOKEN.match(source, position)
        assert match is not None, "the scanner's pattern takes every character"
        kind, end = match.lastgroup, match.end()
        if kind == "newline":
            line_start = end
        elif kind == "comment":
            found.comments.append((position, end, source[line_start:position].strip() != ""))
        elif kind == "doc" and "\n" in match.group():
            line_start = position + match.group().rfind("\n") + 1
        elif kind == "quote":
            end = _open_string(found, source, position)
        elif kind == "open":
            stack.append((match.group(), position, _indentation(source, line_start)))
            if len(stack) > MAX_NESTING and not too_deep:
                too_deep = True
                message = f"brackets nested deeper than {MAX_NESTING} levels"
                found.troubles.append(Trouble("TEN109", message, None, position, end))
        elif kind == "close":
            _close(found, source, stack, match.group(), position, line_start)
        position = end
    found.chunks.append((chunk_start, length, _unclosed(found, stack)))
    return found


def _indentation(source: str, line_start: int) -> int:
    end = line_start
    while end < len(source) and source[end] in " \t":
        end += 1
    return end - line_start


def _open_string(found: Scan, source: str, position: int) -> int:
    """A quote that begins no string: it ends, for want of better, with its line (or the file, when tripled)."""
    if source.startswith('"""', position):
        found.troubles.append(
            Trouble("TEN103", 'this """ is never closed', 'close it with """', position, position + 3)
        )
        end = len(source)
    else:
        line_end = source.find("\n", position)
        end = len(source) if line_end < 0 else line_end
        quote = source[position]
        found.troubles.append(
            Trouble("TEN103", "this string is not closed on its line", f"close it with {quote}", position, end)
        )
    found.masked.append((position, end))
    return end


def _close(
    found: Scan, source: str, stack: list[tuple[str, int, int]], closer: str, position: int, line_start: int
) -> None:
    first_on_line = source[line_start:position].strip() == ""
    if first_on_line and closer == "}":
        # The layout tells which brace was forgotten: this one closes the block that began at its own indentation.
        indentation = _indentation(source, line_start)
        while (
            len(stack) > 1
            and stack[-1][2] > indentation
            and any(opener == "{" and indent == indentation for opener, _, indent in stack[:-1])
        ):
            _report_unclosed(found, stack.pop())
    if stack and _CLOSERS[stack[-1][0]] == closer:
        stack.pop()
        return
    if any(_CLOSERS[opener] == closer for opener, _, _ in stack):
        while stack and _CLOSERS[stack[-1][0]] != closer:
            _report_unclosed(found, stack.pop())
        stack.pop()
        return
    message = f"this {closer} closes nothing"
    found.troubles.append(Trouble("TEN104", message, None, position, position + 1))
    found.masked.append((position, position + 1))


def _unclosed(found: Scan, stack: list[tuple[str, int, int]]) -> str:
    """Report what a chunk leaves open; answers what would close it."""
    for entry in stack[-1:]:
        _report_unclosed(found, entry)
    return "".join(_CLOSERS[opener] for opener, _, _ in reversed(stack))


def _report_unclosed(found: Scan, entry: tuple[str, int, int]) -> None:
    opener, position, _ = entry
    found.troubles.append(
        Trouble("TEN104", f"this {opener} is never closed", f"close it with {_CLOSERS[opener]}", position, position + 1)
    )
