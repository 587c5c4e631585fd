"""The support sample in virtual time: two sides that signal, an escalation, reopening, silence."""

from __future__ import annotations

from typing import Any

import pytest

from tests.samples.driver import FORMS, HANGS, Form, SampleRun, fails, given

NORMAL = {"ticket": {**given("support")["ticket"], "subject": "A question", "text": "How do I export?"}}


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> Form:
    found: Form = request.param
    return found


def ticket(form: Form, input: dict[str, Any] | None = None, **mocks: Any) -> SampleRun:
    return SampleRun("support", form, input, mocks=mocks)


def answer(run: SampleRun, *, solved: bool) -> None:
    run.signal("agent_reply", agent="Alan", text="Like this.", solved=solved)


def test_an_answer_is_confirmed(form: Form) -> None:
    run = ticket(form)
    assert run.state == "open.waiting_for_agent"
    answer(run, solved=True)
    assert run.state == "solved_for_now"
    run.signal("confirm")
    assert run.ended() == {"ticket": "T-77", "outcome": "confirmed", "replies": 1, "reopened": 0}
    assert run.names == ["triage", "notify_team", "write_to_customer"]


def test_triage_decides_whom_to_tell(form: Form) -> None:
    run = ticket(form)
    assert run.query("overview")["priority"] == "urgent"
    assert run.calls[1][1] == {"team": "billing", "ticket": "T-77", "text": "new: Charged twice"}


def test_a_ticket_whose_triage_fails_goes_to_the_front_desk(form: Form) -> None:
    run = ticket(form, triage=fails("Broken", retryable=False))
    assert run.state == "open.waiting_for_agent"
    assert run.calls[-1][1]["team"] == "front desk"
    assert run.calls[-1][1]["text"].startswith("triage failed")


@pytest.mark.parametrize(("input", "hours"), [(None, 0.5), (NORMAL, 8)])
def test_a_ticket_nobody_answers_is_escalated(form: Form, input: dict[str, Any] | None, hours: float) -> None:
    run = ticket(form, input)
    run.advance(hours * 3600 - 1)
    assert run.state == "open.waiting_for_agent"
    run.advance(1)
    assert run.state == "open.escalated"
    assert run.names.count("page_manager") == 1
    run.advance(24 * 3600)
    assert run.names[-2:] == ["page_manager", "page_manager"]
    answer(run, solved=False)
    assert run.state == "waiting_for_customer"


def test_more_words_from_the_customer_do_not_put_off_the_escalation(form: Form) -> None:
    run = ticket(form, NORMAL)
    run.advance(7 * 3600)
    run.signal("customer_reply", text="Hello?")
    assert len(run.query("conversation")) == 2
    run.advance(3600)
    assert run.state == "open.escalated"


def test_an_answer_that_does_not_solve_it_goes_back_and_forth(form: Form) -> None:
    run = ticket(form)
    answer(run, solved=False)
    run.signal("customer_reply", text="It still fails.")
    assert run.state == "open.waiting_for_agent"
    answer(run, solved=True)
    run.signal("confirm")
    assert run.ended()["replies"] == 2


def test_a_solved_ticket_is_reopened(form: Form) -> None:
    run = ticket(form)
    answer(run, solved=True)
    run.advance(4 * 86_400)
    run.signal("customer_reply", text="It is back.")
    assert run.state == "open.waiting_for_agent"
    assert run.query("overview")["reopened"] == 1
    answer(run, solved=True)
    run.signal("confirm")
    assert run.ended()["reopened"] == 1


@pytest.mark.parametrize("solved", [True, False])
def test_silence_closes_it(form: Form, solved: bool) -> None:
    run = ticket(form)
    answer(run, solved=solved)
    run.run_to_end()
    assert run.ended()["outcome"] == "unanswered"
    assert run.days == 5


def test_a_word_during_the_reply_waits_its_turn(form: Form) -> None:
    run = ticket(form, write_to_customer=[HANGS, None])
    answer(run, solved=True)
    assert run.state == "replying"
    run.signal("customer_reply", text="One more thing.")
    assert run.state == "replying"
    run.advance(60)
    assert run.state == "open.waiting_for_agent", "sent at the second attempt, then reopened by the word that waited"
    assert run.query("overview")["reopened"] == 1


def test_a_ticket_is_cancelled(form: Form) -> None:
    run = ticket(form)
    run.cancel("spam")
    assert run.failed("cancelled").message == "spam"
