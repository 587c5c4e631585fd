"""`tenuto types`, and annotations that disagree with declarations at `deploy`, `run` and the daemon's start."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.cli.calling import Tenuto

TYPES = 'type Item = { sku: string, n: int } """One line."""\ntype Order = { items: [Item], email: string? }\n'
ACTS = """\
from dataclasses import dataclass

import tenuto


@dataclass
class Order:
    \"\"\"What is bought.\"\"\"

    id: str
    lines: list[int]
    note: str | None = None


@tenuto.activity
def f(x: str) -> int:
    return 1
"""
FILE = """\
activity f(x: int) -> int { python "acts:f"; timeout 1s }
workflow w(x: int) -> int { do { let y = call f(x: x); return y } }
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "t.tenuto").write_text(TYPES)
    (tmp_path / "acts.py").write_text(ACTS)
    (tmp_path / "w.tenuto").write_text(FILE)
    return tmp_path


def test_export_and_import(bare: Tenuto, place: Path) -> None:
    here = Tenuto(bare.variables, cwd=place)
    schema = here("types", "export", "t.tenuto").said(0)
    assert schema.data["$defs"]["Item"]["description"] == "One line."
    assert here("types", "export", "t.tenuto", "--draft", "7", "--type", "Item").data["definitions"].keys() == {"Item"}
    (place / "s.json").write_text(schema.out)
    text = here("types", "import", "s.json").said(0).out
    assert "type Order = { items: [Item], email: string? }" in text
    (place / "back.yaml").write_text(here("types", "import", "s.json", "--form", "yaml").said(0).out)
    assert here("types", "export", "back.yaml").said(0).data == schema.data
    assert "class Order(BaseModel):" in here("types", "export", "t.tenuto", "--format", "pydantic").said(0).out


def test_import_of_classes(bare: Tenuto, place: Path) -> None:
    here = Tenuto(bare.variables, cwd=place)
    for source in ("acts.py:Order", "acts:Order"):
        assert "{ id: string, lines: [int], note: string? }" in here("types", "import", source).said(0).out
    here("types", "import", "acts.py:Missing").said(2, "has no 'Missing'")
    here("types", "import", "nowhere:Order").said(2, "nowhere")
    here("types", "import", "acts.py").said(2, "acts.py:Model")
    here("types", "import", "nothing").said(2, "no such file")
    here("types", "import", "acts.py:f").said(3, "no type of a value")


def test_what_cannot_be_said(bare: Tenuto, place: Path) -> None:
    here = Tenuto(bare.variables, cwd=place)
    (place / "s.yaml").write_text(
        "type: object\nproperties:\n  a: { enum: [1, 2] }\n  b: { type: string, maxLength: 3 }\n"
    )
    assert (
        here("types", "import", "s.yaml").said(3, "a: literals are strings", "note: b: left out: maxLength").out == ""
    )
    (place / "bad.json").write_text("{")
    here("types", "import", "bad.json").said(2, "cannot be read")
    here("types", "export", "w.tenuto").said(2, "declares no types")
    here("types", "export", "t.tenuto", "--type", "Itme").said(2, "did you mean Item?")
    (place / "e.tenuto").write_text("type A = strng\n")
    here("types", "export", "e.tenuto").said(3, "strng", "nothing was written")


def test_disagreements(bare: Tenuto, place: Path) -> None:
    here = Tenuto(bare.variables, cwd=place)
    words = ("activity f: its parameter x is int (w.tenuto:1)", "acts.py:15) takes str", "change one of both")
    here("deploy", "w.tenuto", "--activities", "acts.py", "--db", "postgresql://x@127.0.0.1:1/x").said(2, *words)
    here("run", "w.tenuto", "--activities", "acts.py", "--input", '{"x": 1}').said(2, *words)
    here("daemon", "--workflows", str(place / "w.tenuto"), "--activities", "acts.py").said(2, "takes str")
    here("deploy", "w.tenuto", "--db", "postgresql://x@127.0.0.1:1/x").said(5)
