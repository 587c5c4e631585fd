"""The parking permit sample: runs of version 1 go on in version 2, wherever they are."""

from __future__ import annotations

from typing import Any

import pytest
from tenuto_dsl import compile_source
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.migration import check_migration
from tenuto_dsl.syntax import parse_file, tree
from tenuto_interpreter.events import Migrated
from tenuto_interpreter.ir import Program
from tenuto_interpreter.machine import Executable
from tenuto_interpreter.machine.migration import migrate
from tenuto_interpreter.virtual import HANGS, VirtualRun

from tests.samples.driver import FORMS, SAMPLES, START, Form, program

YEAR = 365 * 24 * 3600


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> Form:
    found: Form = request.param
    return found


def first_version(form: Form) -> Program:
    path = SAMPLES / "parking_permit" / "v1" / f"parking_permit.{form}"
    sink = Diagnostics()
    compiled = compile_source(str(path), path.read_text(encoding="utf-8"), sink)
    assert not sink.items
    return compiled[0].program


def permit(form: Form, *charges: Any) -> VirtualRun:
    """A run of version 1; what its charges do, one after the other, and nothing special after that."""
    left = list(charges)

    def answer(activity: str, args: dict[str, Any], attempt: int) -> Any:
        return left.pop(0) if activity == "charge" and left else None

    return VirtualRun(Executable(first_version(form)), answer, {"plate": "AB-1"}, at=START)


def to_second_version(run: VirtualRun, form: Form) -> None:
    new = Executable(program("parking_permit", form))
    run.snapshot, commands = migrate(run.exe, new, run.snapshot, Migrated(run.at, new.program.digest(), {}))
    run.exe = new
    for command in commands:
        run._carry_out(command)


def test_both_forms_of_the_first_version_are_the_same() -> None:
    assert first_version("tenuto").encode() == first_version("yaml").encode()


def test_nothing_keeps_a_run_from_going_on(form: Form) -> None:
    path = SAMPLES / "parking_permit" / f"parking_permit.{form}"
    file = parse_file(str(path), path.read_text(encoding="utf-8"), Diagnostics())
    declared = next(item for item in file.declarations if isinstance(item, tree.WorkflowDecl))
    sink = Diagnostics()
    check_migration(first_version(form), program("parking_permit", form), declared, sink)
    assert not sink.items


def test_a_valid_permit_keeps_its_year(form: Form) -> None:
    run = permit(form)
    run.advance(YEAR - 3600)
    to_second_version(run, form)
    assert run.states() == ["valid.usable"]
    assert run.query("view") == {"state": "valid.usable", "years": 1, "cards": 1}
    run.advance(3600)
    assert run.query("view")["years"] == 2, "charged when the year that began under version 1 was over"


def test_a_permit_that_is_being_charged_is_charged_once(form: Form) -> None:
    run = permit(form, HANGS)
    assert run.states() == ["billing"]
    to_second_version(run, form)
    assert run.states() == ["charging"]
    run.advance(60)
    assert run.query("view") == {"state": "valid.usable", "years": 1, "cards": 0}
    assert [name for name, _, _ in run.calls] == ["charge", "charge"], "two attempts of one call"
