"""Lowering as data: a golden program, equal bytes from both forms, what enters a program, the way back to a source."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from tenuto_dsl.compiler import Compiled, compile_file, compile_source
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.lower import SourceMap
from tenuto_interpreter.ir import Program

FILES = Path(__file__).parent.parent / "language" / "lower"


def compiled(path: Path) -> Compiled:
    sink = Diagnostics()
    [found] = compile_file(path, sink)
    assert sink.items == []
    return found


def program_of(source: str) -> Program:
    sink = Diagnostics()
    found = compile_source("w.tenuto", source, sink)
    assert [d.message for d in sink.items if d.severity == "error"] == []
    return found[-1].program


def test_the_golden_program() -> None:
    """Set UPDATE_GOLDENS to write what is compiled now, and read the difference before you commit it."""
    golden = FILES / "small.json"
    found = json.dumps(json.loads(compiled(FILES / "small.tenuto").program.encode()), indent=1, sort_keys=True) + "\n"
    if os.environ.get("UPDATE_GOLDENS"):
        golden.write_text(found)
    assert found == golden.read_text()


@pytest.mark.parametrize("name", sorted(path.stem for path in FILES.glob("*.yaml")))
def test_both_forms_give_the_same_bytes(name: str) -> None:
    text, yaml = compiled(FILES / f"{name}.tenuto"), compiled(FILES / f"{name}.yaml")
    assert (text.form, yaml.form) == ("text", "yaml")
    assert json.loads(text.program.encode()) == json.loads(yaml.program.encode())
    assert text.program.encode() == yaml.program.encode()
    assert text.program.digest() == yaml.program.digest()


def test_a_program_survives_its_encoding() -> None:
    program = compiled(FILES / "claims.tenuto").program
    assert Program.decode(program.encode()) == program


def test_each_expression_is_there_once_and_kept_apart_by_type() -> None:
    program = program_of(
        """workflow w(n: int) { var a: int = 1; var b: double = 1.0; var c: bool = true; var d: int = 1
             do { log n + 1; log n + 1 } }"""
    )
    assert len({repr(e) for e in program.expressions}) == len(program.expressions)
    assert [v.initial for v in program.variables] == [0, 1, 2, 0]


def test_a_program_holds_what_it_refers_to_and_nothing_else() -> None:
    source = """
    type Used = { a: Inner? }
    type Inner = { b: [Used] }
    type Unused = { c: string }
    error Used_ { x: Inner? }
    error Unused_
    config used: int = 1
    config unused: int = 2
    activity used(x: Used) { timeout 1s; raises Used_ }
    activity unused(x: Unused) { timeout 1s; raises Unused_ }
    workflow w(x: Used) { do { call used(x); log config.used } }
    """
    program = program_of(source)
    assert [t.name for t in program.types] == ["Used", "Inner"]
    assert [e.code for e in program.errors] == ["Used_"]
    assert [c.name for c in program.config] == ["used"]
    assert [a.name for a in program.activities] == ["used"]
    assert program_of(source.replace("config unused: int = 2", "config other: int = 3")).digest() == program.digest()


def test_the_source_map_leads_back() -> None:
    found = compiled(FILES / "claims.tenuto")
    lines = found.source.splitlines()
    program, source_map = found.program, found.source_map
    assert len(source_map.states) == len(program.states)
    assert [len(spans) for spans in source_map.code] == [len(block.code) for block in program.blocks]
    assert len(source_map.expressions) == len(program.expressions)
    assert len(source_map.calls) == len(program.calls)
    for state, span in zip(program.states, source_map.states, strict=True):
        assert lines[span.line - 1][span.col - 1 : span.end_col - 1] == state.name
    for number, block in enumerate(program.blocks):
        for pc, instruction in enumerate(block.code):
            span = source_map.place(number, pc)
            assert span is not None
            if instruction[0] == "commit":
                assert lines[span.line - 1][span.col - 1 :].startswith("commit")
    assert SourceMap.from_plain(json.loads(json.dumps(source_map.to_plain()))) == source_map
