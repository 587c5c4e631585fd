"""HTTP activities against a real server on the loopback: what is sent, what is made of the answer, and the limits."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from tenuto.activities import Registry, http
from tenuto.client import WorkflowFailed
from tenuto.engine import Engine
from tenuto_interpreter.events import AttemptLost

from tests.runtime.engine.kit import QUICK, World, eventually

Answer = tuple[int, dict[str, str], bytes]


class Service:
    """Answers every request with what `answer` makes of it, and remembers them all."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, dict[str, str], Any]] = []
        self.answer: Callable[[int, Any], Answer] = lambda n, body: (200, {}, b"{}")
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                data = self.rfile.read(int(self.headers.get("content-length", 0)))
                body = json.loads(data) if data else None
                headers = {key.lower(): value for key, value in self.headers.items()}
                service.requests.append((self.command, self.path, headers, body))
                status, more, content = service.answer(len(service.requests), body)
                self.send_response(status)
                for key, value in more.items():
                    self.send_header(key, value)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    yield made
    made.server.shutdown()
    made.server.server_close()


CHARGE = """
error Declined { reason: string }
config payments_url: string
activity charge(order: string, amount: decimal) -> { payment: string } {
  http POST config.payments_url + "/charges/" + order
  header "Idempotency-Key" = activity.idempotency_key
  header "Authorization" = "Bearer ${secret('TOKEN')}"
  body { "amount": string(amount), "exact": amount }
  result { "payment": response.body.id }
  raises Declined when response.status == 402
  timeout attempt 500ms
  retry 3 times backoff 20ms
}
workflow pay(order: string, amount: decimal) -> string {
  do {
    try { let paid = call charge(order: order, amount: amount); return paid.payment }
    catch Declined as e { return "declined: ${e.reason}" }
  }
}
"""


@pytest.fixture
def pay(memory: World, service: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Any]]:
    """Runs the payment once and answers its result."""
    monkeypatch.setenv("TENUTO_SECRET_TOKEN", "s3cret")
    memory.deploy(CHARGE)
    with Engine(memory.stores, Registry(), config={"payments_url": service.url}, settings=QUICK):
        yield lambda: memory.result("pay", {"order": "o1", "amount": "12.50"}, 20)


def test_a_declared_error_is_tried_again_as_its_status_is(pay: Callable[[], Any], service: Service) -> None:
    service.answer = lambda n, body: (402, {}, b'{"reason": "no money"}')
    assert pay() == "declined: no money"
    assert len(service.requests) == 1


def test_a_declared_error_of_a_busy_service_is_tried_again(memory: World, service: Service) -> None:
    memory.deploy(
        CHARGE.replace("response.status == 402", "response.status == 503").replace(
            """  header "Authorization" = "Bearer ${secret('TOKEN')}"\n""", ""
        )
    )
    service.answer = lambda n, body: (503, {}, b'{"reason": "busy"}')
    with Engine(memory.stores, Registry(), config={"payments_url": service.url}, settings=QUICK):
        assert memory.result("pay", {"order": "o1", "amount": "12.50"}, 20) == "declined: busy"
    assert len(service.requests) == 4


def test_a_request_and_its_answer(pay: Callable[[], Any], service: Service) -> None:
    service.answer = lambda n, body: (200, {"content-type": "application/json"}, b'{"id": "p1", "more": 1}')
    assert pay() == "p1"
    ((method, path, headers, body),) = service.requests
    assert (method, path) == ("POST", "/charges/o1")
    assert body == {"amount": "12.50", "exact": "12.50"}
    assert headers["authorization"] == "Bearer s3cret"
    assert headers["content-type"] == "application/json"
    assert ":" in headers["idempotency-key"]


def test_server_errors_are_retried_under_the_same_key(pay: Callable[[], Any], service: Service) -> None:
    service.answer = lambda n, body: (503, {"retry-after": "1"}, b"busy") if n < 3 else (200, {}, b'{"id": "p3"}')
    assert pay() == "p3"
    assert len({headers["idempotency-key"] for _, _, headers, _ in service.requests}) == 1
    assert len(service.requests) == 3


