"""TEN401: an activity that may run for ever."""

from __future__ import annotations

from tenuto_dsl.check.facts import ActivityFacts
from tenuto_dsl.diagnostics import Diagnostics


def check(activity: ActivityFacts, sink: Diagnostics) -> None:
    """Without a timeout, an attempt that hangs holds its workflow for ever: nothing tells it from a slow one."""
    timeout = activity.node.timeout
    if timeout is None or (timeout.attempt is None and timeout.overall is None):
        message = f"the activity {activity.name} has no timeout: an attempt that hangs is never given up"
        sink.warning("TEN401", activity.node.name.span, message, "add `timeout 30s`, or `timeout attempt … overall …`")
