"""Where the Python function of an activity is defined: looked for in files, nothing is imported or run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tenuto_dsl.editor.positions import Place

_MOST_FOLDERS = 6
"""Folders above a workflow file that are looked into, when it is in none of the workspace's."""


def defined(target: str, file: str, folders: Iterable[Path]) -> tuple[str, Place] | None:
    """The file and the place of `package.module:callable`, seen from a workflow file; the begin of the module where
    it does not define the name itself."""
    module, _, name = target.partition(":")
    if not re.fullmatch(r"\w+(\.\w+)*", module):
        return None
    way = module.replace(".", "/")
    for root in _roots(Path(file), set(folders)):
        for path in (root / f"{way}.py", root / way / "__init__.py"):
            if path.is_file():
                return path.as_posix(), _place(path, name.partition(".")[0])
    return None


def _roots(file: Path, folders: set[Path]) -> Iterator[Path]:
    """The folders from which modules may be imported: that of the file and those around it, up to the workspace's."""
    for number, folder in enumerate(file.parents):
        yield folder
        yield folder / "src"
        if folder in folders or number >= _MOST_FOLDERS:
            break
    yield from folders


def _place(path: Path, name: str) -> Place:
    begin = re.compile(rf"(?:(?:async\s+)?def|class)\s+({re.escape(name)})\b|({re.escape(name)})\s*[:=]")
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return 1, 1
    for number, line in enumerate(lines, 1):
        match = begin.match(line) if name else None
        if match is not None:
            return number, (match.start(1) if match[1] else match.start(2)) + 1
    return 1, 1
