"""The server: what the protocol calls, and what is called for it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path
from tenuto_dsl.editor import colours

from tenuto.lsp.changes import Changes
from tenuto.lsp.documents import Documents, encoding_of
from tenuto.lsp.frames import Frames
from tenuto.lsp.parent import outlive
from tenuto.lsp.protocol import Protocol
from tenuto.lsp.publishing import Publishing
from tenuto.lsp.queries import Queries

P = TypeVar("P")
R = TypeVar("R")

_TURN_S = 0.001
"""A request waits this long before it is worked on, so that one that was cancelled at once costs nothing."""

_LEGEND = types.SemanticTokensLegend(list(colours.TYPES), list(colours.MODIFIERS))
_TRIGGERS = [".", ":", "(", " ", ">", '"', "$", "{"]


class Server(LanguageServer):
    def __init__(self, version: str) -> None:
        super().__init__("tenuto", version, protocol_cls=Protocol)
        self.documents = Documents(self._warn)
        self.queries = Queries(self.documents)
        self.changes = Changes(self.queries)
        self.publishing = Publishing(self.documents, self.text_document_publish_diagnostics, self.failed)
        self.has_shut_down = False
        self._parent: int | None = None
        self._watch: asyncio.Task[None] | None = None
        self._register()

    # -- what the protocol calls --------------------------------------------------------------------------------------

    def _register(self) -> None:
        self._life()
        self._sync()
        queries, changes = self.queries, self.changes
        answer = self._answer
        options = types.CompletionOptions(trigger_characters=_TRIGGERS)
        answer(types.TEXT_DOCUMENT_COMPLETION, queries.completion, options)
        answer(types.TEXT_DOCUMENT_HOVER, queries.hover)
        answer(types.TEXT_DOCUMENT_SIGNATURE_HELP, queries.signature, types.SignatureHelpOptions(["(", ","]))
        answer(types.TEXT_DOCUMENT_DEFINITION, queries.definition)
        answer(types.TEXT_DOCUMENT_REFERENCES, queries.references)
        answer(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT, queries.highlight)
        answer(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, queries.symbols)
        answer(types.WORKSPACE_SYMBOL, queries.workspace_symbols)
        answer(types.TEXT_DOCUMENT_FOLDING_RANGE, queries.folding)
        answer(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, queries.semantic_tokens, _LEGEND)
        answer(types.TEXT_DOCUMENT_INLAY_HINT, queries.inlay_hints)
        answer(types.TEXT_DOCUMENT_PREPARE_RENAME, changes.prepare_rename)
        answer(types.TEXT_DOCUMENT_RENAME, changes.rename, types.RenameOptions(prepare_provider=True))
        answer(types.TEXT_DOCUMENT_FORMATTING, changes.format)
        answer(types.TEXT_DOCUMENT_RANGE_FORMATTING, changes.format_range)
        kinds = [types.CodeActionKind.QuickFix, types.CodeActionKind.SourceFixAll]
        answer(types.TEXT_DOCUMENT_CODE_ACTION, changes.code_actions, types.CodeActionOptions(kinds))

    def _answer(self, method: str, work: Callable[[P], R], options: Any = None) -> None:
        """Answer a request with what a function gives; a mistake of ours is told and answered with nothing."""

        async def handler(params: P) -> R | None:
            await asyncio.sleep(_TURN_S)
            try:
                return work(params)
            except JsonRpcException:
                raise
            except Exception as error:  # noqa: BLE001  # whatever the document holds, the server goes on
                self.failed(error)
                return None

        self._on(method, handler, options)

    def _on(self, method: str, handler: Callable[..., Any], options: Any = None) -> None:
        """pygls writes attributes to what it is given, which methods do not take."""

        async def later(*params: Any) -> Any:
            return await handler(*params)

        def now(*params: Any) -> Any:
            return handler(*params)

        self.feature(method, options)(later if asyncio.iscoroutinefunction(handler) else now)

    def _life(self) -> None:
        self._on(types.INITIALIZE, self._initialise)
        self._on(types.INITIALIZED, self._initialised)
        self._on(types.SHUTDOWN, self._shut_down)
        self._on(types.EXIT, self._exit)
        self._on(types.WORKSPACE_DID_CHANGE_WATCHED_FILES, lambda _: self._changed_on_disk())
        self._on(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, self._changed_folders)
        self._on(types.WORKSPACE_DID_CHANGE_CONFIGURATION, lambda _: None)

    def _sync(self) -> None:
        self._on(types.TEXT_DOCUMENT_DID_OPEN, self._opened)
        self._on(types.TEXT_DOCUMENT_DID_CHANGE, self._changed)
        self._on(types.TEXT_DOCUMENT_DID_SAVE, lambda _: self._changed_on_disk())
        self._on(types.TEXT_DOCUMENT_DID_CLOSE, self._closed)

    # -- life ---------------------------------------------------------------------------------------------------------

    def _initialise(self, params: types.InitializeParams) -> None:
        self.documents.encoding = encoding_of(self.workspace.position_encoding)
        uris = [folder.uri for folder in params.workspace_folders or ()] or [params.root_uri or ""]
        self.documents.folders = [Path(path) for uri in uris if uri and (path := to_fs_path(uri))]
        workspace = params.capabilities.workspace
        edits = workspace.workspace_edit if workspace is not None else None
        self.documents.versioned_edits = bool(edits is not None and edits.document_changes)
        text = params.capabilities.text_document
        item = text.completion.completion_item if text is not None and text.completion is not None else None
        self.queries.snippets = bool(item is not None and item.snippet_support)
        given = params.initialization_options
        self._parent = params.process_id
        url = given.get("rulesUrl") if isinstance(given, dict) else None
        if isinstance(given, dict) and given.get("colours") == "everything":
            self.queries.colours = colours.everything
        self.publishing.rules_url = self.changes.rules_url = url if isinstance(url, str) else None

    async def _initialised(self, _: types.InitializedParams) -> None:
        """Ask to be told when workflow files change on disk, where the client can do that."""
        if self._parent is not None:
            self._watch = asyncio.create_task(outlive(self._parent, self._exit))
        workspace = self.client_capabilities.workspace
        watching = workspace.did_change_watched_files if workspace is not None else None
        if watching is None or not watching.dynamic_registration:
            return
        patterns = ("**/*.tenuto", "**/*.yaml", "**/*.yml", "**/tenuto.toml", "**/pyproject.toml")
        options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(p) for p in patterns])
        registration = types.Registration("tenuto-files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
        await self.client_register_capability_async(types.RegistrationParams([registration]))

    def _shut_down(self, *_: Any) -> None:
        self.has_shut_down = True

    def _exit(self, *_: Any) -> None:
        """At once: the thread that waits for input would keep the process alive."""
        sys.stdout.flush()
        os._exit(0 if self.has_shut_down else 1)

    def failed(self, error: Exception) -> None:
        """A mistake of ours: in the log of the client, and with its traceback in the file for such."""
        from tenuto.cli.errorlog import keep

        kept = keep(error)
        where = f"; details are in {kept}" if kept else ""
        message = f"unexpected {type(error).__name__}: {error}{where}"
        self.window_log_message(types.LogMessageParams(types.MessageType.Error, message))

    def _warn(self, message: str) -> None:
        self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, message))

    # -- documents ----------------------------------------------------------------------------------------------------

    def _opened(self, params: types.DidOpenTextDocumentParams) -> None:
        self.publishing.changed(self.documents.open(params.text_document).path, at_once=True)

    def _changed(self, params: types.DidChangeTextDocumentParams) -> None:
        document = self.documents.change(params)
        if document is not None:
            self.publishing.changed(document.path)

    def _closed(self, params: types.DidCloseTextDocumentParams) -> None:
        document = self.documents.close(params.text_document.uri)
        if document is not None:
            self.publishing.gone(document.uri)
            for path in self.documents.workspace.importers(document.path):
                self.publishing.changed(path)

    def _changed_folders(self, params: types.DidChangeWorkspaceFoldersParams) -> None:
        gone = {to_fs_path(folder.uri) for folder in params.event.removed}
        folders = [folder for folder in self.documents.folders if str(folder) not in gone]
        folders += [Path(path) for folder in params.event.added if (path := to_fs_path(folder.uri))]
        self.documents.folders = list(dict.fromkeys(folders))
        self._changed_on_disk()

    def _changed_on_disk(self) -> None:
        self.documents.changed_on_disk()
        self.publishing.all()


def serve(version: str) -> int:
    """Serve one client over standard input and output until it says goodbye; the exit code."""
    server = Server(version)
    server.start_io(cast("BinaryIO", Frames(sys.stdin.buffer)))
    return 0 if server.has_shut_down else 1
