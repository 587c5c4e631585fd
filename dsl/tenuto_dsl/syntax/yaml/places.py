"""Where the characters of a YAML scalar stand in the file, whatever the style it is written in."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|\r?\n[ \t]*|.)", re.DOTALL)


def places(text: str, raw: str, style: str, line: int, col: int) -> list[tuple[int, int]]:
    """Line and column of each character of a scalar's value, and of its end.

    `raw` is the scalar as written, beginning at (line, col). The two are walked side by side: a character of the value
    is where it is found; a break or a blank that folding made stands where the white space does that it was made of.
    """
    spots = [*_spots(raw, line, col)]
    position = raw.find("\n") + 1 if style in ("|", ">") else len(style)
    found: list[tuple[int, int]] = []
    last = len(raw)
    for character in text:
        width = 1
        if style == '"' and raw.startswith("\\", position):
            while (match := _ESCAPE.match(raw, position)) and match.group()[1:2] in ("\n", "\r"):
                position = match.end()  # an escaped line end stands for nothing
            match = _ESCAPE.match(raw, position)
            width = len(match.group()) if match else 1
        elif style == "'" and raw.startswith("''", position):
            width = 2
        elif character.isspace() or raw[position : position + 1].isspace():
            position, width = _white(raw, position, character)
        found.append(spots[min(position, last)])
        position += width
    return [*found, spots[min(position, last)]]


def _white(raw: str, position: int, character: str) -> tuple[int, int]:
    """Where a character stands at or after white space, and how much of `raw` is behind it."""
    if raw[position : position + 1] == character and character != "\n":
        return position, 1
    end = position
    while end < len(raw) and raw[end].isspace():
        end += 1
    if not character.isspace():
        return end, 1
    # A break, or a blank made of one: it stands at the line's end, and the next line's indentation is skipped.
    stop = raw.find("\n", position, end)
    if stop < 0:
        return position, 1
    following = stop + 1
    if character == "\n":
        return stop, following - stop
    return stop, end - stop


def _spots(raw: str, line: int, col: int) -> list[tuple[int, int]]:
    spots = []
    for character in raw:
        spots.append((line, col))
        line, col = (line + 1, 1) if character == "\n" else (line, col + 1)
    return [*spots, (line, col)]
