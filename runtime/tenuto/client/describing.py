"""Describes a run: its row, and what its snapshot says about the present."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from tenuto_interpreter import codec, ir
from tenuto_interpreter.events import ActivityCompleted, ActivityFailed, Failure
from tenuto_interpreter.machine import Executable, Snapshot
from tenuto_interpreter.machine.masking import Masker

from tenuto.client.migrating import refused_migration
from tenuto.client.replay import Unreadable, present
from tenuto.client.results import Description, Pending
from tenuto.store.ids import run_id_text
from tenuto.store.protocol import ClientStore, RunView, Status

_PROMPT_US = 2_000_000
"""Engines that have nothing else to do take a run sooner."""


def describe(
    store: ClientStore, view: RunView, find: Callable[[bytes], Executable], *, unmasked: bool = False
) -> Description:
    """Even a run whose history this version cannot read is described, as far as its row goes."""
    exe: Executable | None = None
    snapshot: Snapshot | None = None
    unreadable: str | None = None
    try:
        exe = find(view.definition)
        exe, snapshot = present(store, view, find)
    except Unreadable as error:
        unreadable = str(error)
    result, failure = _outcome(view)
    attributes = orjson.loads(view.attributes) if view.attributes else {}
    masker = None if unmasked else Masker(exe.program if exe is not None else None)
    if masker is not None:
        if snapshot is not None:
            masker.learn(snapshot)
        result = masker.result(result)
        failure = None if failure is None else masker.failure(failure)
        attributes = masker.shown(attributes)
    states = view.states.split(", ") if view.states else []
    known = exe is not None and snapshot is not None and snapshot.seq > 0
    if exe is not None and snapshot is not None and known and not view.status.closed:
        states = exe.state_names(snapshot.active)
    return Description(
        workflow_id=view.workflow_id,
        run_id=run_id_text(view.key.run_id),
        workflow=view.workflow,
        version=exe.program.version if exe is not None else None,
        status=view.status.name.lower(),
        states=states,
        started_at=view.started_at,
        closed_at=view.closed_at,
        next_timer=snapshot.wakeup() if snapshot is not None and not view.status.closed else None,
        owner=view.owner,
        strikes=view.strikes,
        parked=view.parked or _parked(view, snapshot),
        events=snapshot.seq if snapshot is not None else view.snapshot_seq,
        unread=len(store.unread(view.key)),
        pending=_pending(exe, snapshot) if exe is not None and snapshot is not None else [],
        variables=_variables(exe, snapshot, masker) if exe is not None and snapshot is not None and known else {},
        attributes=attributes,
        result=result,
        failure=failure,
        parent=run_id_text(view.parent.run_id) if view.parent is not None else None,
        unreadable=unreadable,
        phase=snapshot.status if snapshot is not None else view.status.name.lower(),
        leaving=[exe.states[s].path or exe.program.name for s in snapshot.leaving()]
        if exe is not None and snapshot is not None
        else [],
        violated=snapshot.violated if snapshot is not None else [],
        refused=refused_migration(store, view) if not view.status.closed else None,
        unclaimed_since=unclaimed_since(store, view),
    )


def unclaimed_since(store: ClientStore, view: RunView) -> int | None:
    """When a run fell due that nobody has taken."""
    if view.status is not Status.OPEN or view.owner is not None or view.ready_at is None:
        return None
    return view.ready_at if view.ready_at <= store.now() - _PROMPT_US else None


def _parked(view: RunView, snapshot: Snapshot | None) -> str | None:
    """Why a run is about to be parked: its row says so only when the attempts it has in flight have ended."""
    if view.status.closed or snapshot is None or snapshot.parked is None:
        return None
    reason, place = snapshot.parked
    return f"{reason} (at {place})" if place else reason


def _outcome(view: RunView) -> tuple[Any, Failure | None]:
    if view.outcome is None or not view.status.closed or view.status is Status.CONTINUED:
        return None, None
    value = codec.decode(view.outcome)
    return (value, None) if view.status is Status.COMPLETED else (None, Failure.from_plain(value))


def _pending(exe: Executable, snapshot: Snapshot) -> list[Pending]:
    found = []
    held = {event.op for event in snapshot.held if isinstance(event, ActivityCompleted | ActivityFailed)}
    for op in snapshot.ops.values():
        if op.kind == "undo" and op.is_workflow:
            name = op.args[2]
        elif op.kind == "child" and op.call < 0:
            name = "child"
        elif op.kind == "child":
            name = exe.program.calls[op.call].workflow or "child"
        else:
            name = exe.program.activities[op.activity].name
        state = "finished" if op.id in held else op.state
        timer = snapshot.timers.get(op.timer) if op.timer is not None else None
        found.append(
            Pending(op.id, op.kind, name, op.attempt, op.failures, state, timer[0] if timer else None, op.queue)
        )
    return found


def _variables(exe: Executable, snapshot: Snapshot, masker: Masker | None) -> dict[str, Any]:
    declared: list[ir.Param | ir.Variable] = [*exe.program.params, *exe.program.variables]
    return {
        item.name: value if masker is None else masker.value(value, item.type)
        for item, value in zip(declared, snapshot.vars, strict=False)
    }
