"""Cron schedules where clocks change: what fires, once, never or twice, by policy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tenuto_interpreter.expr.errors import ExpressionError
from tenuto_interpreter.expr.schedules import POLICIES, cron, next_fire


def fires(expression: str, zone: str, policy: str, start: str, count: int) -> list[str]:
    schedule = cron(expression, zone, policy)
    moment: datetime | None = datetime.fromisoformat(start).replace(tzinfo=UTC)
    found = []
    for _ in range(count):
        assert moment is not None
        moment = next_fire(schedule, moment)
        found.append(moment.strftime("%d %H:%M") if moment else "never")
    return found


@pytest.mark.parametrize(
    ("expression", "zone", "start", "expected"),
    [
        # New York goes back at 06:00 UTC on the 1st: 01:30 comes twice.
        (
            "30 1 * * *",
            "America/New_York",
            "2026-10-31T12:00",
            {
                "once": ["01 05:30", "02 06:30"],
                "skip": ["01 05:30", "02 06:30"],
                "both": ["01 05:30", "01 06:30", "02 06:30"],
            },
        ),
        (
            "10,50 1 * * *",
            "America/New_York",
            "2026-11-01T05:30",
            {
                "once": ["01 05:50", "02 06:10"],
                "skip": ["01 05:50", "02 06:10"],
                "both": ["01 05:50", "01 06:10", "01 06:50", "02 06:10"],
            },
        ),
        # New York goes forward at 07:00 UTC on the 8th: 02:30 does not come.
        (
            "30 2 * * *",
            "America/New_York",
            "2026-03-07T12:00",
            {
                "once": ["08 07:00", "09 06:30"],
                "skip": ["09 06:30"],
                "both": ["08 07:00", "09 06:30"],
            },
        ),
        # Santiago skips midnight itself.
        (
            "0 0 * * *",
            "America/Santiago",
            "2026-09-05T12:00",
            {
                "once": ["06 04:00", "07 03:00"],
                "skip": ["07 03:00"],
                "both": ["06 04:00", "07 03:00"],
            },
        ),
        # Lord Howe goes back by half an hour, at 15:00 UTC.
        (
            "*/30 * * * *",
            "Australia/Lord_Howe",
            "2026-04-04T14:00",
            {
                "once": ["04 14:30", "04 15:30"],
                "skip": ["04 14:30", "04 15:30"],
                "both": ["04 14:30", "04 15:00", "04 15:30"],
            },
        ),
        ("0 0 29 2 *", "UTC", "2026-01-01T00:00", {policy: ["29 00:00"] for policy in POLICIES}),
        ("0 0 30 2 *", "UTC", "2026-01-01T00:00", {policy: ["never"] for policy in POLICIES}),
    ],
)
def test_changes_of_the_clock(expression: str, zone: str, start: str, expected: dict[str, list[str]]) -> None:
    for policy, times in expected.items():
        assert fires(expression, zone, policy, start, len(times)) == times, policy


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),  # noqa: DTZ001  # the zone is added below
    st.sampled_from(
        ["America/New_York", "Europe/Paris", "Australia/Lord_Howe", "America/Santiago", "Asia/Tokyo", "UTC"]
    ),
    st.sampled_from(["30 1 * * *", "0 */2 * * *", "15 2 * * SUN", "*/20 * * * *"]),
    st.sampled_from(POLICIES),
)
def test_the_next_is_later_and_nothing_lies_between(at: datetime, zone: str, expression: str, policy: str) -> None:
    schedule = cron(expression, zone, policy)
    start = at.replace(tzinfo=UTC)
    following = next_fire(schedule, start)
    assert following is not None
    assert following > start
    between = start + (following - start) / 2
    assert next_fire(schedule, between) == following
    assert next_fire(schedule, following - timedelta(microseconds=1)) == following


@pytest.mark.parametrize("expression", ["R R * * *", "0 R(1-20) * * *", "r/5 * * * *", "H H * * *"])
def test_nothing_is_drawn_at_random(expression: str) -> None:
    """A replay in another process would find another time."""
    with pytest.raises(ExpressionError, match="not a cron expression"):
        cron(expression)
    assert cron("0 9 * MAR-APR FRI,thu")["cron"]


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_time_ends_with_the_year_9999(zone: str, policy: str) -> None:
    schedule = cron("0 0 1 1 *", zone, policy)
    assert next_fire(schedule, datetime(9999, 12, 31, 23, 30, tzinfo=UTC)) is None
    last = next_fire(schedule, datetime(9998, 6, 1, tzinfo=UTC))
    assert last is not None
    assert last.year in (9998, 9999)
