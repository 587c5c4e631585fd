"""Explores the workflows of a source, in either form, and looks at what was found."""

from __future__ import annotations

from typing import Literal

from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.explore import Bounds, Report, explore, read_subjects
from tenuto_dsl.format.converter import convert_source
from tenuto_dsl.testing import Runner, plan_source

Form = Literal["text", "yaml"]

ACTIVITIES = """
error Declined { hard: bool }
activity reserve(n: int) -> { id: string } { timeout 10s; retry 2 times; effect keyed }
activity release(n: int) { timeout 10s; retry 20 times; effect idempotent }
activity charge(n: int) -> { id: string, amount: int } {
  timeout 10s; retry 2 times; effect keyed; raises Declined
}
activity refund(n: int) { timeout 10s; retry 20 times; effect idempotent }
activity parcels(n: int) -> [string] { timeout 1m; retry 2 times; effect pure }
"""


def check(source: str, form: Form = "text", bounds: Bounds | None = None) -> Report:
    """The report on the first workflow of a source, which is converted when the other form is wanted."""
    name, text = written(ACTIVITIES + source, form)
    sink = Diagnostics()
    subjects = read_subjects(name, text, sink)
    assert subjects, [f"{item.span.line}: {item.message}" for item in sink.items]
    return explore(subjects[0], bounds)


def written(source: str, form: Form) -> tuple[str, str]:
    """A source of text in a form, with the name of its file."""
    if form == "text":
        return "w.tenuto", source
    sink = Diagnostics()
    converted = convert_source(source, "w.tenuto", "text", "yaml", sink)
    assert converted is not None, [item.message for item in sink.items]
    return "w.yaml", converted


def found(report: Report) -> list[tuple[str, str]]:
    return [(each.kind, each.name) for each in report.findings]


def fails(source: str, test: str) -> str:
    """Why a test declaration fails that stands at the end of a text source; empty when it passes."""
    sink = Diagnostics()
    suite = plan_source("w.tenuto", f"{ACTIVITIES}{source}\n{test}", sink)
    assert suite is not None, [item.message for item in sink.items]
    failed = Runner(suite).run(suite.plans[-1]).failed
    return failed.message if failed is not None else ""
