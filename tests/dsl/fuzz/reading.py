"""All that reads a whole source: compiler, linter with fixes, formatter, converter, drawings, tests, exploration and
the schema of the YAML form. What must hold of each beyond that it answers stands here."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from tenuto_dsl import Diagnostics, graph
from tenuto_dsl.compiler import check_source, compile_source
from tenuto_dsl.explore import Bounds, explore, read_subjects
from tenuto_dsl.format.converter import by_kind, convert_source
from tenuto_dsl.format.formatter import Form, format_source
from tenuto_dsl.lint import LintConfig, lint_source
from tenuto_dsl.lint.fixes import fix_source
from tenuto_dsl.lint.rules import all_rules
from tenuto_dsl.syntax import parse_file
from tenuto_dsl.testing import Runner, plan_source
from tenuto_interpreter.ir import Program
from tenuto_interpreter.machine import Executable

EVERY_RULE = LintConfig(select=frozenset(all_rules()))
MOST_TESTS = 3
BOUNDS = Bounds(states=40, depth=30)
EXPLORED_S = 0.3


@dataclass
class Case:
    """A source under its name, what was said about it by what read it, and a seed for who has to choose."""

    name: str
    source: str
    seed: int = 0
    sinks: dict[str, Diagnostics] = field(default_factory=dict)

    def sink(self, what: str) -> Diagnostics:
        return self.sinks.setdefault(what, Diagnostics())

    @property
    def form(self) -> Form:
        return "text" if PurePath(self.name).suffix == ".tenuto" else "yaml"

    @property
    def is_sound(self) -> bool:
        return not self.sinks["compile"].has_errors


def no_files(path: str) -> bytes:
    raise FileNotFoundError(2, "no such file", path)


def compile_(case: Case) -> None:
    sink = case.sink("compile")
    made = compile_source(case.name, case.source, sink, reader=no_files)
    assert not (made and sink.has_errors)
    for each in made:
        assert Program.decode(each.program.encode()) == each.program
        Executable(each.program)


def lint(case: Case) -> None:
    """With every rule there is; a rule adds to what the compiler says, and takes nothing away."""
    sink = case.sink("lint")
    lint_source(case.name, case.source, sink, EVERY_RULE, no_files)
    errors = {(item.code, item.span) for item in case.sinks["compile"].items if item.severity == "error"}
    assert errors <= {(item.code, item.span) for item in sink.items}


def fix(case: Case) -> None:
    """What is certain is, where the file can be read; of what is left of others the parser can but guess."""
    fixed = fix_source(case.name, case.source, EVERY_RULE, no_files, rounds=3)
    assert not fixed.refused or any(item.code.startswith("TEN1") for item in fixed.left), fixed.left


def format_(case: Case) -> None:
    """What was formatted has the same tree and every comment, or the formatter says TEN150; and it stays so."""
    sink = case.sink("format")
    written = format_source(case.source, case.name, case.form, sink)
    assert (written is None) == sink.has_errors
    if written is not None:
        again = Diagnostics()
        assert format_source(written, case.name, case.form, again) == written, again.items


def convert(case: Case) -> None:
    """To the other form and back: the same declarations, or a reason why not."""
    other: Form = "yaml" if case.form == "text" else "text"
    sink = case.sink("convert")
    there = convert_source(case.source, case.name, case.form, other, sink)
    assert (there is None) == sink.has_errors
    if there is None:
        return
    suffix = ".yaml" if other == "yaml" else ".tenuto"
    back = Diagnostics()
    again = convert_source(there, f"back{suffix}", other, case.form, back)
    assert again is not None, back.items
    before, after = parse_file(case.name, case.source, Diagnostics()), parse_file(case.name, again, Diagnostics())
    assert by_kind(before.declarations) == by_kind(after.declarations)


def draw(case: Case) -> None:
    if not case.is_sound:
        return
    checked = check_source(case.name, case.source, Diagnostics(), no_files)
    for workflow in checked.facts.workflows[:4]:
        chart = graph.chart_of(checked.facts, workflow)
        for picture in (
            graph.render_svg(chart, detail="full"),
            graph.render_mermaid(chart),
            graph.render_dot(chart),
            graph.render_json(chart),
        ):
            assert picture


def test(case: Case) -> None:
    if not case.is_sound:
        return
    sink = case.sink("test")
    suite = plan_source(case.name, case.source, sink, no_files)
    if suite is None:
        assert sink.has_errors
        return
    runner = Runner(suite)
    for plan in suite.plans[:MOST_TESTS]:
        runner.run(plan)


def check(case: Case) -> None:
    if not case.is_sound:
        return
    for subject in read_subjects(case.name, case.source, case.sink("check"), no_files)[:2]:
        end = time.process_time() + EXPLORED_S
        explore(subject, BOUNDS, lambda end=end: time.process_time() > end, no_files)  # type: ignore[misc]  # of this round


def schema(case: Case) -> None:
    """The schema and the loader agree about shapes, where there is nothing but shapes to disagree about."""
    if case.form == "yaml":
        from tests.dsl.fuzz.schema import verdicts

        loader, theirs = verdicts(case.source)
        assert theirs is None or loader is None or loader == theirs, (loader, theirs)


READING: Mapping[str, Callable[[Case], object]] = {
    "compile": compile_, "lint": lint, "fix": fix, "format": format_, "convert": convert, "draw": draw, "test": test,
    "check": check, "schema": schema,
}  # fmt: skip
