"""Sessions as people have them: type, complete, look, rename, fix; over the real protocol, with a real server."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.runtime.lsp.editor import TENUTO, Editor, position, with_editor

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT / "samples" / "order_fulfilment"
SMALL = """\
activity reserve(order_id: string, count: int) -> { reservation: string } {
  \"\"\"Put goods aside.\"\"\"
  python "shop:reserve"; timeout 30s; effect idempotent
}
workflow order(id: string, count: int) -> string {
  signal approve(by: string)
  var reservation: string?
  initial state reserving {
    do {
      let stock = call reserve(order_id: id, count: count)
      reservation = stock.reservation
    }
    done -> waiting
  }
  state waiting {
    on approve as a when a.by != id -> done_
    after 1h -> done_
  }
  final state done_ { return id }
}
"""


def test_it_tells_of_mistakes_as_they_are_made_and_mended(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        editor.open("a.tenuto", SMALL)
        assert await editor.codes("a.tenuto") == []
        editor.replace("a.tenuto", "done -> waiting", "done -> waitin")
        told = next(item for item in await editor.diagnostics("a.tenuto") if item.code == "TEN301")
        assert (told.code, told.source, told.severity) == ("TEN301", "tenuto", types.DiagnosticSeverity.Error)
        assert told.range.start == position(editor.texts["a.tenuto"], editor.texts["a.tenuto"].index("waitin\n"))
        line = told.range.start.line
        fixes = await editor.fixes("a.tenuto", line)
        assert {"change to `waiting`", "add the state waitin"} <= set(fixes)
        editor.apply(fixes["change to `waiting`"].edit)
        assert await editor.codes("a.tenuto") == []
        assert editor.texts["a.tenuto"] == SMALL

    with_editor(tmp_path, session)


def test_it_completes_what_is_being_typed(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        editor.open("a.tenuto", SMALL)
        editor.replace("a.tenuto", "    after 1h -> done_\n", "    after 1h -> \n")
        assert (await editor.complete("a.tenuto", "after 1h -> "))[:3] == ["done_", "reserving", "waiting"]
        editor.replace("a.tenuto", "      reservation = stock", "      call reserve(\n      reservation = stock")
        assert (await editor.complete("a.tenuto", "      call reserve("))[:2] == ["count", "order_id"]
        editor.replace("a.tenuto", "call reserve(\n", "reservation = stock.\n")
        assert await editor.complete("a.tenuto", "reservation = stock.") == ["reservation"]
        [item] = await editor.items("a.tenuto", "reservation = stock.")
        assert isinstance(item.text_edit, types.TextEdit)
        assert item.text_edit.new_text == "reservation"
        editor.replace("a.tenuto", "on approve", "on ")
        assert (await editor.complete("a.tenuto", "    on "))[0] == "approve"

    with_editor(tmp_path, session)


def test_it_serves_the_yaml_form_too(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        name = "order_fulfilment.yaml"
        editor.open(name, (SAMPLE / name).read_text())
        assert await editor.codes(name) == []
        editor.replace(name, "          - { on: approve, to: charging }", "          - { on: approve, to:  }")
        assert "charging" in await editor.complete(name, "on: approve, to: ")
        editor.replace(name, "on: approve, to:  }", "on: approve, to: chargin }")
        assert await editor.codes(name) == ["TEN301"]
        line = editor.at(name, "on: approve, to: char")["position"].line
        editor.apply((await editor.fixes(name, line))["change to `charging`"].edit)
        assert await editor.codes(name) == []
        assert "What moves it on" in await editor.hover(name, "transit")
        editor.replace(name, "on: approve, to: charging", "on:   approve,   to: charging")
        options = types.FormattingOptions(tab_size=2, insert_spaces=True)
        edits = await editor.client.text_document_formatting_async(
            types.DocumentFormattingParams(editor.identifier(name), options)
        )
        assert "          - { on: approve, to: charging }\n" in "".join(edit.new_text for edit in edits or ())

    with_editor(tmp_path, session)


def test_it_shows_what_names_mean_and_where_they_are(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        editor.open("a.tenuto", SMALL)
        shown = await editor.hover("a.tenuto", "call res")
        assert "activity reserve(order_id: string, count: int) -> { reservation: string }" in shown
        assert "Put goods aside." in shown
        assert "a: { by: string }" in await editor.hover("a.tenuto", "when a")
        assert "Fires once, that long after" in await editor.hover("a.tenuto", "    aft")
        here = editor.at("a.tenuto", "call res")
        found = await editor.client.text_document_definition_async(types.DefinitionParams(**here))
        assert isinstance(found, types.Location)
        assert found.range.start == types.Position(0, 9)
        references = types.ReferenceParams(context=types.ReferenceContext(include_declaration=True), **here)
        assert len(await editor.client.text_document_references_async(references) or ()) == 2
        lights = await editor.client.text_document_document_highlight_async(types.DocumentHighlightParams(**here))
        assert len(lights or ()) == 2
        symbols = await editor.client.text_document_document_symbol_async(
            types.DocumentSymbolParams(editor.identifier("a.tenuto"))
        )
        outline = {s.name: [c.name for c in s.children or ()] for s in symbols or () if hasattr(s, "children")}
        assert outline == {
            "reserve": [],
            "order": ["approve", "reservation", "reserving", "waiting", "done_"],
        }
        everywhere = await editor.client.workspace_symbol_async(types.WorkspaceSymbolParams("done"))
        assert [s.name for s in everywhere or ()] == ["done_"]
        help_ = await editor.client.text_document_signature_help_async(
            types.SignatureHelpParams(**editor.at("a.tenuto", "reserve(order_id: id, "))
        )
        assert help_ is not None
        assert help_.signatures[0].label == "reserve(order_id: string, count: int) -> { reservation: string }"

    with_editor(tmp_path, session)


@pytest.mark.parametrize("form", ["tenuto", "yaml"])
def test_a_sample_is_renamed_throughout_and_stays_sound(tmp_path: Path, form: str) -> None:
    async def session(editor: Editor) -> None:
        name = f"order_fulfilment.{form}"
        editor.open(name, (SAMPLE / name).read_text())
        assert await editor.codes(name) == []
        before = editor.texts[name]
        for old, at in (("payment_id", "payment_id"), ("charging", "charging"), ("OutOfStock", "OutOfStock"),
                        ("reserve_stock", "reserve_stock"), ("cancel_order", "cancel_order"), ("order", "order.items"),
                        ("customer_id", "customer_id")):  # fmt: skip
            where = editor.at(name, "", at)
            prepared = await editor.client.text_document_prepare_rename_async(types.PrepareRenameParams(**where))
            assert isinstance(prepared, types.PrepareRenamePlaceholder)
            assert prepared.placeholder == old
            edit = await editor.client.text_document_rename_async(types.RenameParams(new_name=f"{old}_2", **where))
            editor.apply(edit)
            assert await editor.codes(name) == [], old
        assert before.count("OutOfStock") == editor.texts[name].count("OutOfStock_2")
        assert "-> charging " not in editor.texts[name]

    with_editor(tmp_path, session)


def test_a_name_that_cannot_be_is_refused_with_its_reason(tmp_path: Path) -> None:
    async def refusal(editor: Editor, before: str, name: str) -> str:
        with pytest.raises(JsonRpcException) as refused:
            await editor.client.text_document_rename_async(
                types.RenameParams(new_name=name, **editor.at("a.tenuto", before))
            )
        return str(refused.value)

    async def session(editor: Editor) -> None:
        editor.open("a.tenuto", SMALL)
        assert "is not a name" in await refusal(editor, "call res", "a b")
        assert "is a word of the language" in await refusal(editor, "state wai", "done")
        assert "declared twice" in await refusal(editor, "state wai", "reserving")
        assert "would be an error" in await refusal(editor, "let sto", "count")
        with pytest.raises(JsonRpcException):
            await editor.client.text_document_prepare_rename_async(
                types.PrepareRenameParams(**editor.at("a.tenuto", "wor"))
            )

    with_editor(tmp_path, session)


def test_unsaved_buffers_count_for_those_that_import_them(tmp_path: Path) -> None:
    (tmp_path / "common.tenuto").write_text("error Declined\n")
    user = (
        'import "common.tenuto"\nworkflow w() {\n  initial state a { on error Declined -> b }\n  final state b {}\n}\n'
    )
    (tmp_path / "closed.tenuto").write_text(user)

    async def session(editor: Editor) -> None:
        editor.open("user.tenuto", user)
        assert "TEN202" not in await editor.codes("user.tenuto")
        editor.open("common.tenuto", "error Refused\n")
        editor.versions["user.tenuto"] = 1
        editor.published.pop("user.tenuto", None)
        assert "TEN202" in await editor.codes("user.tenuto")
        editor.replace("common.tenuto", "Refused", "Declined")
        await editor.diagnostics("common.tenuto")
        edit = await editor.client.text_document_rename_async(
            types.RenameParams(new_name="Turned", **editor.at("common.tenuto", "error Dec"))
        )
        editor.apply(edit)
        assert "Turned" in editor.texts["user.tenuto"]
        assert "Turned" in (tmp_path / "closed.tenuto").read_text()

    with_editor(tmp_path, session)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_columns_are_counted_as_agreed(tmp_path: Path, encoding: str) -> None:
    source = 'workflow w() -> string {\n  do { log "🚀🚀é ${nope}"; return "x" }\n}\n'

    async def session(editor: Editor) -> None:
        editor.open("a.tenuto", source)
        [told] = await editor.diagnostics("a.tenuto")
        line = source.split("\n")[1]
        before = line[: line.index("nope")]
        sizes = {"utf-8": len(before.encode()), "utf-32": len(before), "utf-16": len(before.encode("utf-16-le")) // 2}
        assert told.range.start == types.Position(1, sizes[encoding])

    with_editor(tmp_path, session, encodings=[encoding])


def test_typing_after_an_emoji_changes_the_right_characters(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        editor.open("a.tenuto", 'workflow w() {\r\n  do { log "🚀 ${1 + 1} 🚀"; log nope }\r\n}\r\n')
        assert await editor.codes("a.tenuto") == ["TEN240"]
        editor.replace("a.tenuto", "nope", "2")
        assert await editor.codes("a.tenuto") == []

    with_editor(tmp_path, session)


HOSTILE = [
    "",
    "\0",
    "workflow",
    "{" * 5000,
    "workflow w() {\n" * 200,
    "a: [\n" * 500,
    "\t- x: {",
    "?" * 9999,
    "${" * 99,
]


@pytest.mark.parametrize("name", ["a.tenuto", "a.yaml"])
def test_no_document_stops_it(tmp_path: Path, name: str) -> None:
    async def session(editor: Editor) -> None:
        for number, text in enumerate(HOSTILE):
            await everything(editor, f"{number}{name}", f"tenuto: 1\n{text}" if name == "a.yaml" else text)

    async def everything(editor: Editor, name: str, text: str) -> None:
        editor.open(name, text)
        await editor.diagnostics(name)
        middle = types.Position(text[: len(text) // 2].count("\n"), 3)
        here = {"text_document": editor.identifier(name), "position": middle}
        client = editor.client
        await client.text_document_completion_async(types.CompletionParams(**here))
        await client.text_document_hover_async(types.HoverParams(**here))
        await client.text_document_definition_async(types.DefinitionParams(**here))
        await client.text_document_signature_help_async(types.SignatureHelpParams(**here))
        identifier = editor.identifier(name)
        await client.text_document_document_symbol_async(types.DocumentSymbolParams(identifier))
        await client.text_document_folding_range_async(types.FoldingRangeParams(identifier))
        await client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(identifier))
        await editor.fixes(name, 0)

    with_editor(tmp_path, session)


def test_other_peoples_yaml_is_left_alone(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        editor.open("compose.yaml", "services:\n  web: &a {}\n")
        assert await editor.codes("compose.yaml") == []

    with_editor(tmp_path, session)


def test_a_request_can_be_taken_back(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        editor.open("a.tenuto", SMALL)
        await editor.diagnostics("a.tenuto")
        with editor.frozen():  # it reads both at once, however busy the machine is
            asked = editor.client.text_document_hover_async(types.HoverParams(**editor.at("a.tenuto", "call res")))
            task = asyncio.ensure_future(asked)
            await asyncio.sleep(0)
            [identifier] = editor.client.protocol._request_futures
            editor.client.cancel_request(types.CancelParams(identifier))
            await asyncio.sleep(0.1)
        with pytest.raises((JsonRpcException, asyncio.CancelledError)):
            await task
        assert "Put goods aside" in await editor.hover("a.tenuto", "call res")

    with_editor(tmp_path, session)


def test_it_leaves_with_1_when_nobody_has_said_goodbye(tmp_path: Path) -> None:
    async def exits_without_shutdown() -> int | None:
        editor = Editor(tmp_path)
        await editor.start()
        editor.client.exit(None)
        return await editor.gone()

    async def closes_its_end() -> int | None:
        process = await asyncio.create_subprocess_exec(TENUTO, "lsp", stdin=asyncio.subprocess.PIPE)
        assert process.stdin is not None
        process.stdin.close()
        return await asyncio.wait_for(process.wait(), 20)

    assert asyncio.run(exits_without_shutdown()) == 1
    assert asyncio.run(closes_its_end()) == 1


def test_all_fixes_of_the_file_are_offered_to_those_that_ask_for_actions_of_the_source(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        editor.open("a.tenuto", SMALL.replace("done -> waiting", "don -> waiting"))

        async def titles(only: str) -> list[str]:
            context = types.CodeActionContext([], only=[only])
            where = types.Range(types.Position(0, 0), types.Position(0, 0))
            params = types.CodeActionParams(editor.identifier("a.tenuto"), where, context)
            return [action.title for action in await editor.client.text_document_code_action_async(params) or ()]

        for only in ("source", "source.fixAll", "source.fixAll.tenuto"):
            assert len(await titles(only)) == 1
        assert await titles("source.organizeImports") == []

    with_editor(tmp_path, session)


def test_an_activity_leads_to_the_function_that_it_is_bound_to(tmp_path: Path) -> None:
    package = tmp_path / "src" / "shop"
    package.mkdir(parents=True)
    (package / "stock.py").write_text(
        "import os\n\n\nasync def reserve(items: list) -> None: ...\n\n\nrelease = os.remove\n"
    )

    async def session(editor: Editor) -> None:
        async def leads_to(target: str) -> tuple[str, int, int] | None:
            name = f"{target.rpartition(':')[2]}.tenuto"
            editor.open(name, f'activity f() {{ python "{target}"; timeout 1s; effect pure }}\n')
            found = await editor.client.text_document_definition_async(
                types.DefinitionParams(**editor.at(name, 'python "sh'))
            )
            if not isinstance(found, types.Location):
                return None
            return found.uri.rpartition("/")[2], found.range.start.line, found.range.start.character

        assert await leads_to("shop.stock:reserve") == ("stock.py", 3, 10)
        assert await leads_to("shop.stock:release") == ("stock.py", 6, 0)
        assert await leads_to("shop.stock:elsewhere") == ("stock.py", 0, 0)
        assert await leads_to("shop.nowhere:reserve_2") is None

    with_editor(tmp_path, session)


def test_a_workflow_is_written_letter_by_letter_and_taken_back(tmp_path: Path) -> None:
    """Whatever stands in the buffer, every question is answered; at the end it is sound, and again after undoing."""

    async def session(editor: Editor) -> None:
        editor.open("a.tenuto", "")
        for size in range(1, len(SMALL) + 1):
            editor.insert("a.tenuto", size - 1, SMALL[size - 1])
            if size % 2:
                assert await editor.items("a.tenuto", SMALL[:size]) is not None
            if size % 40 == 0:
                await editor.hover("a.tenuto", SMALL[: size - 3])
                identifier = editor.identifier("a.tenuto")
                await editor.client.text_document_document_symbol_async(types.DocumentSymbolParams(identifier))
                await editor.client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(identifier))
        assert await editor.codes("a.tenuto") == []
        for size in range(len(SMALL) - 1, len(SMALL) - 30, -1):
            editor.replace("a.tenuto", SMALL[: size + 1], SMALL[:size])
        assert await editor.codes("a.tenuto") != []
        editor.insert("a.tenuto", len(editor.texts["a.tenuto"]), SMALL[len(editor.texts["a.tenuto"]) :])
        assert await editor.codes("a.tenuto") == []

    with_editor(tmp_path, session)
