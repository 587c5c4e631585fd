"""A stand-in for a payment provider, served over real HTTP with nothing but the standard library.

`POST /charges {order, customer, amount}` answers 201 with `{"id": …}`, or 402 for the customer `declined`, or 503 the
first time for the customer `flaky`. A charge is made once for each `Idempotency-Key`. `POST /refunds {order}` gives
back what was captured for an order. `GET /ledger` lists what happened, for tests and the curious.

    python3 samples/order_fulfilment/payment_service.py        # to run it by itself
"""

from __future__ import annotations

import json
import os
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

NAME = "the payments stand-in of Tenuto's samples"
PORT = int(os.environ.get("PAYMENT_SERVICE_PORT", "8765"))


class PaymentService(ThreadingHTTPServer):
    """The provider and its books, in memory. `port` 0 takes a free one; `url` says which."""

    daemon_threads = True

    def __init__(self, port: int = PORT) -> None:
        self.ledger: list[dict[str, str]] = []
        self._charges: dict[str, dict[str, str]] = {}
        self._seen: set[str] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, path: str, key: str, body: dict[str, Any]) -> tuple[int, Any]:
        """The status and the body for a request."""
        with self._lock:
            if path == "/charges":
                return self._charge(key, body)
            if path == "/refunds":
                return self._refund(body["order"])
            return 404, {"error": "no such thing"}

    def _charge(self, key: str, body: dict[str, Any]) -> tuple[int, Any]:
        if key in self._charges:
            return 201, self._charges[key]
        if body["customer"] == "declined":
            return 402, {"message": "the card was declined"}
        if body["customer"] == "flaky" and key not in self._seen:
            self._seen.add(key)
            return 503, {"error": "try again"}
        charge = {"id": f"payment-{body['order']}", "order": body["order"], "amount": body["amount"]}
        self._charges[key] = charge
        self.ledger.append({"kind": "charge", **charge})
        return 201, charge

    def _refund(self, order: str) -> tuple[int, Any]:
        charged = [entry for entry in self.ledger if entry["order"] == order and entry["kind"] == "charge"]
        refunded = [entry for entry in self.ledger if entry["order"] == order and entry["kind"] == "refund"]
        for entry in charged[len(refunded) :]:
            self.ledger.append({**entry, "kind": "refund"})
        return 200, {"refunded": len(charged) - len(refunded)}


class _Handler(BaseHTTPRequestHandler):
    server: PaymentService
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/":
            self._send(200, {"service": NAME})
        elif self.path == "/ledger":
            self._send(200, self.server.ledger)
        else:
            self._send(404, {"error": "no such thing"})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
        self._send(*self.server.answer(self.path, self.headers.get("Idempotency-Key", ""), body))

    def _send(self, status: int, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        """Quiet: the workflow's progress is what one wants to see."""


def ensure_running(port: int = PORT) -> None:
    """Serve in a thread of this process, unless another process on this machine already does."""
    try:
        service = PaymentService(port)
    except OSError:
        _expect_a_twin(port)
        return
    threading.Thread(target=service.serve_forever, name="payment-service", daemon=True).start()


def _expect_a_twin(port: int) -> None:
    """Raise RuntimeError when what holds the port is not this service."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as response:
            if json.load(response) == {"service": NAME}:
                return
    except (OSError, ValueError):
        pass
    raise RuntimeError(f"port {port} is taken: set PAYMENT_SERVICE_PORT, and TENUTO_CONFIG_payments_url to match")


if __name__ == "__main__":
    with PaymentService() as running:
        print(f"serving payments at {running.url}")
        running.serve_forever()
