"""What clients do beside typing: folders come and go, settings break, requests are odd, editors die."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from lsprotocol import types
from tenuto.lsp.parent import outlive

from tests.runtime.lsp.editor import TENUTO, Editor, with_editor
from tests.runtime.lsp.wire import Wire

UNLIMITED = "activity f() {}\nworkflow w() { do { call f() } }\n"


def changed(editor: Editor, path: Path) -> None:
    event = types.FileEvent(path.as_uri(), types.FileChangeType.Changed)
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))


def test_settings_are_followed_as_they_change_and_told_of_once_when_they_are_broken(tmp_path: Path) -> None:
    settings = tmp_path / "tenuto.toml"

    async def session(editor: Editor) -> None:
        shown: list[str] = []
        editor.client.feature(types.WINDOW_SHOW_MESSAGE)(lambda message: shown.append(message.message))
        editor.open("a.tenuto", UNLIMITED)
        assert "TEN401" in [item.code for item in await editor.diagnostics("a.tenuto")]
        settings.write_text('[lint]\nignore = ["TEN401"]\n')
        editor.published.pop("a.tenuto")
        changed(editor, settings)
        assert "TEN401" not in [item.code for item in await editor.diagnostics("a.tenuto")]
        for _ in range(2):
            settings.write_text('[lint]\nignore = ["TEN4\n')
            editor.published.pop("a.tenuto")
            changed(editor, settings)
            assert "TEN401" in [item.code for item in await editor.diagnostics("a.tenuto")]
        assert len(shown) == 1
        assert "tenuto.toml" in shown[0]

    with_editor(tmp_path, session)


def test_a_folder_that_is_added_is_looked_into_and_one_that_is_removed_no_more(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    (second / "b.tenuto").write_text("workflow elsewhere() { do { wait 1s } }\n")

    async def session(editor: Editor) -> None:
        async def names() -> list[str]:
            found = await editor.client.workspace_symbol_async(types.WorkspaceSymbolParams("elsewhere"))
            return [symbol.name for symbol in found or ()]

        def change(*, added: list[types.WorkspaceFolder], removed: list[types.WorkspaceFolder]) -> None:
            event = types.WorkspaceFoldersChangeEvent(added, removed)
            editor.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))

        folder = types.WorkspaceFolder(second.as_uri(), "second")
        assert await names() == []
        change(added=[folder], removed=[])
        assert await names() == ["elsewhere"]
        change(added=[], removed=[folder])
        assert await names() == []

    with_editor(first, session)


def test_edits_have_the_line_ends_of_the_document_and_the_form_the_client_takes(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        editor.open("a.tenuto", "workflow w() {\r\n  do {\r\n log   1 \r\n wait 1s }\r\n}\r\n")
        options = types.FormattingOptions(tab_size=2, insert_spaces=True)
        params = types.DocumentFormattingParams(editor.identifier("a.tenuto"), options)
        edits = await editor.client.text_document_formatting_async(params)
        assert edits
        assert all(edit.new_text.count("\n") == edit.new_text.count("\r\n") > 0 for edit in edits)
        renamed = await editor.client.text_document_rename_async(
            types.RenameParams(new_name="other", **editor.at("a.tenuto", "workflow "))
        )
        assert renamed is not None
        assert renamed.document_changes is None
        assert list(renamed.changes or {}) == [editor.uri("a.tenuto")]

    with_editor(tmp_path, session, versions=False)


def test_every_request_is_answered(tmp_path: Path) -> None:
    """Those with parameters that are none, and those after the goodbye, are refused and not left waiting."""
    with subprocess.Popen([TENUTO, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        wire = Wire(server.stdin, server.stdout)
        wire.send(id=1, method="initialize", params={"processId": None, "rootUri": None, "capabilities": {}})
        assert "capabilities" in wire.answer(1)["result"]
        wire.send(id=2, method="textDocument/hover", params={"odd": 1})
        assert wire.answer(2)["error"]["code"] == types.ErrorCodes.InvalidParams
        wire.send(id=3, method="shutdown")
        assert wire.answer(3)["result"] is None
        wire.send(id=4, method="shutdown")
        assert wire.answer(4)["error"]["code"] == types.ErrorCodes.InvalidRequest
        wire.send(method="exit")
        assert server.wait(20) == 0


def test_it_leaves_when_the_editor_is_gone() -> None:
    async def run() -> list[str]:
        ended = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
        await ended.wait()
        left: list[str] = []
        await asyncio.wait_for(outlive(ended.pid, lambda: left.append("gone"), 0.01), 20)
        watch = asyncio.create_task(outlive(os.getpid(), lambda: left.append("mistaken"), 0.01))
        await asyncio.sleep(0.05)
        watch.cancel()
        return left

    assert asyncio.run(run()) == ["gone"]
