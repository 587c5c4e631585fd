"""The polling sample: mocked in virtual time, and against its job service over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from tenuto_interpreter.events import Failure

from tests.samples.driver import FORMS, SAMPLES, START, Form, SampleRun, registry

REPORT = {"pages": 3, "url": "u"}


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> Form:
    found: Form = request.param
    return found


def poll(form: Form, looks: list[Any], **more: Any) -> SampleRun:
    answers = [{"status": look} if isinstance(look, str) else look for look in looks]
    mocks = {
        "submit_job": None, "look_at_job": answers, "hurry_job": None, "fetch_report": REPORT,
        "measure_report": {"bytes": 7}, "abandon_job": None, **more,
    }  # fmt: skip
    run = SampleRun("polling", form, mocks=mocks)
    run.run_to_end()
    return run


def look_times(run: SampleRun) -> list[float]:
    """When the service was asked, in seconds."""
    from tenuto_interpreter.commands import ScheduleActivity

    return [
        (event.at - START) / 1_000_000 for event, commands in run.log for command in commands
        if isinstance(command, ScheduleActivity) and run.exe.program.activities[command.activity].name == "look_at_job"
    ]  # fmt: skip


def test_pauses_double_up_to_a_limit(form: Form) -> None:
    run = poll(form, [*["running"] * 11, "done"])
    assert run.ended() == {"url": "u", "pages": 3, "bytes": 7, "looks": 12}
    times = look_times(run)
    pauses = [round(b - a, 3) for a, b in zip([0.0, *times], times, strict=False)]
    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30, 30, 30]
    assert "abandon_job" not in run.names


def test_one_deadline_over_all(form: Form) -> None:
    run = poll(form, ["running"])
    failure = run.failed()
    assert failure.code == "TooLate"
    assert run.days * 86_400 == pytest.approx(600)
    assert run.names[-1] == "abandon_job"


def test_a_job_that_fails_is_abandoned(form: Form) -> None:
    run = poll(form, ["queued", "failed"])
    assert run.failed().code == "JobFailed"
    assert run.failed().details == {"job": "polling-test"}
    assert run.names[-1] == "abandon_job"


def test_a_look_that_fails_is_repeated(form: Form) -> None:
    run = poll(form, [Failure("HttpError", "502"), Failure("HttpError", "502"), "done"])
    assert run.ended()["looks"] == 1
    assert run.called("look_at_job") == 3


def test_an_order_with_an_unknown_outcome_is_abandoned(form: Form) -> None:
    lost = Failure("HttpError", "no answer", unknown=True)
    run = poll(form, ["done"], submit_job=lost)
    assert run.failed().code == "HttpError"
    assert run.names[-1] == "abandon_job"


class TestOverHttp:
    @pytest.fixture
    def jobs(self) -> Iterator[Any]:
        registry(SAMPLES / "polling")
        from job_service import JobService  # type: ignore[import-not-found]  # beside the sample

        with JobService(0) as service:
            thread = Thread(target=service.serve_forever, args=(0.01,))
            thread.start()
            yield service
            service.shutdown()
            thread.join()

    def run(self, form: Form, jobs: Any, report: str, email: str | None = None, **config: Any) -> SampleRun:
        run = SampleRun("polling", form, {"report": report, "email": email}, config={"jobs_url": jobs.url, **config})
        run.run_to_end()
        return run

    def test_a_report_is_fetched(self, form: Form, jobs: Any) -> None:
        run = self.run(form, jobs, "turnover")
        assert run.ended() == {
            "url": "https://reports.example/turnover.pdf", "pages": 12, "bytes": 48_213, "looks": 4,
        }  # fmt: skip
        assert "priority" not in jobs.jobs["polling-test"], "it was fast enough"

    def test_a_report_may_be_mailed_too(self, form: Form, jobs: Any) -> None:
        self.run(form, jobs, "turnover", "ada@example.org")
        assert jobs.jobs["polling-test"]["email"] == "ada@example.org"

    def test_an_impossible_report(self, form: Form, jobs: Any) -> None:
        assert self.run(form, jobs, "impossible").failed().code == "JobFailed"
        assert jobs.abandoned == ["polling-test"]

    def test_an_endless_report(self, form: Form, jobs: Any) -> None:
        run = self.run(form, jobs, "endless", deadline="20s", hurry_after="10s")
        assert run.failed().code == "TooLate"
        assert jobs.abandoned == ["polling-test"]
