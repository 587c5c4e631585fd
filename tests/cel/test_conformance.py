"""cel-spec's own tests: every case that needs no protobuf message passes, and the list of exceptions cannot rot.

python -m pytest tests/cel/test_conformance.py -s -k figure
"""

from __future__ import annotations

from collections import Counter

import pytest

from tests.cel.conformance import cases, excluded, failure

SUITES = sorted({case["suite"] for case in cases().values()})


@pytest.mark.parametrize("suite", SUITES)
def test_cases(suite: str) -> None:
    wrong = {
        title: (case["expr"], why)
        for title, case in cases().items()
        if case["suite"] == suite and title not in excluded() and (why := failure(case)) is not None
    }
    assert not wrong


def test_what_is_excluded_exists_and_fails() -> None:
    """A case that is due to fail proves nothing when it fails for want of protobuf, so it may stay on the list."""
    stale = [
        t for t in excluded() if t not in cases() or ("evalError" not in cases()[t] and failure(cases()[t]) is None)
    ]
    assert not stale


def test_what_is_excluded_is_about_protobuf() -> None:
    words = ("TestAllTypes", "google.protobuf", "proto2", "proto3", "type.googleapis.com")
    assert all(any(word in str(cases()[title]) for word in words) for title in excluded())
    assert all("protobuf" in reason for reason in excluded().values())


def test_figure() -> None:
    passed = sum(failure(case) is None for title, case in cases().items() if title not in excluded())
    print(f"\ncel-spec: {passed} of {len(cases())} cases pass, {len(excluded())} are excluded:")
    for reason, count in Counter(excluded().values()).most_common():
        print(f"{count:5} {reason}")
    assert passed + len(excluded()) == len(cases()) == 2344
