"""The samples that end by themselves, through the real command line, on a real database, over real HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.samples.driver import FORMS, SAMPLES, Form, given
from tests.samples.ports import stand_ins

pytestmark = pytest.mark.slow

TENUTO = Path(sys.executable).with_name("tenuto")


def run(name: str, form: Form, dsn: str, input: Any, **config: str) -> subprocess.CompletedProcess[str]:
    """`tenuto run` of a sample, as its README writes it."""
    environment = os.environ | stand_ins() | {f"TENUTO_CONFIG_{key}": value for key, value in config.items()}
    command = [
        str(TENUTO), "run", f"samples/{name}/{name}.{form}", "--db", dsn,
        "--input", input if isinstance(input, str) else json.dumps(input),
        "--activities", f"samples/{name}/activities.py",
    ]  # fmt: skip
    return subprocess.run(command, cwd=SAMPLES.parent, env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("form", FORMS)
def test_an_order_is_delivered(form: Form, pg_dsn: str) -> None:
    began = time.monotonic()
    done = run("order_fulfilment", form, pg_dsn, "@samples/order_fulfilment/input.json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "order_id": "A-1001", "payment_id": "payment-A-1001", "tracking": "parcel-A-1001",
    }  # fmt: skip
    for word in ("reserving", "charging", "fulfilling", "delivered", "reserve_stock", "charge", "pack", "send_invoice"):
        assert word in done.stderr
    assert "Traceback" not in done.stderr
    assert time.monotonic() - began < 20, "about three seconds on a quiet machine"


def test_a_declined_order_fails_and_is_undone(pg_dsn: str) -> None:
    order = {**given("order_fulfilment")["order"], "customer_id": "declined"}
    done = run("order_fulfilment", "tenuto", pg_dsn, {"order": order})
    assert done.returncode == 1, done.stderr
    assert "Rejected" in done.stderr
    assert "the payment was declined" in done.stderr
    assert "release_stock" in done.stderr


def test_a_flaky_payment_is_tried_again(pg_dsn: str) -> None:
    order = {**given("order_fulfilment")["order"], "customer_id": "flaky"}
    done = run("order_fulfilment", "yaml", pg_dsn, {"order": order})
    assert done.returncode == 0, done.stderr
    assert "503" in done.stderr


def test_a_report_is_fetched(pg_dsn: str) -> None:
    done = run("polling", "tenuto", pg_dsn, "@samples/polling/input.json", longest_pause="200ms")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["looks"] == 4


def test_a_short_sleep(pg_dsn: str) -> None:
    done = run("sleep", "yaml", pg_dsn, {"customer": "ada@example.org", "trial": "500ms"})
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert set(result) == {"began", "ended"}
    assert all(moment.endswith("Z") for moment in result.values())


def test_an_album_is_published(pg_dsn: str) -> None:
    done = run("fan_out", "yaml", pg_dsn, "@samples/fan_out/input.json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"url": "https://pictures.example/sea", "pictures": 11, "failed": ["sea-07"]}


def test_a_day_is_loaded(pg_dsn: str) -> None:
    done = run("etl", "tenuto", pg_dsn, "@samples/etl/input.json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "rows": sum(range(100, 124)) - 103, "bad": [{"uri": "sales/2026-11-20/03.csv", "rows": 0, "error": "line 17"}],
    }  # fmt: skip


def test_goods_are_moved_and_none_are_lost(pg_dsn: str) -> None:
    for moved in (5, 10):
        done = run("stock_transfer", "tenuto", pg_dsn, "@samples/stock_transfer/input.json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == [{"site": "north", "n": 100 - moved}, {"site": "south", "n": moved}]
    much = {"transfer": {**given("stock_transfer")["transfer"], "quantity": 1000}}
    done = run("stock_transfer", "yaml", pg_dsn, much)
    assert done.returncode == 1
    assert "NotEnough" in done.stderr


def test_an_input_of_another_type_is_refused(pg_dsn: str) -> None:
    done = run("order_fulfilment", "tenuto", pg_dsn, {"order": {**given("order_fulfilment")["order"], "total": "much"}})
    assert done.returncode == 2, done.stderr
    assert "order.total" in done.stderr
    assert "decimal" in done.stderr
    assert done.stdout == ""