@pytest.mark.parametrize(("status", "requests"), [(400, 1), (404, 1), (429, 4), (408, 4), (500, 4), (301, 1)])
def test_which_answers_are_tried_again(pay: Callable[[], Any], service: Service, status: int, requests: int) -> None:
    service.answer = lambda n, body: (status, {"location": service.url + "/elsewhere"}, b"no")
    with pytest.raises(WorkflowFailed) as caught:
        pay()
    assert (caught.value.code, caught.value.details["status"]) == ("HttpError", status)
    assert f"answered {status}: no" in caught.value.message
    assert "s3cret" not in caught.value.message
    assert len(service.requests) == requests
    assert all(path == "/charges/o1" for _, path, _, _ in service.requests), "no redirect is followed"


def test_a_declared_error_is_raised_by_its_condition(pay: Callable[[], Any], service: Service) -> None:
    service.answer = lambda n, body: (402, {}, b'{"reason": "no funds", "other": 1}')
    assert pay() == "declined: no funds"


def test_an_answer_that_never_comes_is_a_timeout(pay: Callable[[], Any], service: Service) -> None:
    def slow(n: int, body: Any) -> Answer:
        time.sleep(0.8 if n < 3 else 0)
        return 200, {}, b'{"id": "late"}'

    service.answer = slow
    assert pay() == "late"
    assert len(service.requests) == 3


def test_an_answer_too_large_is_cut_off(
    pay: Callable[[], Any], service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "RESPONSE_LIMIT", 10_000)
    service.answer = lambda n, body: (200, {}, b"x" * 50_000)
    with pytest.raises(WorkflowFailed, match="larger than 10000 bytes"):
        pay()
    assert len(service.requests) == 1


def test_an_answer_that_is_not_json(pay: Callable[[], Any], service: Service) -> None:
    service.answer = lambda n, body: (200, {"content-type": "application/json"}, b"<html>")
    with pytest.raises(WorkflowFailed, match="not JSON"):
        pay()


def test_nobody_listens(pay: Callable[[], Any], service: Service) -> None:
    service.server.shutdown()
    service.server.server_close()
    with pytest.raises(WorkflowFailed) as caught:
        pay()
    assert caught.value.code == "HttpError"
    assert "cannot connect" in caught.value.message


def test_what_cannot_begin_is_neither_counted_nor_in_doubt_nor_a_loss_for_others(
    memory: World, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TENUTO_SECRET_TOKEN", raising=False)
    memory.deploy("""
    config payments_url: string
    activity charge() -> int {
      http POST config.payments_url + "/charges"
      header "Authorization" = "Bearer ${secret('TOKEN')}"
      result response.body.id
      timeout 5s
      effect once
    }
    activity count(key: string) -> int { python "play:count"; timeout 5s }
    workflow pay() -> int {
      do {
        parallel { a { call charge() } b { call count(key: "b") } c { call count(key: "c") } }
        return 1
      }
    }
    """)
    counted: list[str] = []
    slow = threading.Event()

    def count(key: str) -> int:
        counted.append(key)
        if key == "c":
            slow.wait(10)
        return len(counted)

    registry = Registry()
    registry.register(count, "count")
    service.answer = lambda n, body: (200, {}, b'{"id": 5}')
    with Engine(memory.stores, registry, config={"payments_url": service.url}, settings=QUICK):
        run = memory.client.start("pay", {})
        eventually(lambda: len(counted) == 2)
        slow.set()
        found = eventually(lambda: (d := memory.client.describe(run.workflow_id)).status == "parked" and d)
        assert "charge cannot begin: secret TOKEN is not set" in found.parked
        monkeypatch.setenv("TENUTO_SECRET_TOKEN", "s3cret")
        memory.client.retry(run.workflow_id)
        assert memory.client.result(run.workflow_id, 10) == 1
    assert sorted(counted) == ["b", "c"]
    assert len(service.requests) == 1
    assert not any(isinstance(entry.event, AttemptLost) for entry in memory.client.history(run.workflow_id))


def test_a_missing_secret_is_a_fault_that_parks(
    pay: Callable[[], Any], service: Service, memory: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TENUTO_SECRET_TOKEN")
    run = memory.client.start("pay", {"order": "o1", "amount": "1"})
    found = eventually(lambda: (d := memory.client.describe(run.workflow_id)).status != "open" and d)
    assert (found.status, service.requests) == ("parked", [])
    assert "TENUTO_SECRET_TOKEN" in found.parked
    monkeypatch.setenv("TENUTO_SECRET_TOKEN", "s3cret")
    service.answer = lambda n, body: (200, {}, b'{"id": "p1"}')
    memory.client.retry(run.workflow_id)
    assert memory.client.result(run.workflow_id, 10) == "p1"
