"""An editor for tests: a real client that talks to a real `tenuto lsp` over its standard input and output."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.client import LanguageClient

TENUTO = str(Path(sys.executable).with_name("tenuto"))
CURSOR = "‸"


class Editor:
    """Opens buffers, types into them, asks. Positions are found by a mark in the text, or by what stands there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.client = LanguageClient("test", "1")
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.told: dict[str, list[types.Diagnostic]] = {}
        self.published: dict[str, int] = {}
        self.log: list[str] = []
        self._news = asyncio.Event()
        self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(lambda params: self._published(params))
        self.client.feature(types.WINDOW_LOG_MESSAGE)(lambda message: self.log.append(message.message))

    def _published(self, params: types.PublishDiagnosticsParams) -> None:
        name = params.uri.rpartition("/")[2]
        self.told[name] = list(params.diagnostics)
        self.published[name] = params.version or 0
        self._news.set()

    async def start(
        self, encodings: list[str] | None = None, *, snippets: bool = True, versions: bool = True
    ) -> types.InitializeResult:
        await self.client.start_io(TENUTO, "lsp")
        item = types.ClientCompletionItemOptions(snippet_support=snippets)
        general = None
        if encodings is not None:
            general = types.GeneralClientCapabilities(position_encodings=list(encodings))  # type: ignore[arg-type]  # as sent
        text = types.TextDocumentClientCapabilities(completion=types.CompletionClientCapabilities(completion_item=item))
        edits = types.WorkspaceEditClientCapabilities(document_changes=versions)
        workspace = types.WorkspaceClientCapabilities(workspace_edit=edits)
        result = await self.client.initialize_async(
            types.InitializeParams(
                types.ClientCapabilities(workspace=workspace, text_document=text, general=general),
                workspace_folders=[types.WorkspaceFolder(self.folder.as_uri(), "folder")],
            )
        )
        self.client.initialized(types.InitializedParams())
        return result

    async def stop(self) -> int | None:
        """Say goodbye; the exit code."""
        await self.client.shutdown_async(None)
        self.client.exit(None)
        return await self.gone()

    async def gone(self) -> int | None:
        process = self.client._server
        assert process is not None
        await asyncio.wait_for(process.wait(), 20)
        self.client._stop_event.set()
        return process.returncode

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """The server reads nothing meanwhile."""
        process = self.client._server
        assert process is not None
        os.kill(process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(process.pid, signal.SIGCONT)

    # -- typing -------------------------------------------------------------------------------------------------------

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    def identifier(self, name: str) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(self.uri(name))

    def open(self, name: str, text: str) -> None:
        language = "tenuto" if name.endswith(".tenuto") else "yaml"
        self.texts[name], self.versions[name] = text, 1
        self.client.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem(self.uri(name), language, 1, text))
        )

    def replace(self, name: str, old: str, new: str) -> None:
        """An incremental change, in UTF-16 units as editors send it."""
        start = self.texts[name].index(old)
        self._change(name, start, start + len(old), new)

    def insert(self, name: str, start: int, new: str) -> None:
        """What a key does."""
        self._change(name, start, start, new)

    def _change(self, name: str, start: int, end: int, new: str) -> None:
        text = self.texts[name]
        where = types.Range(position(text, start), position(text, end))
        self.texts[name] = text[:start] + new + text[end:]
        self.versions[name] += 1
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(version=self.versions[name], uri=self.uri(name)),
                [types.TextDocumentContentChangePartial(range=where, text=new)],
            )
        )

    def apply(self, edit: types.WorkspaceEdit | None) -> None:
        """Do what the server proposes, as an editor does."""
        assert edit is not None
        for change in edit.document_changes or ():
            assert isinstance(change, types.TextDocumentEdit)
            name = change.text_document.uri.rpartition("/")[2]
            text = self.texts.get(name) or (self.folder / name).read_text()
            made = []
            for one in change.edits:
                assert isinstance(one, types.TextEdit)
                made.append((offset(text, one.range.start), offset(text, one.range.end), one.new_text))
            for start, end, new in sorted(made, reverse=True):
                text = text[:start] + new + text[end:]
            if name in self.texts:
                self.texts[name] = text
                self.versions[name] += 1
                self.client.text_document_did_change(
                    types.DidChangeTextDocumentParams(
                        types.VersionedTextDocumentIdentifier(version=self.versions[name], uri=self.uri(name)),
                        [types.TextDocumentContentChangeWholeDocument(text)],
                    )
                )
            else:
                (self.folder / name).write_text(text)

    async def diagnostics(self, name: str) -> list[types.Diagnostic]:
        """What is told about the newest version of a buffer."""
        async with asyncio.timeout(20):
            while self.published.get(name, 0) < self.versions[name]:
                self._news.clear()
                await self._news.wait()
        return self.told[name]

    async def codes(self, name: str) -> list[object]:
        """The errors; what rules advise is theirs to change."""
        found = await self.diagnostics(name)
        return [item.code for item in found if item.severity == types.DiagnosticSeverity.Error]

    # -- asking -------------------------------------------------------------------------------------------------------

    def at(self, name: str, before: str, after: str = "") -> dict[str, Any]:
        """The position between two texts, as parameters of a request."""
        text = self.texts[name]
        found = text.index(before + after) + len(before)
        return {"text_document": self.identifier(name), "position": position(text, found)}

    async def complete(self, name: str, before: str, after: str = "") -> list[str]:
        return [item.label for item in await self.items(name, before, after)]

    async def items(self, name: str, before: str, after: str = "") -> list[types.CompletionItem]:
        result = await self.client.text_document_completion_async(
            types.CompletionParams(**self.at(name, before, after))
        )
        assert isinstance(result, types.CompletionList)
        return list(result.items)

    async def hover(self, name: str, before: str, after: str = "") -> str:
        found = await self.client.text_document_hover_async(types.HoverParams(**self.at(name, before, after)))
        if found is None:
            return ""
        assert isinstance(found.contents, types.MarkupContent)
        return found.contents.value

    async def fixes(self, name: str, line: int) -> dict[str, types.CodeAction]:
        where = types.Range(types.Position(line, 0), types.Position(line, 0))
        params = types.CodeActionParams(self.identifier(name), where, types.CodeActionContext([]))
        found = await self.client.text_document_code_action_async(params)
        return {action.title: action for action in found or () if isinstance(action, types.CodeAction)}


def position(text: str, place: int) -> types.Position:
    """The position of an offset, in UTF-16 units."""
    line = text.count("\n", 0, place)
    start = text.rfind("\n", 0, place) + 1
    return types.Position(line, len(text[start:place].encode("utf-16-le")) // 2)


def offset(text: str, where: types.Position) -> int:
    start = 0
    for _ in range(where.line):
        start = text.index("\n", start) + 1
    line = text[start:].partition("\n")[0]
    return start + len(line.encode("utf-16-le")[: where.character * 2].decode("utf-16-le"))


def with_editor(folder: Path, session: Callable[[Editor], Coroutine[Any, Any, None]], **how: Any) -> None:
    """Run a session with a started editor; the server says goodbye with 0 and has logged no mistake of its own."""

    async def run() -> None:
        editor = Editor(folder)
        await editor.start(**how)
        try:
            await session(editor)
            assert await editor.stop() == 0
        finally:
            process = editor.client._server
            if process is not None and process.returncode is None:
                process.kill()
                await process.wait()
        assert editor.log == []

    asyncio.run(run())
