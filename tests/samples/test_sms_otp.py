"""The one-time password in virtual time, with its real activities: a signal against a timer."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from tests.samples.driver import FORMS, HANGS, Form, SampleRun


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> Form:
    found: Form = request.param
    return found


def otp(form: Form, **mocks: Any) -> SampleRun:
    return SampleRun("sms_otp", form, mocks=mocks)


def code_sent(run: SampleRun) -> str:
    """The code of the last message: it follows from the idempotency key of its call."""
    from tenuto_interpreter.commands import ScheduleActivity

    sent = [
        command for _, commands in run.log for command in commands
        if isinstance(command, ScheduleActivity) and run.exe.program.activities[command.activity].name == "send_code"
    ]  # fmt: skip
    module = next(m for n, m in sys.modules.items() if n.startswith("_tenuto_") and hasattr(m, "code_for"))
    code: str = module.code_for(sent[-1].key)
    return code


def wrong(code: str) -> str:
    return "000000" if code != "000000" else "000001"


def test_the_right_code(form: Form) -> None:
    run = otp(form)
    assert run.state == "waiting"
    run.signal("submit", code=code_sent(run))
    assert run.ended() == {"verified": True, "attempts": 1, "messages": 1}


def test_wrong_then_right(form: Form) -> None:
    run = otp(form)
    run.signal("submit", code=wrong(code_sent(run)))
    assert run.query("status") == {"state": "waiting", "attempts_left": 4}
    run.signal("submit", code=code_sent(run))
    assert run.ended()["attempts"] == 2


def test_five_wrong_codes_lock(form: Form) -> None:
    run = otp(form)
    for _ in range(5):
        run.signal("submit", code=wrong(code_sent(run)))
    failure = run.failed()
    assert (failure.code, failure.message) == ("TooManyAttempts", "5 wrong codes")


def test_time_runs_out(form: Form) -> None:
    run = otp(form)
    run.advance(299)
    run.signal("submit", code=wrong(code_sent(run)))
    run.run_to_end()
    assert run.failed().code == "Expired"
    assert run.days * 86_400 == pytest.approx(300)


def test_only_the_newest_code_counts(form: Form) -> None:
    run = otp(form)
    first = code_sent(run)
    run.signal("resend")
    assert code_sent(run) != first
    run.signal("submit", code=first)
    assert run.state == "waiting"
    run.signal("submit", code=code_sent(run))
    assert run.ended() == {"verified": True, "attempts": 2, "messages": 2}


def test_not_more_than_three_messages(form: Form) -> None:
    run = otp(form)
    for _ in range(5):
        run.signal("resend")
    assert run.called("send_code") == 3
    assert run.snapshot.mailbox == [], "what is refused is dropped, not kept"


def test_an_answer_to_a_message_that_is_being_replaced_is_dropped(form: Form) -> None:
    run = otp(form, send_code=[{"hash": "h1"}, HANGS, {"hash": "h2"}])
    run.signal("resend")
    assert run.state == "sending"
    run.signal("submit", code="123456")
    run.advance(60)
    assert run.state == "waiting"
    assert run.query("status")["attempts_left"] == 5


def test_a_number_that_does_not_exist(form: Form) -> None:
    run = SampleRun("sms_otp", form, {"phone": "+000123"})
    failure = run.failed()
    assert failure.code == "Undeliverable"
    assert failure.details == {"phone": "+000123"}
    assert run.called("send_code") == 1


def test_the_code_is_nowhere_in_what_is_stored(form: Form) -> None:
    from tenuto_interpreter.machine import record

    run = otp(form)
    code = code_sent(run).encode()
    assert code not in run.snapshot.encode()
    assert all(code not in record(event, commands) for event, commands in run.log)
