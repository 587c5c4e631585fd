"""TEN403: a POST that the server cannot recognise when it comes again."""

from __future__ import annotations

from tenuto_dsl.check.facts import ActivityFacts
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import tree


def check(activity: ActivityFacts, sink: Diagnostics) -> None:
    """An activity may run more than once: after a timeout, a lost process, a retry. Without a key the server takes
    the second request for another one."""
    node = activity.node
    binding = node.binding
    if not isinstance(binding, tree.HttpBinding) or binding.method not in ("POST", "PATCH"):
        return
    if node.effect is not None and node.effect.text in ("pure", "idempotent"):
        return
    if not any(header.name.lower() == "idempotency-key" for header in binding.headers):
        message = f"{activity.name} sends a {binding.method} without an idempotency key"
        hint = 'add `header "Idempotency-Key" = activity.idempotency_key`, or say `effect idempotent`'
        sink.warning("TEN403", binding.span, message, hint)
