"""Watching what a workflow has promised of itself: `property` declarations, while it runs.

A property is looked at whenever the run comes to rest: `never` and `always` are violated when their condition is, or is
not, true at such a moment; `eventually` when the run has ended and it was true at none. A violation is reported once
and changes nothing: the run goes on as if nobody had looked. A condition that cannot be computed says nothing.

Programs without properties pay nothing, and calls are only counted for those that ask for it.
"""

from __future__ import annotations

from tenuto_interpreter.commands import ReportViolation
from tenuto_interpreter.expr import ExpressionError
from tenuto_interpreter.machine.turn import EXPRESSION_BUDGET, Turn

_JUDGED = ("completed", "failed", "cancelled")
"""The endings of which something was promised; one that was terminated, or goes on as a new run, promises nothing."""


def watch(turn: Turn) -> None:
    """Report the properties that are violated now and were not before."""
    snap = turn.snap
    if len(snap.vars) != turn.exe.slots:
        return
    turn.context.calls = lambda name: snap.counts.get(name, 0)
    for declared in turn.exe.program.properties:
        name = declared.name
        if name in snap.violated or name in snap.fulfilled:
            continue
        holds = _holds(turn, declared.value)
        if holds is None and declared.kind != "eventually":
            continue
        if declared.kind == "eventually":
            if holds:
                snap.fulfilled = [*snap.fulfilled, name]
            violated = not holds and snap.closed in _JUDGED
        else:
            violated = holds is (declared.kind == "never")
        if violated:
            snap.violated = [*snap.violated, name]
            turn.commands.append(ReportViolation(name, declared.kind))


def _holds(turn: Turn, expression: int) -> bool | None:
    """Whether a condition is true; None when it cannot be computed."""
    turn.context.budget = EXPRESSION_BUDGET
    try:
        return bool(turn.exe.evaluate[expression](turn.snap.vars, [], turn.context))
    except ExpressionError:
        return None
