"""The files of an editor: unsaved buffers over those on disk, each analysed once for each version.

Nothing here reads a disk: the reader and the list of files are given. An analysis is kept as long as the texts it was
made from, its own and those of its imports, are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar, cast

from tenuto_dsl.editor.analysis import Analysis
from tenuto_dsl.editor.index import Occurrence, Symbol
from tenuto_dsl.editor.index.symbols import GLOBAL
from tenuto_dsl.imports import Reader
from tenuto_dsl.lint import DEFAULT, LintConfig
from tenuto_dsl.syntax import form_of

MAX_KEPT = 200
"""Analyses that are kept; those not asked for longest go first."""


T = TypeVar("T")


@dataclass(slots=True)
class _Kept:
    analysis: Analysis
    generation: int


@dataclass(slots=True)
class _Draft:
    """What was made of a text that is not quite that of a file, and how often the other files had changed then."""

    text: object
    elsewhere: int
    made: object


class Workspace:
    """`others` gives the paths of workflow files that may not be open, `config` what the linter is to ask of a file."""

    def __init__(
        self,
        reader: Reader,
        others: Callable[[], Iterable[str]],
        config: Callable[[str], LintConfig] = lambda _path: DEFAULT,
    ) -> None:
        self._disk = reader
        self._others = others
        self._config = config
        self._buffers: dict[str, str] = {}
        self._kept: dict[str, _Kept] = {}
        self._generation = 0
        self._own: dict[str, int] = {}
        """By path: how many of the generations are changes of that buffer."""
        self._drafts: dict[str, _Draft] = {}

    # -- buffers ------------------------------------------------------------------------------------------------------

    def put(self, path: str, text: str) -> None:
        """A buffer was opened or changed."""
        self._buffers[path] = text.removeprefix("\ufeff").replace("\r\n", "\n")
        self._generation += 1
        self._own[path] = self._own.get(path, 0) + 1

    def drop(self, path: str) -> None:
        """A buffer was closed: what is on disk counts again."""
        self._buffers.pop(path, None)
        self._drafts.pop(path, None)
        self._generation += 1

    def changed_on_disk(self) -> None:
        self._generation += 1

    @property
    def open(self) -> list[str]:
        return list(self._buffers)

    def read(self, path: str) -> bytes:
        """What a file holds: its buffer when it is open. Raises OSError when there is no such file."""
        if path in self._buffers:
            return self._buffers[path].encode("utf-8", "surrogatepass")
        return self._disk(path)

    def text(self, path: str) -> str | None:
        """The text of a file, None when it cannot be read."""
        if path in self._buffers:
            return self._buffers[path]
        try:
            return self._disk(path).decode("utf-8-sig").replace("\r\n", "\n")
        except (OSError, ValueError):
            return None

    # -- analyses -----------------------------------------------------------------------------------------------------

    def analysis(self, path: str) -> Analysis | None:
        """What is known about a file; None when it cannot be read or is no workflow file."""
        kept = self._kept.pop(path, None)
        if kept is not None and (kept.generation == self._generation or self._still_holds(kept.analysis)):
            kept.generation = self._generation
            self._kept[path] = kept
            return kept.analysis
        text = self.text(path) if form_of(path) is not None else None
        if text is None:
            return None
        analysis = Analysis(path, text, self.read, self._config(path))
        self._kept[path] = _Kept(analysis, self._generation)
        while len(self._kept) > MAX_KEPT:
            del self._kept[next(iter(self._kept))]
        return analysis

    def without(self, path: str, start: int, end: int) -> Analysis | None:
        """What is known about a file without what stands between two offsets: the word that is being typed there.

        While that word grows, nothing is read again; and where the file was analysed before its first letter came,
        nothing is read at all."""
        text = self.text(path)
        if text is None or form_of(path) is None:
            return None
        rest = text[:start] + text[end:]

        def made() -> Analysis:
            kept = self._kept.get(path)
            if kept is not None and kept.analysis.source == rest and self._holds_elsewhere(kept.analysis):
                return kept.analysis
            return Analysis(path, rest, self.read, self._config(path))

        return self.draft(path, rest, made)

    def draft(self, path: str, text: object, make: Callable[[], T]) -> T:
        """What is made of a text, or of what stands for one, made once while neither it nor other files change."""
        elsewhere = self._generation - self._own.get(path, 0)
        kept = self._drafts.get(path)
        if kept is None or kept.text != text or kept.elsewhere != elsewhere:
            kept = self._drafts[path] = _Draft(text, elsewhere, make())
        return cast("T", kept.made)

    def _still_holds(self, analysis: Analysis) -> bool:
        return self.text(analysis.name) == analysis.source and self._holds_elsewhere(analysis)

    def _holds_elsewhere(self, analysis: Analysis) -> bool:
        """Whether all that it was made from is as it was, but for its own text."""
        if any(item.code == "TEN222" for item in analysis.found.items):
            return False  # what could not be read may be there by now
        if analysis.config != self._config(analysis.name):
            return False
        return all(self.text(path) == source for path, source in analysis.checked.imported.items())

    def try_out(self, changed: dict[str, str]) -> Workspace:
        """This workspace as it would be with other texts."""
        trial = Workspace(self._disk, self._others, self._config)
        trial._buffers = {**self._buffers, **changed}
        return trial

    # -- across files -------------------------------------------------------------------------------------------------

    def files(self) -> list[str]:
        """Every workflow file, the open ones first."""
        return list(dict.fromkeys([*self._buffers, *self._others()]))

    def importers(self, path: str) -> list[str]:
        """The open files that import a file, directly or not."""
        return [
            other
            for other in self._buffers
            if other != path and (analysis := self.analysis(other)) is not None and analysis.imports(path)
        ]

    def occurrences(self, symbol: Symbol) -> Iterator[Occurrence]:
        """Every place where a symbol is named, in whatever file."""
        home = symbol.span.file
        paths = [home]
        if symbol.kind in GLOBAL:
            paths += [path for path in self.files() if path != home and symbol.name in (self.text(path) or "")]
        for path in paths:
            analysis = self.analysis(path)
            if analysis is not None and analysis.imports(home):
                yield from analysis.index.of(symbol)
