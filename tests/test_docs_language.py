"""Every workflow on the pages passes the linter, and where a page shows both forms they mean the same.

The word after a fence's language says what the block is:

    (nothing)        a whole file
    prelude          the declarations that fragments stand on (docs/language.md)
    prelude-after    more declarations of activities
    after-prelude    a workflow
    members          members of a workflow
    states           states; `finished` and `rejected` are there already
    transitions      transitions of a state at work; `other`, `finished` and `rejected` are there
    steps            steps of a `do`
    more             what a page adds to the whole file before it
    same             YAML that means the same as the text block before it
    fails CODE …     a whole file with exactly these diagnostics
"""

from __future__ import annotations

import itertools
import re
import textwrap
from collections.abc import Iterator

import pytest
from tenuto_dsl import compile_source
from tenuto_dsl.diagnostics import Diagnostics

from tests.docs_pages import ROOT, CodeBlock, blocks, pages

FRAGMENTS = ("members", "states", "transitions", "steps")
TOLERATED_IN_FRAGMENTS = {"TEN310"}
"""A frame has states that a fragment may not go to."""

HEAD = """
workflow example(order: Order) {
  signal approve(by: string)
  signal cancel_order(reason: string)
  var total: decimal = order.total
  var note: string = ""
  var paid: bool = false
"""
FINALS = """
  final state finished {}
  final state rejected { fail Declined }
"""
WORKING = "initial state working {\n do { call charge(order_id: order.id, amount: total) }\n"

YAML_HEAD = """
workflows:
  example:
    input: { order: Order }
"""
YAML_SIGNALS = """
approve: { by: string }
cancel_order: { reason: string }
"""
YAML_VARS = """
total: { type: decimal, value: "${order.total}" }
note: { type: string, value: "" }
paid: { type: bool, value: false }
"""
YAML_FINALS = """
finished: { final: true }
rejected: { final: true, fail: { fail: Declined } }
"""
YAML_CHARGE = """
- call: charge
  args: { order_id: "${order.id}", amount: "${total}" }
"""

BLOCKS = [block for page in pages() for block in blocks(page, "tenuto", "yaml")]


def prelude(language: str) -> str:
    return next(b.code for b in blocks(ROOT / "docs" / "language.md", language) if b.kind == "prelude")


def whole(block: CodeBlock) -> str:
    """The block in a file."""
    return _text(block) if block.language == "tenuto" else _yaml(block)


def whole_before(block: CodeBlock) -> str:
    files = [other for other in blocks(block.page, "tenuto") if other.kind == "" and other.line < block.line]
    return files[-1].code + "\n"


def _text(block: CodeBlock) -> str:
    code = block.code
    match block.kind:
        case "prelude-after" | "after-prelude":
            return prelude("tenuto") + code
        case "members":
            body = HEAD + code + WORKING + "done -> finished\n}\n" + FINALS
        case "states":
            body = HEAD + code + FINALS
        case "transitions":
            body = HEAD + WORKING + code + "}\nstate other { after 1h -> finished }\n" + FINALS
        case "steps":
            body = HEAD + "initial state working {\ndo {\n" + code + "}\ndone -> finished\n}\n" + FINALS
        case "more":
            return whole_before(block) + code
        case _:
            return code
    return prelude("tenuto") + body + "}\n"


def _yaml(block: CodeBlock) -> str:
    code = block.code
    begin = prelude("yaml")
    done = [("transitions", "- { done: null, to: finished }")]
    own: dict[str, str] = {}
    states = ""
    match block.kind:
        case "prelude-after":
            return begin + textwrap.indent(code, "  ")
        case "after-prelude":
            return begin + "workflows:\n" + textwrap.indent(code, "  ")
        case "members":
            own = _sections(code)
            states = _state("working", [("do", YAML_CHARGE), *done])
        case "states":
            states = code
        case "transitions":
            states = _state("working", [("do", YAML_CHARGE), ("transitions", code)])
            states += "other:\n  transitions:\n    - { after: 1h, to: finished }\n"
        case "steps":
            states = _state("working", [("do", code), *done])
        case _:
            return code
    members = [
        ("signals", YAML_SIGNALS + own.pop("signals", "")),
        ("vars", YAML_VARS + own.pop("vars", "")),
        *own.items(),
        ("states", states + YAML_FINALS),
    ]
    return begin + YAML_HEAD + "".join(_section(name, body, 4) for name, body in members)


def _state(name: str, parts: list[tuple[str, str]]) -> str:
    return f"{name}:\n  initial: true\n" + "".join(_section(key, body, 2) for key, body in parts)


def _section(name: str, body: str, indent: int) -> str:
    return " " * indent + f"{name}:\n" + textwrap.indent(body.strip("\n") + "\n", " " * (indent + 2))


def _sections(code: str) -> dict[str, str]:
    """The top-level keys of a YAML fragment, each with its block."""
    parts = re.split(r"^(\w+):\n", code, flags=re.MULTILINE)
    return {parts[i]: textwrap.dedent(parts[i + 1]) for i in range(1, len(parts), 2)}


def beside(path: str) -> bytes:
    """What blocks may import: the prelude, in either form."""
    forms = {"common.tenuto": "tenuto", "common.yaml": "yaml"}
    if (form := forms.get(path)) is None:
        raise FileNotFoundError(path)
    return prelude(form).encode()


def diagnostics(block: CodeBlock) -> tuple[list[str], bytes]:
    sink = Diagnostics()
    name = f"{block.page.name}.{block.language}"
    compiled = compile_source(name, whole(block), sink, beside)
    found = [f"{item.code} {item.span.line}:{item.span.col} {item.message}" for item in sink.items]
    return found, b"\n".join(item.program.encode() for item in compiled)


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_a_block_is_clean_or_fails_as_it_says(block: CodeBlock) -> None:
    found, _ = diagnostics(block)
    first, _, codes = block.kind.partition(" ")
    if first == "fails":
        assert [line.split()[0] for line in found] == codes.split()
        return
    tolerated = TOLERATED_IN_FRAGMENTS if first in FRAGMENTS else set()
    assert not [line for line in found if line.split()[0] not in tolerated]


def pairs() -> Iterator[tuple[CodeBlock, CodeBlock]]:
    """Text blocks with the YAML block that follows them."""
    for page in pages():
        found = list(blocks(page))
        for text, yaml in itertools.pairwise(found):
            if text.language == "tenuto" and yaml.language == "yaml" and yaml.kind in (text.kind, "same"):
                yield text, yaml


PAIRS = list(pairs())


@pytest.mark.parametrize(("text", "yaml"), PAIRS, ids=lambda block: str(block))
def test_both_forms_mean_the_same(text: CodeBlock, yaml: CodeBlock) -> None:
    assert diagnostics(text)[1] == diagnostics(yaml)[1]


def test_yaml_is_always_shown_with_its_text() -> None:
    paired = {yaml for _, yaml in PAIRS}
    assert not [str(block) for block in BLOCKS if block.language == "yaml" and block not in paired]


def test_text_is_always_shown_with_its_yaml() -> None:
    """All but what a page goes on with, and mistakes."""
    paired = {text for text, _ in PAIRS}
    alone = [block for block in BLOCKS if block.language == "tenuto" and block not in paired]
    assert not [str(block) for block in alone if block.kind.split(" ")[0] not in ("more", "fails")]


def test_the_kinds_are_known() -> None:
    known = {"", "same", "more", "fails", "prelude", "prelude-after", "after-prelude", *FRAGMENTS}
    assert {block.kind.split(" ")[0] for block in BLOCKS} <= known
