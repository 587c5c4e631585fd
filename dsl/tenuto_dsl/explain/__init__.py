"""What every diagnostic code means, at length: for `tenuto explain` and docs/rules.md.

A rule of the linter is explained by its module's docstring. The codes of the checker are explained in the Markdown
files beside this one, a section each. Nothing is read before somebody asks.

Examples are fenced blocks whose info says what they show: the language, `bad` or `good`, and for a fragment the frame
it stands in (`members`, `states`, `transitions`, `steps`, as in docs/language.md). The tests lint each of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tenuto_dsl.diagnostics import CODES, Severity

AREAS = {
    "1": "syntax", "2": "names and types", "3": "state machine", "4": "durability",
    "5": "security", "6": "compatibility", "7": "clarity",
}  # fmt: skip

_SECTION = re.compile(r"^## (TEN\d{3})\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Example:
    """`frame` is empty for a whole file."""

    language: str
    verdict: str
    frame: str
    code: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """`severity` and `default` are a rule's; None for a code of the checker. `text` is Markdown."""

    code: str
    title: str
    area: str
    severity: Severity | None
    default: bool | None
    text: str

    @property
    def examples(self) -> list[Example]:
        found = []
        for match in _FENCE.finditer(self.text):
            language, verdict, frame = (*match["info"].split(), "", "")[:3]
            found.append(Example(language, verdict, frame, match["code"]))
        return found

    def plain_text(self) -> str:
        """For a terminal: examples indented instead of fenced."""
        return _FENCE.sub(lambda match: _indented(match["code"]), self.text)

    def markdown(self) -> str:
        """For a page: the fences name their language alone."""
        return _FENCE.sub(lambda match: f"```{match['info'].split()[0]}\n{match['code']}```", self.text)


def explain(code: str) -> Explanation | None:
    """The explanation of a code; None when there is none."""
    from tenuto_dsl.lint.rules import all_rules, documentation

    rule = all_rules().get(code)
    text = _sections().get(code) if rule is None else documentation()[code].partition("\n")[2]
    if code not in CODES or text is None:
        return None
    severity, default = (None, None) if rule is None else (rule.severity, rule.default)
    return Explanation(code, CODES[code], AREAS[code[3]], severity, default, text.strip())


def page() -> str:
    """All codes on one page of Markdown: docs/rules.md."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield "# Rules and codes\n"
    yield "Every diagnostic that Tenuto gives. `tenuto explain CODE` shows the same in a terminal. Codes are permanent."
    yield "This page is written by `tenuto explain --all > docs/rules.md`.\n"
    yield "A **rule** may be turned off, by configuration or by a comment with its reason: see"
    yield "[tenuto lint](cli.md#tenuto-lint). Everything else is part of the language."
    for digit, area in AREAS.items():
        codes = [code for code in sorted(CODES) if code[3] == digit]
        if codes:
            yield f"\n## TEN{digit}xx: {area}\n"
            yield "| code | | rule |\n|---|---|---|"
            yield from (_row(code) for code in codes)
            for code in codes:
                if (found := explain(code)) is not None:
                    yield f"\n### {code}\n\n**{found.title[0].upper()}{found.title[1:]}.**\n\n{found.markdown()}"


def _row(code: str) -> str:
    found = explain(code)
    kind = ""
    if found is not None and found.severity is not None:
        kind = found.severity if found.default else f"{found.severity}, off by default"
    return f"| [{code}](#{code.lower()}) | {CODES[code].replace('|', chr(92) + '|')} | {kind} |"


@cache
def _sections() -> dict[str, str]:
    texts = [path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("*.md"))]
    return {code: text for page in texts for code, text in _SECTION.findall(page)}


def _indented(code: str) -> str:
    return "".join(f"    {line}\n" if line else "\n" for line in code.splitlines()).rstrip("\n")


__all__ = ["AREAS", "Example", "Explanation", "explain", "page"]
