"""What a YAML file is written from: scalars as spelled, maps and lists, and the comments of their entries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(slots=True)
class Text:
    """A scalar. The first line as spelled stands behind its key; `lines` are further ones, indented by the writer.

    `flow` is how it is spelled in brackets, where that differs.
    """

    first: str
    lines: list[str] = field(default_factory=list)
    flow: str | None = None


@dataclass(slots=True)
class Entry:
    """An entry of a map, or with no key of a list. `blank`: a blank line stands before it and its comments.

    `before` and `below` are comments on lines of their own, None among them is a blank line.
    """

    key: str | None
    value: Value
    blank: bool = False
    before: list[str | None] = field(default_factory=list)
    behind: list[str] = field(default_factory=list)
    below: list[str | None] = field(default_factory=list)

    @property
    def is_remarked(self) -> bool:
        return bool(self.before or self.behind or self.below)


@dataclass(slots=True)
class Many:
    """A map or a list. `flow`: on one line in brackets, if it fits and has no comments in it."""

    is_map: bool
    entries: list[Entry] = field(default_factory=list)
    flow: bool = False

    def add(self, key: str | None, value: Value) -> Entry:
        entry = Entry(key, value)
        self.entries.append(entry)
        return entry


Value: TypeAlias = Text | Many
