"""Rules about the shape of workflows and the durability of activities: one rule, or one family, to a file.

A rule of a workflow sees its tree, its numbered states and the resolved targets, and nothing of types. Each is a
function `check(workflow, facts, sink)`; the activity rules are `check(activity, sink)`. Order does not matter: the
collector sorts.
"""

from __future__ import annotations

from tenuto_dsl.check.facts import ActivityFacts, Facts, WorkflowFacts
from tenuto_dsl.check.rules import (
    activity_timeout,
    concurrency,
    endings,
    history,
    idempotency_key,
    initial,
    instant,
    reachability,
    reactions,
    regions,
    replies,
    retry_once,
    root,
    steps,
    targets,
    unsupported,
    yields,
)
from tenuto_dsl.diagnostics import Diagnostics

_WORKFLOW_RULES = (
    root.check,
    initial.check,
    endings.check,
    regions.check,
    targets.check,
    history.check,
    reachability.check,
    reactions.check,
    instant.check,
    replies.check,
    yields.check,
    steps.check,
    concurrency.check,
    unsupported.check,
)
_ACTIVITY_RULES = (activity_timeout.check, retry_once.check, idempotency_key.check)


def check_shape(workflow: WorkflowFacts, facts: Facts, sink: Diagnostics) -> None:
    """Every rule about a workflow. Its targets must be resolved; names and types need not be right."""
    for rule in _WORKFLOW_RULES:
        rule(workflow, facts, sink)


def check_activity_rules(activity: ActivityFacts, sink: Diagnostics) -> None:
    """Every rule about an activity."""
    for rule in _ACTIVITY_RULES:
        rule(activity, sink)
