"""Both of PyYAML's parsers make the same of a source: values, places, comments and diagnostics."""

from __future__ import annotations

import random
import textwrap
import time
from pathlib import Path

import pytest
import yaml
from tenuto_dsl import Diagnostic, Diagnostics
from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.yaml import compose as composing
from tenuto_dsl.syntax.yaml.compose import Mapping, Node, Scalar, compose
from tenuto_dsl.syntax.yaml.events import parsers

ROOT = Path(__file__).parents[2]
SOURCES = [
    path.read_text()
    for folder in ("samples", "tests/language")
    for path in sorted((ROOT / folder).rglob("*.yaml"))
]  # fmt: skip
SIGNS = "[]{},:?-#&*!|>'\"%@` \n\\aé😀~<=.0"


def flat(node: Node | None) -> object:
    if node is None:
        return None
    if isinstance(node, Scalar):
        return node.text, node.plain, node.span, [node.source.place(at) for at in range(len(node.text) + 1)]
    if isinstance(node, Mapping):
        return node.span, [(flat(key), flat(value)) for key, value in node.entries]
    return node.span, [flat(item) for item in node.items]


def composed(source: str) -> tuple[object, tuple[tree.Comment, ...], list[Diagnostic]]:
    sink = Diagnostics()
    document = compose(source, "f.yaml", sink)
    return flat(document.root), document.comments, sink.items


def by_pyyaml(monkeypatch: pytest.MonkeyPatch, source: str) -> object:
    with monkeypatch.context() as patch:
        patch.setattr(composing, "parsers", lambda _: (yaml.SafeLoader,))
        return composed(source)


def test_libyaml_is_asked_first() -> None:
    assert [parser.__name__ for parser in parsers("a: b\n")] == ["CSafeLoader", "SafeLoader"]


def test_the_files_of_this_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    for source in SOURCES[::3]:
        assert composed(source) == by_pyyaml(monkeypatch, source)


def test_pieces_of_them_with_signs_put_in_and_taken_out(monkeypatch: pytest.MonkeyPatch) -> None:
    choose = random.Random(18)
    for _ in range(300):
        source = choose.choice(SOURCES)
        at = choose.randrange(len(source))
        piece = textwrap.dedent(source[at : at + 250].partition("\n")[2])
        for _ in range(choose.choice([0, 1, 1, 2, 3])):
            at = choose.randrange(len(piece) + 1)
            end = at + choose.choice([0, 0, 1, 3])
            piece = piece[:at] + choose.choice(SIGNS) * choose.choice([0, 1, 1, 2]) + piece[end:]
        assert composed(piece) == by_pyyaml(monkeypatch, piece), piece


@pytest.mark.parametrize(
    "source",
    [
        "a: {b: , c: 1}\n",
        "a: { t: in?t }\n",
        "a:\tb\n",
        "a: b",
        "a: 'b\n",
        "a\ufeff: 1\n",
        "- a\u2028b\n",
        "a: b\r- c",
        "?",
        "",
    ],
    ids=repr,
)
def test_where_they_would_differ(monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    assert composed(source) == by_pyyaml(monkeypatch, source)


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("[" * 400_000, "TEN109"),
        ("[{" * 200_000, "TEN109"),
        ("- " * 200_000, "TEN109"),
        ("{a: " * 100_000, "TEN109"),
        ("? " * 200_000, "TEN109"),
        ("'" + "a" * 400_000, "TEN120"),
        ("- b\n" * 40_000 + "a: b: c\n", "TEN120"),
        ("# why\n" * 60_000, "TEN108"),
        ("x: [" + "a," * 60_000 + "]", "TEN108"),
        ("a: " + "b" * 600_000, "TEN108"),
        ("a: *a\n" * 60_000, "TEN126"),
    ],
    ids=lambda value: value[:8],
)
def test_what_is_huge_is_refused_soon(source: str, code: str) -> None:
    sink = Diagnostics()
    began = time.process_time()
    assert compose(source, "f.yaml", sink).root is None
    assert time.process_time() - began < 2  # a tenth of it on a quiet machine
    assert code in [item.code for item in sink.items]
