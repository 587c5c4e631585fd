"""Where the parts of a program come from: the positions that the program itself must not hold.

A program is the same for both forms of a workflow; its source map is not. It is kept beside the definition, for
messages of the runtime, for the page and for the editor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tenuto_dsl.syntax.tree import Span


@dataclass(frozen=True, slots=True)
class SourceMap:
    """`states` and their `transitions` by index, `code` by block and address, `expressions`, `calls` and
    `activities` by index; maps stored by earlier versions know no activities."""

    states: tuple[Span, ...]
    transitions: tuple[tuple[Span, ...], ...]
    code: tuple[tuple[Span, ...], ...]
    expressions: tuple[Span, ...]
    calls: tuple[Span, ...]
    activities: tuple[Span, ...] = ()

    def place(self, block: int, pc: int) -> Span | None:
        """The step at an address; past the last one, the last step."""
        spans = self.code[block] if 0 <= block < len(self.code) else ()
        return spans[min(pc, len(spans) - 1)] if spans else None

    def to_plain(self) -> dict[str, Any]:
        """A JSON value: file names once, each span as five numbers."""
        files: dict[str, int] = {}

        def plain(span: Span) -> list[int]:
            number = files.setdefault(span.file, len(files))
            return [number, span.line, span.col, span.end_line, span.end_col]

        data: dict[str, Any] = {
            "states": [plain(span) for span in self.states],
            "transitions": [[plain(span) for span in spans] for spans in self.transitions],
            "code": [[plain(span) for span in spans] for spans in self.code],
            "expressions": [plain(span) for span in self.expressions],
            "calls": [plain(span) for span in self.calls],
            "activities": [plain(span) for span in self.activities],
        }
        data["files"] = list(files)
        return data

    @staticmethod
    def from_plain(data: dict[str, Any]) -> SourceMap:
        """The inverse of `to_plain`."""
        files = data["files"]

        def spans(items: list[list[int]]) -> tuple[Span, ...]:
            return tuple(Span(files[file], *numbers) for file, *numbers in items)

        return SourceMap(
            spans(data["states"]),
            tuple(spans(items) for items in data["transitions"]),
            tuple(spans(items) for items in data["code"]),
            spans(data["expressions"]),
            spans(data["calls"]),
            spans(data.get("activities", [])),
        )
