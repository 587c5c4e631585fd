"""The pages are true: links lead somewhere, commands exist, decisions are listed, the promise is word for word."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.docs_pages import ROOT, anchors, commands, links, pages

PAGES = pages()

PROMISE = (
    "every recorded outcome is recorded once; activities run at least once (exactly once when they run in the engine's "
    "own transaction); a stale writer is fenced off; nothing acknowledged is lost while Postgres keeps it."
)


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in links(page):
        if re.match(r"[a-z]+:", target):
            assert target.startswith("https://"), target
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            broken.append(target)
    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_exist(page: Path) -> None:
    """A command, its subcommand and its options."""
    unknown = [problem for words in commands(page) for problem in _unknown(words)]
    assert not unknown


def _unknown(words: list[str]) -> list[str]:
    from tenuto.cli.app import app

    tree: Any = app
    names = []
    while words and words[0] in tree:
        tree = tree[words[0]]
        names.append(words.pop(0))
    if not names:
        return [] if not words or words[0] in ("…", "COMMAND") else [f"tenuto {words[0]}"]
    known = _options(tree) if tree.default_command is not None else set()
    written = {word.split("=")[0] for word in words if re.fullmatch(r"--[a-z][a-z-]*(=.*)?", word)}
    return [f"tenuto {' '.join(names)} {option}" for option in sorted(written - known - {"--help", "--debug"})]


def _options(command: Any) -> set[str]:
    return {name for argument in command.assemble_argument_collection() for name in argument.names if name[:2] == "--"}


def test_every_command_is_documented() -> None:
    from tenuto.cli.app import app

    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    missing = [name for name in app if not name.startswith("-") and f"tenuto {name}" not in text]
    assert not missing


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "adr"
    decisions = sorted(path.name for path in folder.glob("[0-9]*.md"))
    assert [link for link in links(folder / "README.md") if link[0].isdigit()] == decisions
    assert [int(name[:4]) for name in decisions] == list(range(1, len(decisions) + 1))
    for name in decisions:
        text = (folder / name).read_text(encoding="utf-8")
        assert text.startswith(f"# {int(name[:4])}. ")
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"], name


def test_the_index_leads_to_every_page() -> None:
    index = ROOT / "docs" / "index.md"
    linked = {(index.parent / link.partition("#")[0]).resolve() for link in links(index)}
    found = {page for page in (ROOT / "docs").rglob("*.md") if "adr" not in page.parts} - {index}
    assert not {name_of(page) for page in found - linked}


def test_the_glossary_is_in_order_and_says_each_word_once() -> None:
    lines = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    words = [line.split("|")[1].strip() for line in lines if line.startswith("| ")][1:]
    assert words == sorted(set(words), key=str.lower)


@pytest.mark.parametrize("page", ["README.md", "docs/tutorial.md", "docs/durability.md"])
def test_the_promise_is_given_word_for_word(page: str) -> None:
    text = re.sub(r"\s+", " ", (ROOT / page).read_text(encoding="utf-8").replace("\n>", "\n"))
    assert PROMISE in text


def test_nobody_promises_exactly_once_execution() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8").lower()
        for at in (match.start() for match in re.finditer("exactly-once", text)):
            assert "not" in text[max(0, at - 60) : at + 80], name_of(page)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_lines_are_short(page: Path) -> None:
    fenced = False
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        fenced ^= line.startswith("```")
        assert fenced or line.startswith("|") or len(line) <= 130, f"{name_of(page)}:{number}"
