"""Diagnostics as somebody types: of the changed file and of the open files that import it, when typing pauses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from lsprotocol import types

from tenuto.lsp import convert
from tenuto.lsp.documents import Documents

PAUSE_S = 0.15

Publish = Callable[[types.PublishDiagnosticsParams], None]


class Publishing:
    def __init__(self, documents: Documents, publish: Publish, failed: Callable[[Exception], None]) -> None:
        self.rules_url: str | None = None
        self._documents = documents
        self._publish = publish
        self._failed = failed
        self._waiting: dict[str, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def changed(self, path: str, *, at_once: bool = False) -> None:
        """A file has another text: what it is told waits until nothing has changed for a moment."""
        self._waiting.pop(path, None)
        self._waiting[path] = None
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(0 if at_once else PAUSE_S, self._now)

    def all(self) -> None:
        """Something has changed that is in no buffer."""
        for path in self._documents.workspace.open:
            self.changed(path, at_once=True)

    def gone(self, uri: str) -> None:
        """A document was closed: what was told about it is taken back."""
        self._publish(types.PublishDiagnosticsParams(uri, []))

    def _now(self) -> None:
        waiting, self._waiting, self._timer = list(self._waiting), {}, None
        workspace = self._documents.workspace
        paths = dict.fromkeys(waiting)
        for path in waiting:
            paths.update(dict.fromkeys(workspace.importers(path)))
        for path in paths:
            try:
                self._one(path)
            except Exception as error:  # noqa: BLE001  # a mistake of ours must not stop the server
                self._failed(error)

    def _one(self, path: str) -> None:
        document = self._documents.at(path)
        if document is None:
            return
        found: list[types.Diagnostic] = []
        analysis = self._documents.workspace.analysis(path) if document.is_ours else None
        if analysis is not None:
            found = convert.diagnostics(analysis, self._documents, self.rules_url)
        self._publish(types.PublishDiagnosticsParams(document.uri, found, document.version))
