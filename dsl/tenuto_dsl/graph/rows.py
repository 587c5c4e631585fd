"""What a state does and answers, as rows: its operations in document order, and the transitions that stay inside."""

from __future__ import annotations

from collections.abc import Iterator

from tenuto_dsl.check.facts import StateFacts
from tenuto_dsl.check.walk import durable_of, steps_of
from tenuto_dsl.graph.expressions import expression_text
from tenuto_dsl.graph.model import Glyph, Row, TriggerKind
from tenuto_dsl.syntax import tree

_GLYPHS: dict[TriggerKind, Glyph] = {
    "done": "step", "signal": "envelope", "update": "update", "error": "error", "cancel": "cancel",
    "after": "clock", "at": "clock", "every": "clock", "when": "condition",
}  # fmt: skip


def rows_of(state: StateFacts, workflows: frozenset[str]) -> tuple[Row, ...]:
    """The rows of a state, without doubles. `workflows` are the names that a call means a child by."""
    body = state.body
    rows: list[Row] = []
    for word, block in (("entry", body.entry), ("exit", body.exit)):
        if block is not None:
            rows += [Row("step", text, word, full=True) for text in actions_of(block)]
    if body.do is not None:
        rows += operations_of(body.do, workflows)
    names = [name.text for defer in body.defers for name in defer.names]
    if names:
        rows.append(Row("defer", f"defers {', '.join(names)}"))
    rows += [_internal(transition, workflows) for transition in body.transitions if transition.target is None]
    return tuple(dict.fromkeys(rows))


def operations_of(block: tree.Block, workflows: frozenset[str]) -> Iterator[Row]:
    """A row for each durable operation of a block."""
    for step in steps_of(block):
        row = _operation(durable_of(step), workflows)
        if row is not None:
            yield row


def _operation(step: tree.Step, workflows: frozenset[str]) -> Row | None:
    match step:
        case tree.CallStep(callee=callee, undo=undo):
            note = f"undo {undo.callee.text}" if undo is not None else ""
            return Row("workflow" if callee.text in workflows else "activity", callee.text, note)
        case tree.StartStep(workflow=workflow):
            return Row("workflow", workflow.text, "started")
        case tree.WaitStep(duration=duration):
            return Row("clock", f"wait {expression_text(duration, 40)}")
        case tree.WaitUntilStep(time=time):
            return Row("clock", f"wait until {expression_text(time, 40)}")
        case tree.WaitForStep(condition=condition):
            return Row("condition", f"wait for {expression_text(condition, 40)}")
        case tree.ReceiveStep(signal=signal, within=within):
            return Row("envelope", signal.text, "" if within is None else f"within {expression_text(within, 30)}")
        case tree.SendStep(signal=signal):
            return Row("send", signal.text, "sent")
        case tree.CompensateStep():
            return Row("step", "compensate")
        case tree.CommitStep():
            return Row("step", "commit", full=True)
        case tree.ReturnStep():
            return Row("step", "return")  # it ends the workflow from within
        case tree.FailStep(error):
            return Row("step", f"fail {error.text}", full=True)
        case _:
            return None


def _internal(transition: tree.Transition, workflows: frozenset[str]) -> Row:
    """A transition without a target: what it answers, and with what."""
    kind, text = trigger_of(transition.trigger)
    work = list(operations_of(transition.work, workflows)) if transition.work is not None else []
    empty = not work and (transition.actions is None or not transition.actions.steps)
    note = ", ".join(list(dict.fromkeys(row.text for row in work))[:2]) or (
        "dropped" if empty and kind == "signal" else ""
    )
    return Row(_GLYPHS[kind], text, f"→ {note}" if work else note)


def trigger_of(trigger: tree.Trigger) -> tuple[TriggerKind, str]:
    """The kind of a trigger, and its text beside a glyph that tells the kind."""
    match trigger:
        case tree.DoneTrigger():
            return "done", "done"
        case tree.SignalTrigger():
            return "signal", trigger.signal.text
        case tree.UpdateTrigger():
            return "update", trigger.update.text
        case tree.ErrorTrigger():
            return "error", " | ".join(code.text for code in trigger.codes) or "any error"
        case tree.CancelTrigger():
            return "cancel", "cancel"
        case tree.AfterTrigger():
            return "after", f"after {expression_text(trigger.duration)}"
        case tree.AtTrigger():
            return "at", f"at {expression_text(trigger.time)}"
        case tree.EveryTrigger():
            return "every", f"every {expression_text(trigger.schedule)}"
        case tree.WhenTrigger():
            return "when", "when"


def glyph_of(kind: TriggerKind) -> Glyph | None:
    """The glyph beside a label; `done` is the usual way on and needs none."""
    return None if kind == "done" else _GLYPHS[kind]


def actions_of(block: tree.Block) -> list[str]:
    """The assignments and the other instantaneous steps of a block, each as a short text."""
    texts = []
    for step in steps_of(block):
        match step:
            case tree.AssignStep() if not isinstance(
                step.value, (tree.CallStep, tree.StartStep, tree.ForStep, tree.ParallelStep)
            ):
                texts.append(f"{step.name.text}{_steps(step.path)} = {expression_text(step.value, 40)}")
            case tree.ReplyStep(value):
                texts.append(f"reply {expression_text(value, 40)}")
            case tree.DiscardStep(signal):
                texts.append(f"discard {signal.text}")
            case _:
                pass
    return texts


def _steps(path: tuple[tree.Name | tree.Expr, ...]) -> str:
    return "".join(f".{s.text}" if isinstance(s, tree.Name) else f"[{expression_text(s, 20)}]" for s in path)
