"""Which declared errors can come out of a piece of a workflow.

Only what is declared can be known: an activity's `raises`, a `fail`. A child workflow may fail with anything that it or
its own children raise; a call of one makes the answer "anything".
"""

from __future__ import annotations

from collections.abc import Iterable

from tenuto_interpreter.ir import BUILTIN_ERRORS

from tenuto_dsl.check.facts import StateFacts
from tenuto_dsl.check.walk import durable_of, steps_of
from tenuto_dsl.lint.views import View, WorkflowView
from tenuto_dsl.syntax import tree

ANYTHING = "*"
"""Stands for errors that cannot be told."""

HTTP_ERROR = "HttpError"
"""What a request fails with when no `raises … when` fits its answer."""

BUILT_IN = frozenset(BUILTIN_ERRORS)


def raised_by(view: View, steps: Iterable[tree.Step]) -> set[str]:
    """The declared errors that steps may raise, caught inside or not; with `ANYTHING` when others may come."""
    found: set[str] = set()
    for step in steps:
        match durable_of(step):
            case tree.CallStep(callee=callee):
                activity = view.declarations.activities.get(callee.text)
                if activity is None:
                    found.add(ANYTHING)
                else:
                    found |= {code.text for raises in activity.node.raises for code in raises.codes}
                    if isinstance(activity.node.binding, tree.HttpBinding):
                        found.add(HTTP_ERROR)
            case tree.FailStep(error=error):
                found.add(error.text)
            case _:
                pass
    return found


def raised_in(view: WorkflowView, state: StateFacts) -> set[str]:
    """The declared errors that may come out of a state: of its work and of all that is inside it."""
    inside = [state]
    found: set[str] = set()
    while inside:
        one = inside.pop()
        inside.extend(view.states[index] for index in (*one.children, *one.regions))
        works = [one.body.do, *(transition.work for transition in one.body.transitions)]
        for block in works:
            if block is not None:
                found |= raised_by(view, steps_of(block))
    return found
