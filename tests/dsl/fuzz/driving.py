"""What every source must bear: whatever it holds, all that read it answer, soon, in bounded memory, with diagnostics
that have a place.

What reads a source is in `reading` and `editing`, each a table of tasks. A task gets a `Case` and asserts for itself
what only it can know; here is measured what it took, and looked at what it said.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Mapping

from tenuto_dsl import Diagnostics
from tenuto_dsl.diagnostics import CODES, Diagnostic
from tenuto_dsl.diagnostics.render import RENDERERS

from tests.dsl.fuzz.editing import EDITING
from tests.dsl.fuzz.reading import READING, Case

LIMIT_S = 1.0
LIMIT_KB = 200 << 10
"""By how much a task may raise the most memory this process has ever had."""

TASKS: Mapping[str, Callable[[Case], object]] = {**READING, **EDITING}
_QUICK = ("compile", "lint", "format", "convert", "analyse")


def drive(name: str, source: str, *, limit_s: float = LIMIT_S, seed: int = 0, quick: bool = False) -> list[Diagnostic]:
    """Give a source to all that read sources, or to those that every file goes through; the compiler's diagnostics.

    Raises AssertionError for a diagnostic without a registered code or a place in the source, for what takes longer
    or more memory than it may, and for what a task has to find wrong itself.
    """
    case = Case(name, source, seed)
    slow = {}
    for what, task in TASKS.items():
        if quick and what not in _QUICK:
            continue
        had, began = _peak_kb(), time.process_time()
        try:
            task(case)
        except Exception as error:
            error.add_note(f"in {what}")
            raise
        spent = time.process_time() - began
        if spent > limit_s:
            slow[what] = round(spent, 2)
        assert _peak_kb() - had < LIMIT_KB, f"{what} took {(_peak_kb() - had) >> 10} MB"
    for what, sink in case.sinks.items():
        _check(what, sink, source, name)
    assert not slow, f"too slow: {slow}"
    return case.sinks["compile"].items


def _peak_kb() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak >> 10 if sys.platform == "darwin" else peak


def _check(what: str, sink: Diagnostics, source: str, name: str) -> None:
    lines = source.split("\n")
    for item in sink.items:
        span = item.span
        assert item.code in CODES, item
        assert item.code != "TEN150", (what, item)
        assert item.message.strip(), (what, item)
        assert span.file == name, (what, item)
        assert (1, 1) <= (span.line, span.col) <= (span.end_line, span.end_col), (what, item)
        assert span.end_line <= len(lines), (what, item)
        assert span.col <= len(lines[span.line - 1]) + 2, (what, item)
        assert span.end_col <= len(lines[span.end_line - 1]) + 2, (what, item)
    for render in RENDERERS.values():
        render(sink.items[:50], {name: source}).encode("utf-8", "surrogatepass")
