"""The commands in the samples' pages, one after the other, with a daemon where they start one."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.docs_pages import ROOT, indented
from tests.docs_reader import Reader
from tests.samples.ports import stand_ins

pytestmark = pytest.mark.slow

Follow = Callable[[str], dict[str, str]]


@pytest.fixture
def follow(tmp_path: Path, pg_dsn: str) -> Iterator[Follow]:
    """Do the commands of a sample's page; their outputs by command."""
    reader = Reader(ROOT, pg_dsn, tmp_path / "daemon.log", **stand_ins())

    def do(name: str) -> dict[str, str]:
        outputs: dict[str, str] = {}
        for line in indented(ROOT / "samples" / name / "README.md"):
            if line.startswith("tenuto "):
                messages = 1 + sum("resend" in done for done in outputs)
                outputs[line] = reader.follow(line.replace("…", _code(reader, messages)) if "…" in line else line)
        return outputs

    yield do
    reader.leave()


def _code(reader: Reader, messages: int) -> str:
    """The newest code, once the daemon's log shows so many."""
    deadline = time.monotonic() + 20
    while len(codes := re.findall(r"Your code is (\d{6})", reader.log.read_text())) < messages:
        assert time.monotonic() < deadline, reader.log.read_text()
        time.sleep(0.05)
    return str(codes[-1])


def test_order_fulfilment(follow: Follow) -> None:
    outputs = follow("order_fulfilment")
    assert json.loads(outputs["tenuto query A-1002 progress"])["state"] == "awaiting_approval"
    assert json.loads(outputs["tenuto result A-1002"])["payment_id"] == "payment-A-1002"


def test_support(follow: Follow) -> None:
    outputs = follow("support")
    assert json.loads(outputs["tenuto query T-77 overview"])["priority"] == "urgent"
    assert json.loads(outputs["tenuto result T-77"]) == {
        "ticket": "T-77", "outcome": "confirmed", "replies": 2, "reopened": 1,
    }  # fmt: skip


def test_sms_otp(follow: Follow) -> None:
    outputs = follow("sms_otp")
    assert json.loads(outputs["tenuto result login-1"]) == {"verified": True, "attempts": 2, "messages": 2}


def test_human_approval(follow: Follow) -> None:
    outputs = follow("human_approval")
    replies = [json.loads(out) for line, out in outputs.items() if line.startswith("tenuto update")]
    assert [reply["accepted"] for reply in replies] == [False, True]
    assert json.loads(outputs["tenuto result R-17"])["by"] == "carol"


def test_signal_counter(follow: Follow) -> None:
    outputs = follow("signal_counter")
    assert json.loads(outputs["tenuto query clicks counts"]) == {"home": 5}
    assert json.loads(outputs["tenuto result clicks"]) == {"messages": 2, "keys": 1}


def test_delivery(follow: Follow) -> None:
    outputs = follow("delivery")
    assert json.loads(outputs["tenuto query P-9 where"])["tried"] == ["bike", "van"]
    assert json.loads(outputs["tenuto result P-9"]) == {
        "parcel": "P-9", "handed_over": "at the door", "carrier": "van", "attempts": 2,
    }  # fmt: skip


def test_adverse_event(follow: Follow) -> None:
    outputs = follow("adverse_event")
    status = json.loads(outputs["tenuto query AE-2041 status"])
    assert (status["serious"], status["assessments"], status["version"]) == (True, 2, 1)


def test_purchase_order(follow: Follow) -> None:
    outputs = follow("purchase_order")
    assert json.loads(outputs["tenuto query PO-31 status"])["waits_for"] == "head of lab"
    assert json.loads(outputs["tenuto result PO-31"]) == {"number": "order-PO-31", "approvals": 2}


def test_subscription(follow: Follow) -> None:
    outputs = follow("subscription")
    assert json.loads(outputs["tenuto query c-1815 billing"])["state"] == "on_trial"
    assert json.loads(outputs["tenuto result c-1815"]) == {"periods": 0, "reason": "cancelled"}


def test_driver_pay(follow: Follow) -> None:
    outputs = follow("driver_pay")
    assert json.loads(outputs["tenuto query d-42 so_far"]) == {
        "trips": 1, "estimate": "22.50", "until": "2030-01-21T05:00:00Z",
    }  # fmt: skip


def test_smart_home(follow: Follow) -> None:
    outputs = follow("smart_home")
    assert json.loads(outputs["tenuto query home view"])["charging"]


def test_cluster(follow: Follow) -> None:
    outputs = follow("cluster")
    view = json.loads(outputs["tenuto query blue view"])
    assert (view["ready"], view["pending"], view["events"]) == (1, 0, 2)


def test_agent(follow: Follow) -> None:
    outputs = follow("agent")
    transcript = json.loads(outputs["tenuto query A-1 transcript"])
    assert [message["role"] for message in transcript][:3] == ["user", "assistant", "tool"]


def test_auction(follow: Follow) -> None:
    outputs = follow("auction")
    assert json.loads(outputs["tenuto query spring/chair standing"]) == {"price": "15", "buyer": "bob"}
    assert json.loads(outputs["tenuto result spring"]) == {
        "turnover": "15", "invoices": ["R-chair-bob"], "unpaid": 0,
    }  # fmt: skip


def test_parking_permit(follow: Follow) -> None:
    outputs = follow("parking_permit")
    assert "AB-123-CD" in outputs["tenuto migrate AB-123-CD"]
    assert json.loads(outputs["tenuto query AB-123-CD view"]) == {"state": "valid.usable", "years": 1, "cards": 1}
    assert json.loads(outputs["tenuto query EF-456-GH view"])["cards"] == 1
