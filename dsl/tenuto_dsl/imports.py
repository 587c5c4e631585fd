"""Following imports: other files' declarations, flat, each file once.

A path is relative to the importing file and stays under the root, the directory of the file that is compiled; a cycle
is an error that shows its way round. Files are read by an injected function, so that the editor and the tests can
compile what is on no disk.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field

from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import decode_source, parse_file, tree

Reader = Callable[[str], bytes]
"""What a file at a path holds. Raises OSError when it cannot be read."""

MAX_FILES = 200


@dataclass(slots=True)
class Imports:
    """Collects the files that one file imports, dependencies first."""

    reader: Reader
    root: str
    sink: Diagnostics
    files: list[tree.File] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)
    _done: set[str] = field(default_factory=set)

    def follow(self, file: tree.File, path: str) -> None:
        """Read what a file at a path imports, and what that imports in turn."""
        self._open.append(_normal(path))
        for node in file.declarations:
            if isinstance(node, tree.Import):
                self._one(node, path)
        self._done.add(self._open.pop())

    def _one(self, node: tree.Import, importer: str) -> None:
        wanted = _normal(posixpath.join(posixpath.dirname(importer), node.path))
        if posixpath.isabs(node.path) or "\\" in node.path or not self._under_root(wanted):
            message = f"{node.path} is outside of the directory of the file being compiled"
            self.sink.error("TEN224", node.span, message, "import files from that directory or below it")
        elif wanted in self._open:
            way = " -> ".join([*self._open[self._open.index(wanted) :], wanted])
            self.sink.error("TEN223", node.span, f"files import each other in a circle: {way}")
        elif wanted not in self._done:
            self._read(node, wanted)

    def _read(self, node: tree.Import, path: str) -> None:
        if len(self.sources) >= MAX_FILES:
            self.sink.error("TEN222", node.span, f"more than {MAX_FILES} files are imported")
            return
        source = read(path, self.reader, node.span, self.sink, "TEN222")
        if source is None:
            self._done.add(path)
            return
        self.sources[path] = source
        file = parse_file(path, source, self.sink)
        self.follow(file, path)
        self.files.append(file)

    def _under_root(self, path: str) -> bool:
        root = self.root
        if root in ("", "."):
            return not path.startswith(("../", "/")) and path != ".."
        return path == root or path.startswith(root.rstrip("/") + "/")


def read(path: str, reader: Reader, span: tree.Span, sink: Diagnostics, code: str) -> str | None:
    """The text of a file, or None after a diagnostic: with the code at the span when there is no such file."""
    try:
        data = reader(path)
    except (OSError, ValueError) as error:
        # ValueError: a path that no file system takes, such as one with a NUL in it.
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "no such path"
        sink.error(code, span, f"{path} cannot be read: {reason}")
        return None
    return decode_source(data, path, sink)


def _normal(path: str) -> str:
    return posixpath.normpath(path)
