"""One file, read once: its tree, what the checker found, its diagnostics and its names.

The parser of the text form recovers, so there is a tree for broken files, too. YAML does not: where it cannot be read,
the lines in the way are blanked out one after the other until the rest can. What is said about the file is then what
was said of the file as it stands; names and types are those of the rest.
"""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from tenuto_dsl.check.trace import Trace
from tenuto_dsl.compiler import Checked, check_source
from tenuto_dsl.diagnostics import Diagnostic, Diagnostics
from tenuto_dsl.editor.index import Index, bind
from tenuto_dsl.editor.index.table import Table
from tenuto_dsl.editor.positions import Lines
from tenuto_dsl.imports import Reader
from tenuto_dsl.lint import DEFAULT, LintConfig, lint_checked
from tenuto_dsl.syntax import form_of, tree

_MOST_BLANKED = 4
_LARGEST_SALVAGED = 100_000


class Analysis:
    """A version of a file with everything that is known about it. `name` is its path; its suffix tells the form."""

    def __init__(self, name: str, source: str, reader: Reader, config: LintConfig = DEFAULT) -> None:
        self.name = name
        self.source = source
        self.config = config
        self.lines = Lines(source)
        self.trace = Trace()
        self.found = Diagnostics()
        self.checked: Checked = check_source(name, source, self.found, reader, trace=self.trace)
        self._as_it_stands = self.checked
        if self.form == "yaml" and not self.checked.file.declarations and self.found.has_errors:
            rest = _readable(source, name)
            if rest is not None:
                self.trace = Trace()
                self.checked = check_source(name, rest, Diagnostics(), reader, trace=self.trace)

    @cached_property
    def diagnostics(self) -> list[Diagnostic]:
        """What `tenuto lint` says of the file as it stands. The rules are asked when this is: completion needs none."""
        sink = Diagnostics()
        lint_checked(self.name, self.source, self._as_it_stands, self.found, sink, self.config)
        return sink.items

    @property
    def form(self) -> Literal["text", "yaml"]:
        return "yaml" if form_of(self.name) == "yaml" else "text"

    @property
    def file(self) -> tree.File:
        return self.checked.file

    @cached_property
    def index(self) -> Index:
        return bind(self.file, self.checked.imported_files, self.lines)

    @cached_property
    def table(self) -> Table:
        return Table([*self.checked.imported_files, self.file])

    def imports(self, path: str) -> bool:
        """Whether the file at a path is this one, or one that it imports."""
        return path == self.name or path in self.checked.imported


def _readable(source: str, name: str) -> str | None:
    """A YAML source without the lines that keep it from being read; None when that leads nowhere."""
    if len(source) > _LARGEST_SALVAGED:
        return None
    place = _broken_at(source, name)
    for _ in range(_MOST_BLANKED):
        if place is None:
            return source
        further: tuple[int, str] | None = None
        for line in (*_before(source, place), place):
            attempt = blanked(source, line)
            reached = _broken_at(attempt, name)
            if reached is None:
                return attempt
            if reached > place and (further is None or reached > further[0]):
                further = reached, attempt
        if further is None:
            return None
        place, source = further
    return None


def _broken_at(source: str, name: str) -> int | None:
    """The line at which a source stops being YAML."""
    from tenuto_dsl.syntax.yaml.compose import compose

    sink = Diagnostics()
    if compose(source, name, sink, mends=0).root is not None:
        return None
    return next((item.span.line for item in sink.items), 1)


def _before(source: str, line: int) -> list[int]:
    """The last line with something on it before a line."""
    lines = source.split("\n")
    return next(([n] for n in range(min(line - 1, len(lines)), 0, -1) if lines[n - 1].strip()), [])


def blanked(source: str, line: int) -> str:
    lines = source.split("\n")
    if line <= len(lines):
        lines[line - 1] = " " * len(lines[line - 1])
    return "\n".join(lines)
