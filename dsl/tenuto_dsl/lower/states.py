"""States and transitions, in the numbers the checker gave them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tenuto_interpreter import ir

from tenuto_dsl.check.facts import StateFacts
from tenuto_dsl.syntax import tree

if TYPE_CHECKING:
    from tenuto_dsl.lower.program import ProgramLowering


def lower_states(program: ProgramLowering) -> tuple[ir.State, ...]:
    return tuple(_state(program, state) for state in program.workflow.states)


def _state(program: ProgramLowering, state: StateFacts) -> ir.State:
    body = state.body
    place = state.path or state.name
    deferred = [name.text for defer in body.defers for name in defer.names]
    return ir.State(
        name=state.name,
        path=state.path,
        kind=state.kind,
        parent=state.parent,
        initial=state.initial,
        children=tuple(state.children),
        regions=tuple(state.regions),
        entry=_block(program, body.entry, f"{place}.entry"),
        exit=_block(program, body.exit, f"{place}.exit"),
        do=_block(program, body.do, f"{place}.do"),
        transitions=tuple(
            _transition(program, transition, f"{place}.transition[{number}]")
            for number, transition in enumerate(body.transitions)
        ),
        defers=tuple(dict.fromkeys(name for name in deferred if name != "cancel")),
        defers_cancel="cancel" in deferred,
        ending=_ending(program, state),
    )


def _block(program: ProgramLowering, block: tree.Block | None, place: str) -> ir.BlockIndex | None:
    return None if block is None else program.block(block, place)


def _transition(program: ProgramLowering, transition: tree.Transition, place: str) -> ir.Transition:
    trigger = transition.trigger
    kind: ir.TriggerKind
    name: str | None = None
    codes: tuple[str, ...] = ()
    time: tree.Expr | None = None
    binding: tree.Name | None = None
    match trigger:
        case tree.DoneTrigger():
            kind = "done"
        case tree.SignalTrigger():
            kind, name, binding = "signal", trigger.signal.text, trigger.binding
        case tree.UpdateTrigger():
            kind, name, binding = "update", trigger.update.text, trigger.binding
        case tree.ErrorTrigger():
            kind, binding = "error", trigger.binding
            codes = tuple(program.error(code.text) for code in trigger.codes)
        case tree.CancelTrigger():
            kind = "cancel"
        case tree.AfterTrigger():
            kind, time = "after", trigger.duration
        case tree.AtTrigger():
            kind, time = "at", trigger.time
        case tree.EveryTrigger():
            kind, time = "every", trigger.schedule
        case tree.WhenTrigger():
            kind = "when"
    target = transition.target
    actions = transition.actions if transition.actions is not None and transition.actions.steps else None
    return ir.Transition(
        trigger=kind,
        name=name,
        codes=codes,
        time=program.maybe(time),
        guard=program.maybe(transition.guard),
        target=program.facts.targets[target] if target is not None else None,
        history=target is not None and target.history,
        actions=_block(program, actions, f"{place}.actions"),
        work=_block(program, transition.work, f"{place}.work"),
        binding=binding is not None,
    )


def _ending(program: ProgramLowering, state: StateFacts) -> ir.Ending | None:
    if state.kind != "final" or state.parent != 0:
        return None
    match state.body.ending:
        case None:
            return ir.Ending("return")
        case tree.ReturnStep(value=value):
            return ir.Ending("return", fields=() if value is None else (("", program.expression(value)),))
        case tree.FailStep() as fail:
            return ir.Ending("fail", program.error(fail.error.text), program.error_fields(fail))
        case tree.ContinueStep() as step:
            invocation = program.facts.invocations[step]
            return ir.Ending("continue", fields=program.named_arguments(invocation))
