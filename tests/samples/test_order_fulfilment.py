"""The order sample in virtual time: the saga, its critical section, its timers and its retries."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from tenuto_interpreter.commands import CancelActivity
from tenuto_interpreter.events import Failure

from tests.samples.driver import FORMS, HANGS, SAMPLES, Form, SampleRun, fails, given, registry

MOCKS = {
    "reserve_stock": {"reservation": "r1"},
    "release_stock": None,
    "charge": {"payment_id": "p1"},
    "refund": None,
    "pack": {"tracking": "t1"},
    "send_invoice": None,
}


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> Form:
    found: Form = request.param
    return found


def order(form: Form, changes: dict[str, Any] | None = None, **mocks: Any) -> SampleRun:
    input = {"order": {**given("order_fulfilment")["order"], **(changes or {})}}
    return SampleRun("order_fulfilment", form, input, mocks={**MOCKS, **mocks})


def test_an_order_is_delivered(form: Form) -> None:
    run = order(form)
    assert run.ended() == {"order_id": "A-1001", "payment_id": "p1", "tracking": "t1"}
    assert run.names == ["reserve_stock", "charge", "pack", "send_invoice"]
    assert run.days == 0


def test_no_mail_without_an_address(form: Form) -> None:
    run = order(form, {"email": None})
    run.ended()
    assert "send_invoice" not in run.names


def test_a_declined_card_gives_the_stock_back(form: Form) -> None:
    run = order(form, charge=fails("Declined"))
    failure = run.failed()
    assert (failure.code, failure.message) == ("Rejected", "the payment was declined")
    assert run.names == ["reserve_stock", "charge", "release_stock"]


def test_out_of_stock_has_nothing_to_undo(form: Form) -> None:
    run = order(form, reserve_stock=fails("OutOfStock", retryable=False, sku="score"))
    assert run.failed().message == "out of stock: score"
    assert run.names == ["reserve_stock"]


def test_what_fails_after_the_payment_undoes_everything_newest_first(form: Form) -> None:
    run = order(form, pack=fails("CarrierOnStrike"))
    failure = run.run_to_end()
    assert run.failed().code == "CarrierOnStrike", failure
    assert run.called("pack") == 4, "the call and three further attempts"
    assert run.names[-2:] == ["refund", "release_stock"]


def test_packing_and_invoicing_work_at_once(form: Form) -> None:
    run = order(form, pack=HANGS)
    assert run.states() == ["fulfilling.packing", "fulfilling.invoicing"]
    assert run.names[-2:] == ["pack", "send_invoice"]


def test_when_the_invoice_fails_the_packing_is_interrupted(form: Form) -> None:
    run = order(form, pack=HANGS, send_invoice=fails("MailboxFull", retryable=False))
    assert run.failed().code == "MailboxFull"
    assert any(isinstance(command, CancelActivity) for _, commands in run.log for command in commands)
    assert run.names[-2:] == ["refund", "release_stock"]


def test_a_large_order_waits_for_an_approval(form: Form) -> None:
    run = order(form, {"total": "1000.01"})
    assert run.state == "awaiting_approval"
    assert run.query("progress") == {"state": "awaiting_approval", "paid": False, "tracking": None}
    run.advance(3600)
    run.signal("approve", by="Clara")
    run.ended()


def test_the_limit_itself_needs_no_approval(form: Form) -> None:
    order(form, {"total": "1000.00"}).ended()


def test_nobody_approves(form: Form) -> None:
    run = order(form, {"total": "5000"})
    run.run_to_end()
    assert run.failed().message == "nobody approved it within a day"
    assert run.days == 1
    assert run.names == ["reserve_stock", "release_stock"]


def test_the_customer_cancels_while_nobody_approves(form: Form) -> None:
    run = order(form, {"total": "5000"})
    run.signal("cancel_order", reason="changed my mind")
    assert run.failed("cancelled").message == "changed my mind"
    assert run.names == ["reserve_stock", "release_stock"]


def test_an_operator_cancels(form: Form) -> None:
    run = order(form, {"total": "5000"})
    run.cancel("fraud suspected")
    assert run.failed("cancelled").message == "fraud suspected"
    assert run.names[-1] == "release_stock"


@pytest.mark.parametrize("how", ["signal", "cancel"])
def test_a_payment_is_never_interrupted(form: Form, how: str) -> None:
    run = order(form, charge=[HANGS, {"payment_id": "p1"}])
    assert run.state == "charging"
    if how == "signal":
        run.signal("cancel_order", reason="too late")
    else:
        run.cancel("too late")
    assert run.state == "charging", "it waits until the payment is decided"
    run.run_to_end()
    assert run.failed("cancelled").message == "too late"
    assert run.names[:3] == ["reserve_stock", "charge", "charge"], "the first attempt timed out"
    assert run.names[-2:] == ["refund", "release_stock"]


def test_a_payment_with_an_unknown_outcome_is_refunded(form: Form) -> None:
    run = order(form, charge=HANGS)
    run.run_to_end()
    assert run.failed().code == "Timeout"
    assert run.names[-2:] == ["refund", "release_stock"]
    assert run.at - run.log[0][0].at <= 5 * 60 * 1_000_000, "five minutes over all attempts"


def test_retries_back_off(form: Form) -> None:
    busy = Failure("HttpError", "503")
    run = order(form, charge=[busy, busy, busy, {"payment_id": "p1"}])
    run.run_to_end()
    run.ended()
    assert run.called("charge") == 4
    waited = (run.at - run.log[0][0].at) / 1_000_000
    assert 0.8 * 3.5 <= waited <= 1.2 * 3.5, "half a second, one, two; each off by a fifth at most"


def test_an_undo_is_tried_again(form: Form) -> None:
    run = order(form, charge=fails("Declined"), release_stock=[fails("Down"), fails("Down"), None])
    run.run_to_end()
    assert run.failed().code == "Rejected"
    assert run.called("release_stock") == 3


def test_an_undo_that_fails_for_good_parks_the_run(form: Form) -> None:
    run = order(form, charge=fails("Declined"), release_stock=fails("Gone", retryable=False))
    assert run.closed is None
    assert run.snapshot.status == "parked"
    run.verify()


class TestOverHttp:
    """With its real activities and a payment service that answers over HTTP."""

    @pytest.fixture
    def payments(self) -> Iterator[Any]:
        activities = registry(SAMPLES / "order_fulfilment")
        from payment_service import PaymentService  # type: ignore[import-not-found]  # beside the sample

        assert activities.names
        with PaymentService(0) as service:
            thread = Thread(target=service.serve_forever, args=(0.01,))
            thread.start()
            yield service
            service.shutdown()
            thread.join()

    def run(self, form: Form, payments: Any, **changes: Any) -> SampleRun:
        input = {"order": {**given("order_fulfilment")["order"], **changes}}
        run = SampleRun("order_fulfilment", form, input, config={"payments_url": payments.url})
        run.run_to_end()
        return run

    def test_an_order_is_paid_once(self, form: Form, payments: Any) -> None:
        run = self.run(form, payments)
        assert run.ended() == {"order_id": "A-1001", "payment_id": "payment-A-1001", "tracking": "parcel-A-1001"}
        assert payments.ledger == [{"kind": "charge", "id": "payment-A-1001", "order": "A-1001", "amount": "74.50"}]

    def test_a_flaky_service_is_asked_again(self, form: Form, payments: Any) -> None:
        run = self.run(form, payments, customer_id="flaky")
        run.ended()
        assert run.called("charge") == 2
        assert len(payments.ledger) == 1

    def test_a_declined_card(self, form: Form, payments: Any) -> None:
        run = self.run(form, payments, customer_id="declined")
        assert run.failed().code == "Rejected"
        assert run.called("charge") == 1, "402 is an answer, not a reason to ask again"
        assert payments.ledger == []

    def test_sold_out(self, form: Form, payments: Any) -> None:
        run = self.run(form, payments, items=[{"sku": "unobtainium", "quantity": 1}])
        assert run.failed().message == "out of stock: unobtainium"
