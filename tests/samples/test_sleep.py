"""Thirty days, in virtual time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tenuto_interpreter.machine import Snapshot

from tests.samples.driver import FORMS, Form, SampleRun


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> Form:
    found: Form = request.param
    return found


def test_thirty_days(form: Form) -> None:
    run = SampleRun("sleep", form)
    assert run.called("send_mail") == 1
    assert run.closed is None
    run.advance(30 * 86_400 - 1)
    assert run.called("send_mail") == 1
    run.run_to_end()
    result = run.ended()
    assert result["ended"] - result["began"] == timedelta(days=30)
    assert run.called("send_mail") == 2


def test_a_shorter_trial(form: Form) -> None:
    run = SampleRun("sleep", form, {"customer": "c", "trial": "2s"})
    run.run_to_end()
    assert run.days * 86_400 == pytest.approx(2)


def test_it_sleeps_as_one_small_row(form: Form) -> None:
    run = SampleRun("sleep", form)
    stored = run.snapshot.encode()
    assert len(stored) < 1_000
    assert Snapshot.decode(stored).wakeup() == run.snapshot.wakeup()


def test_a_sleeper_is_cancelled(form: Form) -> None:
    run = SampleRun("sleep", form)
    run.advance(86_400)
    run.cancel("left")
    assert run.failed("cancelled").message == "left"
    assert run.called("send_mail") == 1
