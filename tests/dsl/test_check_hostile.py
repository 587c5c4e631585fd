"""Whatever a source says, the compiler answers with programs or diagnostics: nothing is raised, nothing takes long."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tenuto.cli.compiling import render
from tenuto_dsl.compiler import compile_source
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import MAX_BYTES, decode_source
from tenuto_interpreter.ir import Program
from tenuto_interpreter.machine import Executable

ROOT = Path(__file__).parent.parent.parent
SOURCES = [
    (path.suffix, path.read_text())
    for pattern in ("samples/*/*.", "tests/language/lower/*.")
    for suffix in ("tenuto", "yaml")
    for path in sorted(ROOT.glob(pattern + suffix))
]
TOKEN = re.compile(r'\s+|[A-Za-z_]\w*|"[^"\n]*"|[0-9]+\w*|->|.')
WORDS = sorted({word for _, source in SOURCES for word in TOKEN.findall(source) if not word.isspace()})


def compile_anything(source: str, suffix: str = ".tenuto") -> list[Program]:
    """Compile; check what comes out, and that there is either a program or an error."""
    sink = Diagnostics()
    programs = [compiled.program for compiled in compile_source(f"any{suffix}", source, sink, reader=_no_files)]
    for program in programs:
        assert Program.decode(program.encode()) == program
        Executable(program)
    assert not (programs and sink.has_errors)
    return programs


def _no_files(path: str) -> bytes:
    raise FileNotFoundError(2, "no such file", path)


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, str]:
    """The suffix and text of a valid file with words replaced, exchanged or gone, lines repeated or emptied."""
    suffix, source = draw(st.sampled_from(SOURCES))
    tokens = TOKEN.findall(source)
    for _ in range(draw(st.integers(1, 3))):
        at, other = draw(st.integers(0, len(tokens) - 1)), draw(st.integers(0, len(tokens) - 1))
        match draw(st.sampled_from(["word", "exchange", "remove", "line", "empty"])):
            case "word":
                tokens[at] = draw(st.sampled_from(WORDS))
            case "exchange":
                tokens[at], tokens[other] = tokens[other], tokens[at]
            case "remove":
                tokens[at] = " "
            case "line":
                lines = "".join(tokens).splitlines()
                lines.insert(at % len(lines), lines[other % len(lines)])
                tokens = TOKEN.findall("\n".join(lines))
            case "empty":
                lines = "".join(tokens).splitlines()
                lines[at % len(lines)] = lines[at % len(lines)].partition(":")[0] + ":"
                tokens = TOKEN.findall("\n".join(lines))
    return suffix, "".join(tokens)


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_mutated_files(file: tuple[str, str]) -> None:
    suffix, source = file
    compile_anything(source, suffix)


def nested_steps(depth: int) -> str:
    return "workflow w(n: int) { do { " + "if n == 1 {\n" * depth + "log n" + " }\n" * depth + " } }"


def nested_states(depth: int) -> str:
    opening = "".join(f"initial state s{i} {{\n" for i in range(depth))
    return "workflow w() { " + opening + "do { log 1 }" + "\n}" * depth + " }"


def chained_states(count: int) -> str:
    states = "".join(
        f"state s{i} {{ do {{ if n > {i} {{ x = 1 }} else {{ x = 2 }} }}; done -> s{i + 1}; on error -> s{i // 2} }}\n"
        for i in range(1, count)
    )
    first = "initial state s0 { do { log n }; done -> s1 }\n"
    return f"workflow w(n: int) {{ var x: int\n{first}{states}state s{count} {{ do {{ log x }} }} }}"


def nested_finally(depth: int) -> str:
    return (
        "workflow w() -> int { do { "
        + "try { " * depth
        + "return 1"
        + " } finally { log 1 }" * depth
        + "; return 2 } }"
    )


@pytest.mark.parametrize(
    "source",
    [
        nested_steps(50),
        nested_steps(3_000),
        nested_states(50),
        nested_states(3_000),
        chained_states(400),
        nested_finally(40),
        "workflow w() { do { " + "log 1\n" * 5_000 + "} }",
        "".join(f"type T{i} = T{i + 1}\n" for i in range(1_000)) + "type T1000 = T0\nworkflow w() { do { log 1 } }",
        "workflow w() { initial state a { " + "\n".join(f"on s{i} -> a" for i in range(1_000)) + "} }",
        "workflow w() {}\n" * 500,
        "",
        "workflow",
    ],
    ids=lambda source: f"{len(source)} characters",
)
def test_deep_long_and_empty_files_are_quick(source: str) -> None:
    began = time.monotonic()
    compile_anything(source)
    assert time.monotonic() - began < 10


def test_a_syntax_error_is_one_mistake_and_another_is_another() -> None:
    source = """
error Bad
activity get() -> string { timeout 1s }
workflow w() {
  signal go()
  var x: string
  initial state a { do { x = = call get() }; done -> b }
  state b { do { log x; fail Bda }; on go -> c }
  final state c {}
}
"""
    sink = Diagnostics()
    compile_source("w.tenuto", source, sink)
    assert [(item.span.line, item.code[:4]) for item in sink.items] == [(7, "TEN1"), (8, "TEN2")]
    assert sink.items[1].hint == "did you mean Bad?"


def test_a_file_of_many_bytes_is_refused_before_it_is_read_as_text() -> None:
    sink = Diagnostics()
    assert decode_source(b"# \xff\n" * MAX_BYTES, "large.yaml", sink) is None
    assert [item.code for item in sink.items] == ["TEN108"]


def test_of_very_many_complaints_the_first_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("twice.yaml").write_text("tenuto: 1\ntypes:\n" + "  A: int\n" * 3_000)
    sink = Diagnostics()
    compile_source("twice.yaml", Path("twice.yaml").read_text(), sink)
    lines = render(sink.items, "text").splitlines()
    assert lines[-1] == "… and 1,999 more; --format json has them all"
    assert sum("TEN123" in line for line in lines) == 1_000
    assert render(sink.items, "json").count("TEN123") == 2_999
