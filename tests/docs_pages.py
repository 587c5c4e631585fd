"""Reads the pages of the documentation for their tests: code blocks, links, commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<code>.*?)^```[ ]*$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_INLINE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True)
class CodeBlock:
    """`language` and `kind` are the words after the fence: ```` ```tenuto steps ````."""

    page: Path
    line: int
    language: str
    kind: str
    code: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def pages() -> list[Path]:
    found = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CHANGELOG.md"]
    # docs/rules.md shows mistakes on purpose; tests/dsl/lint holds its examples to what they say.
    found += sorted(page for page in (ROOT / "docs").rglob("*.md") if page.name != "rules.md")
    found += sorted((ROOT / "samples").rglob("*.md"))
    return found


def blocks(page: Path, *languages: str) -> Iterator[CodeBlock]:
    text = page.read_text(encoding="utf-8")
    for match in _FENCE.finditer(text):
        language, _, kind = match["info"].strip().partition(" ")
        if not languages or language in languages:
            line = text.count("\n", 0, match.start()) + 1
            yield CodeBlock(page, line, language, kind.strip(), match["code"])


def links(page: Path) -> list[str]:
    """The targets of links, code left out."""
    return [match["target"] for match in _LINK.finditer(_FENCE.sub("", page.read_text(encoding="utf-8")))]


def anchors(page: Path) -> set[str]:
    """The anchors GitHub gives to a page's headings."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands(page: Path) -> Iterator[list[str]]:
    """The words of every `tenuto …` command: of shell blocks, of indented blocks, of inline code."""
    text = page.read_text(encoding="utf-8")
    lines = [line for block in blocks(page, "sh", "bash", "console") for line in _joined(block.code)]
    prose = _FENCE.sub("", text)
    lines += indented(page)
    lines += [code for code in _INLINE.findall(prose) if code.startswith("tenuto ")]
    for line in lines:
        match = re.search(r"(?:^|[ /])tenuto ((?:[^|&;#]|#(?=\S))*)", line)
        if match:
            yield match[1].split()


def indented(page: Path) -> list[str]:
    """The lines of the blocks that are indented instead of fenced."""
    prose = _FENCE.sub("", page.read_text(encoding="utf-8"))
    return [re.sub(r"\s+", " ", line.strip()) for line in _joined(prose) if line.startswith("    ")]


def _joined(code: str) -> list[str]:
    return code.replace("\\\n", " ").splitlines()
