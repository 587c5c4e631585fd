"""Documents: text with places where a line may end, and the layout that chooses among them.

Wadler's and Prettier's algebra, small. A `Group` is written on one line if it fits, otherwise every `Line` directly in
it ends a line. What cannot be on one line (a `HARD` line end, a comment behind code) breaks all groups around it.

A `Suffix` is a comment behind code: it is written at the end of the line that it falls on, whatever stands between, so
it can never swallow code. A `Cell` is where a column may begin: `columns` aligns the cells of neighbouring lines.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

WIDTH = 120
INDENT = 2


class Line:
    """Where a line may end; on one line it is written as `flat`."""

    __slots__ = ("flat", "hard")

    def __init__(self, flat: str = " ", *, hard: bool = False) -> None:
        self.flat = flat
        self.hard = hard


class Suffix:
    """A comment behind code. A `hard` one breaks the groups around it, so that it stays behind its own item."""

    __slots__ = ("hard", "text")

    def __init__(self, text: str, *, hard: bool = False) -> None:
        self.text = text
        self.hard = hard


class Cell:
    """A column begins here, aligned with that of the same kind on the lines before and after; not in a flat group."""

    __slots__ = ("kind",)

    hard = False

    def __init__(self, kind: str) -> None:
        self.kind = kind


class Broken:
    """A text that is written only when the group around it is broken."""

    __slots__ = ("text",)

    hard = False

    def __init__(self, text: str) -> None:
        self.text = text


class Concat:
    __slots__ = ("hard", "parts")

    def __init__(self, parts: tuple[Doc, ...]) -> None:
        self.parts = parts
        self.hard: bool = any(not isinstance(part, str) and part.hard for part in parts)


class Nest:
    """Lines that end within begin deeper by one level."""

    __slots__ = ("hard", "inner")

    def __init__(self, inner: Doc) -> None:
        self.inner = inner
        self.hard: bool = not isinstance(inner, str) and inner.hard


class Group:
    __slots__ = ("broken", "hard", "inner")

    def __init__(self, inner: Doc, *, broken: bool = False) -> None:
        self.inner = inner
        self.hard: bool = broken or (not isinstance(inner, str) and inner.hard)
        self.broken = self.hard


Doc: TypeAlias = str | Line | Suffix | Cell | Broken | Concat | Nest | Group

LINE = Line()
SOFT = Line("")
HARD = Line(hard=True)
BLANK = Concat((HARD, HARD))


def concat(*parts: Doc) -> Doc:
    return Concat(parts)


def group(*parts: Doc, broken: bool = False) -> Doc:
    return Group(Concat(parts), broken=broken)


def nest(*parts: Doc) -> Doc:
    return Nest(Concat(parts))


def joined(separator: Doc, parts: Iterable[Doc]) -> Doc:
    found: list[Doc] = []
    for part in parts:
        if found:
            found.append(separator)
        found.append(part)
    return Concat(tuple(found))


def bracketed(opener: str, closer: str, docs: Iterable[Doc], edge: Doc = SOFT, *, broken: bool = False) -> Doc:
    """Items between brackets: all on one line, or each on its own with a comma behind."""
    found = list(docs)
    if not found:
        return opener + closer
    return group(opener, nest(edge, joined(concat(",", LINE), found)), Broken(","), edge, closer, broken=broken)


_Item: TypeAlias = tuple[int, bool, Doc]
"""An indentation, whether lines within are flat, and what to write."""


class Laid:
    """A line as laid out: its pieces are texts and cells; `comments` stand behind it."""

    __slots__ = ("comments", "indent", "pieces")

    def __init__(self, indent: int) -> None:
        self.indent = indent
        self.pieces: list[str | Cell] = []
        self.comments: list[str] = []

    @property
    def code(self) -> str:
        return "".join(piece for piece in self.pieces if isinstance(piece, str))


def lay(doc: Doc, width: int = WIDTH, indent: int = 0) -> list[Laid]:
    """The lines of a document."""
    line = Laid(indent)
    lines = [line]
    column = indent
    stack: list[_Item] = [(indent, False, doc)]
    while stack:
        depth, flat, item = stack.pop()
        if isinstance(item, str):
            line.pieces.append(item)
            column = len(item) - item.rfind("\n") - 1 if "\n" in item else column + len(item)
        elif isinstance(item, Concat):
            stack.extend((depth, flat, part) for part in reversed(item.parts))
        elif isinstance(item, Nest):
            stack.append((depth + INDENT, flat, item.inner))
        elif isinstance(item, Group):
            flat = not item.broken and (flat or _fits(item.inner, width - column, stack))
            stack.append((depth, flat, item.inner))
        elif isinstance(item, Suffix):
            line.comments.append(item.text)
        elif isinstance(item, Cell):
            if not flat:
                line.pieces.append(item)
        elif isinstance(item, Broken):
            if not flat:
                line.pieces.append(item.text)
                column += len(item.text)
        elif flat and not item.hard:
            line.pieces.append(item.flat)
            column += len(item.flat)
        else:
            line = Laid(depth)
            lines.append(line)
            column = depth
    return lines


def _fits(doc: Doc, room: int, after: list[_Item]) -> bool:
    """Whether a document fits on the rest of the line, with what comes after it up to the next possible line end."""
    rest = len(after)
    stack: list[tuple[bool, Doc]] = [(True, doc)]
    while room >= 0:
        if not stack:
            if rest == 0:
                return True
            rest -= 1
            _, flat, item = after[rest]
        else:
            flat, item = stack.pop()
        if isinstance(item, str):
            if "\n" in item:
                return len(item.partition("\n")[0]) <= room
            room -= len(item)
        elif isinstance(item, Concat):
            stack.extend((flat, part) for part in reversed(item.parts))
        elif isinstance(item, Nest):
            stack.append((flat, item.inner))
        elif isinstance(item, Group):
            stack.append((flat and not item.broken, item.inner))
        elif isinstance(item, Line):
            if not flat or item.hard:
                return True
            room -= len(item.flat)
        elif isinstance(item, Broken) and not flat:
            room -= len(item.text)
    return False


def flat_if_short(doc: Doc, most: int) -> Doc:
    """A document on one line if that is not long: then line ends are rather made around it."""
    if isinstance(doc, str) or doc.hard:
        return doc
    line, *more = lay(doc, 1_000_000_000)
    return doc if more or line.comments or len(line.code) > most else line.code


def flat(doc: Doc) -> str:
    """A document on one line."""
    return "\n".join(line.code for line in lay(doc, 1_000_000_000))
