"""A model to the text of a YAML file."""

from __future__ import annotations

from tenuto_dsl.format.columns import render
from tenuto_dsl.format.document import INDENT, WIDTH, Laid
from tenuto_dsl.format.yaml.model import Entry, Many, Text, Value


def write(root: Many, after: list[str | None]) -> str:
    """The text of a file; `after` are the comments at its end."""
    writer = _Writer()
    writer.entries(root, 0)
    writer.remarks(after, 0)
    return render(writer.lines) if writer.lines else ""


def flow_text(value: Value) -> str | None:
    """A value on one line; None when comments or line ends in it do not let it be."""
    if isinstance(value, Text):
        return value.flow if value.flow is not None else None if value.lines else value.first
    parts = []
    for entry in value.entries:
        inner = flow_text(entry.value)
        if inner is None or entry.is_remarked:
            return None
        # A value left empty is written out: to some readers of YAML the key of `{ done:, to: a }` is `done:`.
        parts.append(f"{'' if entry.key is None else f'{entry.key}: '}{inner or 'null'}")
    if not parts:
        return "{}" if value.is_map else "[]"
    return f"{{ {', '.join(parts)} }}" if value.is_map else f"[{', '.join(parts)}]"


class _Writer:
    def __init__(self) -> None:
        self.lines: list[Laid] = []

    def entries(self, many: Many, indent: int, head: str = "") -> None:
        """The entries of a map or list in block style. `head` (dashes) begins the first line."""
        for position, entry in enumerate(many.entries):
            lead = head if position == 0 else ""
            if entry.blank and position:
                self._line(0, "")
            if not lead:
                entry.before += self._lifted(entry, indent)
                self.remarks(entry.before, indent)
            self._entry(entry, indent, lead)
            self.remarks(entry.below, indent)

    def _lifted(self, entry: Entry, indent: int) -> list[str]:
        """What silences rules on one line, when that line is broken into several: it is to silence them from above.

        The comment of an item goes to what begins on its line, before that is asked.
        """
        value = entry.value
        if not isinstance(value, Many) or not value.entries:
            return []
        one_line = flow_text(value) if value.flow else None
        if one_line is not None and len(one_line) <= WIDTH - indent - len(entry.key or "") - 2:
            return []
        found = [text for text in entry.behind if value.flow and text.startswith("# tenuto:")]
        entry.behind = [text for text in entry.behind if text not in found]
        if entry.key is None:
            if _takes_remark(value):
                _first(value).behind += entry.behind
                entry.behind = []
            found += self._lifted(_first(value), indent + INDENT)
        return found

    def remarks(self, remarks: list[str | None], indent: int) -> None:
        for remark in remarks:
            self._line(indent if remark else 0, remark or "")

    def _entry(self, entry: Entry, indent: int, head: str) -> None:
        start = head + (f"{entry.key}:" if entry.key is not None else "-")
        column = indent - len(head)
        value = entry.value
        room = WIDTH - column - len(start) - 1
        one_line = flow_text(value) if isinstance(value, Many) and (value.flow or not value.entries) else None
        if isinstance(value, Text):
            self._line(column, f"{start} {value.first}".rstrip(), entry.behind)
            for line in value.lines:
                self._line(indent + INDENT if line else 0, line)
        elif one_line is not None and (len(one_line) <= room or not value.entries):
            self._line(column, f"{start} {one_line}", entry.behind)
        elif entry.key is None and not entry.behind and not _first(value).before:
            self.entries(value, indent + INDENT, f"{start} ")
        elif entry.key is None:
            # The comment of an item, or of the first entry in it, that begins a line: the item begins below.
            self._line(column, start, entry.behind)
            self.entries(value, indent + INDENT)
        else:
            self._line(column, start, entry.behind)
            self.entries(value, indent + INDENT)

    def _line(self, indent: int, text: str, behind: list[str] | None = None) -> None:
        line = Laid(indent)
        if text:
            line.pieces.append(text)
        line.comments += behind or []
        self.lines.append(line)


def _first(value: Many) -> Entry:
    return value.entries[0]


def _takes_remark(value: Many) -> bool:
    """Whether the comment behind an item can stand behind the first entry in it."""
    first = _first(value)
    return first.key is not None and not first.behind and not first.before
