"""No false alarms: the samples are clean, and what is said about other real workflows is known and true."""

from __future__ import annotations

from pathlib import Path

import pytest
from tenuto_dsl import Diagnostics
from tenuto_dsl.lint import lint_source
from tenuto_dsl.lint.rules import all_rules

from tests.docs_pages import ROOT

SAMPLES = sorted(path for path in (ROOT / "samples").rglob("*") if path.suffix in (".tenuto", ".yaml"))
OTHERS = ROOT / "tests" / "language" / "ok"

KNOWN = {
    "cluster": ["TEN339", "TEN410", "TEN703", "TEN705"],
    "driver_pay": ["TEN409", "TEN705"],
    "order_fulfilment": ["TEN403", "TEN408", "TEN408", "TEN409", "TEN409"],
    "purchase_order": ["TEN409", "TEN701", "TEN705", "TEN706"],
    "smart_home": ["TEN350", "TEN350"],
    "sms_otp": ["TEN402", "TEN402", "TEN403", "TEN705", "TEN705", "TEN706"],
    "subscription": ["TEN338"],
}
"""By file: a cron that may tick during a snapshot; retries that end before they are made; variables and bindings that
nobody reads; undos that need a result; undos without a retry; a POST without a key; a retried `once`; an import and
parameters for nothing; a cancellation that restarts the closing; devices
that may be offline, which is thought of at one call only."""


def codes(path: Path) -> list[str]:
    sink = Diagnostics()
    lint_source(path.as_posix(), path.read_text(encoding="utf-8"), sink)
    return sorted(item.code for item in sink.items if item.code in all_rules())


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_sample_is_clean(path: Path) -> None:
    assert codes(path) == []


@pytest.mark.parametrize("path", sorted(OTHERS.glob("*.*")), ids=lambda path: path.name)
def test_what_is_said_is_known_and_the_same_in_both_forms(path: Path) -> None:
    assert codes(path) == KNOWN.get(path.stem, [])
