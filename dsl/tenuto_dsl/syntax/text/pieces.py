"""The piece of a source around an offset: the smallest step, member, option or declaration it stands in.

A piece ends where its line or semicolon ends, but for lines that continue it and brackets that it opens.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""'
    r"""|"[^"\\\n]*(?:\\.[^"\\\n]*)*"|'[^'\\\n]*(?:\\.[^'\\\n]*)*'"""
    r"|\#[^\n]*|(?P<newline>\n)|(?P<separator>;)|(?P<open>[(\[{])|(?P<close>[)\]}])|[^\"'#\n;()\[\]{}]+|[\"']",
    re.DOTALL,
)
_CONTINUES = re.compile(r"\s*(?:[)\]},.?:|&*/%+<>=-]|!=|(?:else|catch|finally|undo|with|within|until|in)\b)")


def piece_around(text: str, offset: int) -> tuple[int, int]:
    """(start, end) of the piece. Linear in the text's length."""
    stack: list[int] = []  # where the piece inside each open brace began
    start = 0
    position = 0
    end = len(text)
    while position < end:
        match = _TOKEN.match(text, position)
        assert match is not None, "the pattern takes every character"
        kind, after = match.lastgroup, match.end()
        if kind == "open":
            stack.append(start)
            if match.group() == "{" and _opens_block(text, position, start):
                if position >= offset:
                    return start, _balanced_end(text, position)
                start = after
        elif kind == "close":
            if stack:
                outer = stack.pop()
                if position >= offset and start > outer and match.group() == "}":
                    return start, position
                start = outer if position < offset or start == outer else start
        elif kind in ("newline", "separator"):
            separates = kind == "separator" or not _CONTINUES.match(text, after)
            inside = bool(stack) and start == stack[-1]
            if separates and not inside:
                if position >= offset:
                    return start, position
                start = after
        position = after
    return start, end


def _opens_block(text: str, brace: int, start: int) -> bool:
    """Whether a brace holds steps, members or options, not a record or a map: the line goes on after it, or it follows
    a word or a closing bracket."""
    before = text[start:brace].rstrip()
    return bool(before) and (before[-1].isalnum() or before[-1] in "_)}]\"'") and "=" not in before[-2:]


def _balanced_end(text: str, position: int) -> int:
    depth = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        assert match is not None, "the pattern takes every character"
        if match.lastgroup == "open":
            depth += 1
        elif match.lastgroup == "close":
            depth -= 1
            if depth <= 0:
                return match.end()
        position = match.end()
    return len(text)
