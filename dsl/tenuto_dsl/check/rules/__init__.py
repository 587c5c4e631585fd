"""Rules of the language about the shape of workflows: one rule, or one family, to a file.

A rule sees a workflow's tree, its numbered states and the resolved targets, and nothing of types. Each is a function
`check(workflow, facts, sink)`. Order does not matter: the collector sorts. What is allowed but unwise is the business
of the linter, `tenuto_dsl.lint`.
"""

from __future__ import annotations

from tenuto_dsl.check.facts import Facts, WorkflowFacts
from tenuto_dsl.check.rules import (
    endings,
    history,
    initial,
    instant,
    reachability,
    reactions,
    regions,
    replies,
    root,
    steps,
    targets,
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
)


def check_shape(workflow: WorkflowFacts, facts: Facts, sink: Diagnostics) -> None:
    """Every rule about a workflow. Its targets must be resolved; names and types need not be right."""
    for rule in _WORKFLOW_RULES:
        rule(workflow, facts, sink)
