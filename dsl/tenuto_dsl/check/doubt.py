"""What a checker may still say about a file that could not be read as a whole.

The parser leaves out what it cannot read. Anything that is missing afterwards (a name, a path to a state, a value for
a variable) may be what was left out, and one mistake gives one diagnostic; so complaints about missing things are held
back, but for names that are a misspelling away from one that is there. What contradicts itself is said all the same.
"""

from __future__ import annotations

from tenuto_dsl.diagnostics import Diagnostic, Diagnostics

_LEAVES_NOTHING_OUT = {"TEN105", "TEN106", "TEN107", "TEN111", "TEN112"}
"""Mistakes of a source whose tree is whole all the same."""

_UNKNOWN_NAMES = {"TEN201", "TEN202", "TEN203", "TEN212", "TEN240", "TEN241", "TEN243", "TEN251", "TEN262", "TEN301"}
_MISSING = {
    "TEN206", "TEN213", "TEN214", "TEN217", "TEN220", "TEN228", "TEN229", "TEN230", "TEN245", "TEN247", "TEN305",
    "TEN308", "TEN310", "TEN311", "TEN312", "TEN313", "TEN317", "TEN320", "TEN325", "TEN326", "TEN329",
}  # fmt: skip


def is_whole(read: Diagnostics) -> bool:
    """Whether a source was read as a whole, going by what the parser said."""
    return all(item.severity != "error" or item.code in _LEAVES_NOTHING_OUT for item in read.items)


def without_doubtful(read: Diagnostics, found: Diagnostics, sink: Diagnostics) -> None:
    """Hand on what was found in a file that has syntax errors, but for what may follow from them: what is missing, and
    whatever stands on a line that could not be read."""
    broken = {(item.span.file, item.span.line) for item in read.items if item.severity == "error"}
    for item in found.items:
        if not _may_follow(item) and (item.span.file, item.span.line) not in broken:
            sink.add(item)


def _may_follow(item: Diagnostic) -> bool:
    if item.code in _UNKNOWN_NAMES:
        return item.hint is None or not item.hint.startswith("did you mean")
    return item.code in _MISSING
