"""Where the `sensitive` values of a run are: in its variables, its locals, its mailbox, in what just happened to it.

What is found are texts, for `conceal_texts`: once a secret is part of a log line, only its text can tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tenuto_interpreter.events import ActivityCompleted, Event, RunStarted, SignalReceived, UpdateReceived
from tenuto_interpreter.ir import Config, Param, Program, Variable
from tenuto_interpreter.machine.snapshot import Fiber, Snapshot
from tenuto_interpreter.types import Type
from tenuto_interpreter.values.concealing import sensitive_texts

Found = Iterator[str]


def in_snapshot(program: Program, snapshot: Snapshot) -> Found:
    """What a run remembers."""
    types = {declared.name: declared.type for declared in program.types}
    slots: list[Param | Variable] = [*program.params, *program.variables]
    for declared, value in zip(slots, snapshot.vars, strict=False):
        yield from sensitive_texts(declared.type, types, value)
    yield from in_fields(program.config, types, snapshot.config)
    for kind, _, name, payload in snapshot.mailbox:
        yield from in_fields(message(program, kind, name), types, payload)
    for fiber in snapshot.fibers.values():
        yield from _in_locals(program, types, fiber)


def in_event(program: Program, before: Snapshot, event: Event) -> Found:
    """What an event brings to a run that was so before it."""
    types = {declared.name: declared.type for declared in program.types}
    match event:
        case RunStarted():
            yield from in_fields(program.params, types, event.input)
            yield from in_fields(program.config, types, event.config)
            for _, name, payload in event.messages:
                yield from in_fields(message(program, "signal", name), types, payload)
        case SignalReceived() | UpdateReceived():
            kind = "signal" if isinstance(event, SignalReceived) else "update"
            yield from in_fields(message(program, kind, event.name), types, event.payload)
        case ActivityCompleted() if (op := before.ops.get(event.op)) is not None and op.activity >= 0:
            yield from _in(program.activities[op.activity].returns, types, event.result)
        case _:
            return


def message(program: Program, kind: str, name: str) -> Sequence[Param]:
    """The fields of a signal or an update; none when it is not declared."""
    declared = program.signals if kind == "signal" else program.updates
    return next((item.params for item in declared if item.name == name), ())


def in_fields(declared: Sequence[Param | Variable | Config], types: dict[str, Type], values: Any) -> Found:
    """Of a record whose fields are declared like this."""
    for item in declared:
        if isinstance(values, dict) and item.name in values:
            yield from sensitive_texts(item.type, types, values[item.name])


def _in(type_: Type | None, types: dict[str, Type], value: Any) -> Found:
    if type_ is not None:
        yield from sensitive_texts(type_, types, value)


def _in_locals(program: Program, types: dict[str, Type], fiber: Fiber) -> Found:
    """Locals have no types of their own; those that hold a result or a message have that one's."""
    if fiber.role == "work" and fiber.transition >= 0 and fiber.locals:
        transition = program.states[fiber.state].transitions[fiber.transition]
        if transition.binding and transition.name is not None:
            yield from in_fields(message(program, transition.trigger, transition.name), types, fiber.locals[0])
    for instruction in program.blocks[fiber.block].code:
        match instruction:
            case ("call", call, int(local)) if local < len(fiber.locals):
                activity = program.calls[call].activity
                if activity is not None:
                    yield from _in(program.activities[activity].returns, types, fiber.locals[local])
            case ("receive", signal, int(local), *_) if local < len(fiber.locals):
                yield from in_fields(message(program, "signal", signal), types, fiber.locals[local])
            case _:
                continue
