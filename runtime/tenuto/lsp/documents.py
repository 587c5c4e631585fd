"""What the client has open, and how its addresses and positions become ours."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from lsprotocol import types
from pygls.uris import from_fs_path, to_fs_path
from tenuto_dsl.editor.positions import Encoding, Lines
from tenuto_dsl.editor.workspace import Workspace
from tenuto_dsl.lint import DEFAULT, LintConfig, LintConfigError
from tenuto_dsl.syntax import form_of

MAX_FILES = 2_000
"""Workflow files of a workspace that are looked at without being open."""

_SUFFIXES = (".tenuto", ".yaml", ".yml")
_SKIPPED = {"node_modules", "__pycache__"}
_MARK = re.compile(r"^tenuto[ \t]*:", re.MULTILINE)


@dataclass(slots=True)
class Document:
    """An open buffer, its text with the line ends that the client has."""

    uri: str
    path: str
    text: str
    version: int | None

    @property
    def is_ours(self) -> bool:
        """A YAML file is a workflow file when it says so: clients send us others, too."""
        form = form_of(self.path)
        return form == "text" or (form == "yaml" and _MARK.search(self.text) is not None)


class Documents:
    """The open documents, over the files of the workspace's folders."""

    def __init__(self, warn: Callable[[str], None] = lambda _message: None) -> None:
        self.encoding: Encoding = "utf-16"
        self.versioned_edits = True
        """Whether the client takes edits with the version of the document that they are of."""
        self.folders: list[Path] = []
        self.workspace = Workspace(_read, self.files, self.config)
        self._open: dict[str, Document] = {}
        self._uris: dict[str, str] = {}
        self._files: list[str] | None = None
        self._configs: dict[str, LintConfig] = {}
        self._problems: dict[str, str | None] = {}
        self._warn = warn

    # -- buffers ------------------------------------------------------------------------------------------------------

    def open(self, item: types.TextDocumentItem) -> Document:
        path = self.path_of(item.uri, item.language_id)
        document = Document(item.uri, path, item.text, item.version)
        self._open[item.uri] = document
        self._uris[path] = item.uri
        self.workspace.put(path, item.text)
        return document

    def change(self, params: types.DidChangeTextDocumentParams) -> Document | None:
        """Apply changes in their order; None for a document that is not open."""
        document = self._open.get(params.text_document.uri)
        if document is None:
            return None
        for change in params.content_changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                document.text = self._replaced(document.text, change)
            else:
                document.text = change.text
        document.version = params.text_document.version
        self.workspace.put(document.path, document.text)
        return document

    def _replaced(self, text: str, change: types.TextDocumentContentChangePartial) -> str:
        lines = Lines(text)
        first, last = change.range.start, change.range.end
        start = lines.offset(*lines.from_client(first.line, first.character, self.encoding))
        end = lines.offset(*lines.from_client(last.line, last.character, self.encoding))
        return text[:start] + change.text + text[max(start, end) :]

    def close(self, uri: str) -> Document | None:
        document = self._open.pop(uri, None)
        if document is not None:
            self.workspace.drop(document.path)
        return document

    def get(self, uri: str) -> Document | None:
        """An open document that holds workflows."""
        document = self._open.get(uri)
        return document if document is not None and document.is_ours else None

    def at(self, path: str) -> Document | None:
        return self._open.get(self._uris.get(path, ""))

    # -- addresses ----------------------------------------------------------------------------------------------------

    def path_of(self, uri: str, language: str = "") -> str:
        """The path of an address; of a buffer without a file, one that is on no disk."""
        found = to_fs_path(uri) if uri.startswith("file:") else None
        if found is not None:
            return Path(found).as_posix()
        name = re.sub(r"[^\w.-]", "_", uri.rpartition("/")[2].rpartition(":")[2]) or "buffer"
        suffix = "" if name.endswith(_SUFFIXES) else ".yaml" if language == "yaml" else ".tenuto"
        return f"/{uri.partition(':')[0]}/{name}{suffix}"

    def uri_of(self, path: str) -> str:
        return self._uris.get(path) or from_fs_path(path) or path

    # -- files --------------------------------------------------------------------------------------------------------

    def files(self) -> list[str]:
        """The workflow files below the workspace's folders, looked up once until the client tells of a change."""
        if self._files is None:
            self._files = []
            for folder in self.folders:
                for path in _below(folder):
                    if len(self._files) >= MAX_FILES:
                        break
                    self._files.append(path)
        return self._files

    def changed_on_disk(self) -> None:
        self._files = None
        self._configs.clear()
        self.workspace.changed_on_disk()

    def config(self, path: str) -> LintConfig:
        """The linter's configuration for a file; of one that cannot be used the client is told once, and the defaults
        hold."""
        folder = os.path.dirname(path)  # noqa: PTH120  # ours are posix paths as texts
        if folder not in self._configs:
            self._configs[folder], problem = _read_config(Path(folder))
            if problem is not None and problem not in self._problems.values():
                self._warn(f"{problem}; the linter's defaults hold until that is mended")
            self._problems[folder] = problem
        return self._configs[folder]


def _read_config(folder: Path) -> tuple[LintConfig, str | None]:
    """The configuration, and what keeps it from being used."""
    from tenuto_dsl.lint.config import config_from

    from tenuto.settings import SettingsError, lint_table

    try:
        found = lint_table(folder)
        if found is None:
            return DEFAULT, None
        return config_from(found[0], str(found[1]), found[1].parent.as_posix()), None
    except (LintConfigError, SettingsError, OSError) as error:
        return DEFAULT, str(error)


def _read(path: str) -> bytes:
    return Path(path).read_bytes()


def _below(folder: Path) -> Iterator[str]:
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED)
        for name in sorted(names):
            path = Path(here, name)
            if path.suffix == ".tenuto" or (path.suffix in _SUFFIXES and _says_so(path)):
                yield path.as_posix()


def _says_so(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError:
        return False
    return _MARK.search(head.decode("utf-8", "replace")) is not None


def encoding_of(kind: types.PositionEncodingKind | str | None) -> Encoding:
    value = kind.value if isinstance(kind, types.PositionEncodingKind) else kind
    return cast("Encoding", value) if value in ("utf-8", "utf-16", "utf-32") else "utf-16"
