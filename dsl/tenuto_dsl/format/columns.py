"""The last pass of the layout: columns of neighbouring lines are aligned, comments behind code too.

Lines are neighbours when nothing stands between them and they are indented alike. What sticks out too far begins a new
run, so that one long line does not push its neighbours to the right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tenuto_dsl.format.document import INDENT, Cell, Laid

_FURTHEST = 40
"""How many blanks an alignment may need."""

_GAP = "  "
_CLOSERS = (")", "]", "}")


def render(lines: list[Laid]) -> str:
    """The text of laid lines, each ended by a line feed.

    One comment stands behind a line; others that fell on it stand above.
    """
    lines = [part for line in lines for part in _with_lines_above(line)]
    for run in _runs(lines, lambda line: _kind(line, 0), lambda line: _width(line, 0)):
        _align(run, 0)
    made = [(line, " " * line.indent + line.code if line.pieces else "") for line in lines]
    texts = [text.rstrip() if "\n" not in text else text for _, text in made]
    _comments(lines, texts)
    return "\n".join(texts) + "\n"


def _with_lines_above(line: Laid) -> list[Laid]:
    above = []
    for text in line.comments[:-1]:
        comment = Laid(line.indent + INDENT if line.code.startswith(_CLOSERS) else line.indent)
        comment.pieces.append(text)
        above.append(comment)
    del line.comments[:-1]
    return [*above, line]


def _kind(line: Laid, index: int) -> str | None:
    cells = [piece for piece in line.pieces if isinstance(piece, Cell)]
    return cells[index].kind if index < len(cells) else None


def _width(line: Laid, index: int) -> int:
    """How much stands before a line's cell."""
    width = 0
    for piece in line.pieces:
        if isinstance(piece, Cell):
            if index == 0:
                break
            index -= 1
        else:
            width += len(piece)
    return width


def _runs(lines: list[Laid], kind: Callable[[Laid], str | None], width: Callable[[Laid], int]) -> Iterator[list[Laid]]:
    """Neighbours whose next cells are of one kind and not too far apart."""
    run: list[Laid] = []
    low = high = 0
    for line in lines:
        found = kind(line)
        if found is None:
            if run:
                yield run
            run = []
            continue
        own = width(line)
        near = max(high, own) - min(low, own) <= _FURTHEST
        if run and run[-1].indent == line.indent and kind(run[-1]) == found and near:
            run.append(line)
            low, high = min(low, own), max(high, own)
        else:
            if run:
                yield run
            run, low, high = [line], own, own
    if run:
        yield run


def _align(run: list[Laid], index: int) -> None:
    widest = max(_width(line, index) for line in run)
    for line in run:
        seen = -1
        for position, piece in enumerate(line.pieces):
            if isinstance(piece, Cell):
                seen += 1
                if seen == index:
                    line.pieces.insert(position, " " * (widest - _width(line, index)))
                    break
    following = index + 1
    for part in _runs(run, lambda line: _kind(line, following), lambda line: _width(line, following)):
        _align(part, following)


def _comments(lines: list[Laid], texts: list[str]) -> None:
    """Put the comments behind their lines."""
    run: list[int] = []
    low = high = 0
    for number, line in enumerate([*lines, None]):
        width = len(texts[number]) if line is not None else 0
        if line is not None and line.comments and "\n" not in texts[number]:
            if run and max(high, width) - min(low, width) <= _FURTHEST:
                low, high = min(low, width), max(high, width)
                run.append(number)
                continue
            _write_comments(lines, texts, run, high)
            run, low, high = [number], width, width
            continue
        _write_comments(lines, texts, run, high)
        run = []
        if line is not None and line.comments:
            texts[number] += _GAP + line.comments[0]


def _write_comments(lines: list[Laid], texts: list[str], run: list[int], column: int) -> None:
    for number in run:
        blanks = " " * (column - len(texts[number])) + _GAP if texts[number] else ""
        texts[number] += blanks + lines[number].comments[0]
