"""TEN402: retrying what must not happen twice."""

from __future__ import annotations

from tenuto_dsl.check.facts import ActivityFacts
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import tree


def check(activity: ActivityFacts, sink: Diagnostics) -> None:
    """`effect once` says that the effect must not be repeated, and a retry repeats it when the first attempt's answer
    was lost."""
    node = activity.node
    if node.effect is None or node.effect.text != "once" or node.retry is None:
        return
    times = node.retry.times
    if isinstance(times, tree.Literal_) and times.value == 0:
        return
    message = f"{activity.name} has `effect once`, and a retry may repeat the effect"
    hint = "leave `retry` out, or make the activity safe to repeat and say `effect keyed` or `effect idempotent`"
    sink.warning("TEN402", node.retry.span, message, hint)
