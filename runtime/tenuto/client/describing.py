"""Describes a run: its row, and what its snapshot says about the present."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson
from tenuto_interpreter import codec, ir
from tenuto_interpreter.events import ActivityCompleted, ActivityFailed, Failure
from tenuto_interpreter.machine import Executable, Snapshot
from tenuto_interpreter.machine.masking import Masker
from tenuto_interpreter.machine.snapshot import Op
from tenuto_interpreter.values import accepts_null

from tenuto.client.migrating import refused_migration
from tenuto.client.replay import Unreadable, present
from tenuto.client.results import Child, Description, Message, Pending, Timer
from tenuto.client.timers import timer_text
from tenuto.store.ids import run_id_text
from tenuto.store.protocol import ClientStore, News, NewsKind, RunView, Status

_PROMPT_US = 2_000_000
"""Engines that have nothing else to do take a run sooner."""

_MOST_CHILDREN = 20

_Find = Callable[[bytes], Executable]


def describe(store: ClientStore, view: RunView, find: _Find, *, unmasked: bool = False) -> Description:
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
    unread = store.unread(view.key)
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
        unread=len(unread),
        pending=_pending(store, view, exe, snapshot, find) if exe is not None and snapshot is not None else [],
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
        timers=_timers(exe, snapshot) if exe is not None and snapshot is not None and not view.status.closed else [],
        messages=[*_unread(unread), *(_waiting(exe, snapshot) if exe is not None and snapshot is not None else [])],
        unset=_unset(exe, snapshot) if exe is not None and snapshot is not None and known else [],
    )


def states_now(store: ClientStore, view: RunView, find: _Find) -> str:
    """A run's active states, for people. Its row has those of when an engine last let go of it."""
    if view.status.closed or view.owner is None:
        return view.states
    try:
        exe, snapshot = present(store, view, find)
    except Unreadable:
        return view.states
    return ", ".join(exe.state_names(snapshot.active)) if snapshot.seq else view.states


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


def _pending(store: ClientStore, view: RunView, exe: Executable, snapshot: Snapshot, find: _Find) -> list[Pending]:
    found = []
    children = _children(store, view, snapshot, find)
    held = {event.op for event in snapshot.held if isinstance(event, ActivityCompleted | ActivityFailed)}
    for op in snapshot.ops.values():
        state = "finished" if op.id in held else op.state
        timer = snapshot.timers.get(op.timer) if op.timer is not None else None
        found.append(
            Pending(
                op.id,
                op.kind,
                _name(exe, op),
                op.attempt,
                op.failures,
                state,
                timer[0] if timer else None,
                op.queue,
                children.get(op.id),
            )
        )
    return found


def _name(exe: Executable, op: Op) -> str:
    if not op.is_workflow:
        return exe.program.activities[op.activity].name
    if op.kind == "undo":
        return str(op.args[2])
    return (exe.program.calls[op.call].workflow if op.call >= 0 else None) or "child"


def _children(store: ClientStore, view: RunView, snapshot: Snapshot, find: _Find) -> dict[int, Child]:
    """The children that a run waits for, by operation; of a great many only the first are looked at."""
    if view.status.closed or not any(op.is_workflow for op in snapshot.ops.values()):
        return {}
    found = {}
    for op, workflow_id in sorted(store.open_children(view.key).items())[:_MOST_CHILDREN]:
        child = store.view(workflow_id)
        if child is not None:
            states = states_now(store, child, find)
            found[op] = Child(workflow_id, child.status.name.lower(), states.split(", ") if states else [])
    return found


def _timers(exe: Executable, snapshot: Snapshot) -> list[Timer]:
    def name(op: int) -> str:
        return _name(exe, snapshot.ops[op]) if op in snapshot.ops else "a call"

    due = sorted((timer[0], id) for id, timer in snapshot.timers.items())
    return [Timer(at, timer_text(exe.program, snapshot, id, name)) for at, id in due]


def _unread(rows: list[News]) -> list[Message]:
    kinds: dict[int, str] = {NewsKind.SIGNAL: "signal", NewsKind.UPDATE: "update"}
    return [Message(kinds[row.kind], codec.decode(row.payload)[0], "unread") for row in rows if row.kind in kinds]


def _waiting(exe: Executable, snapshot: Snapshot) -> Iterator[Message]:
    for kind, _, name, _ in snapshot.mailbox:
        yield Message(kind, name, "mailbox")
    for fiber in snapshot.fibers.values():
        if fiber.update is not None and fiber.transition >= 0:
            yield Message("update", exe.states[fiber.state].transitions[fiber.transition].name or "", "answering")


def _variables(exe: Executable, snapshot: Snapshot, masker: Masker | None) -> dict[str, Any]:
    return {
        item.name: value if masker is None else masker.value(value, item.type)
        for item, value in zip(_declared(exe), snapshot.vars, strict=False)
    }


def _unset(exe: Executable, snapshot: Snapshot) -> list[str]:
    """The variables that hold nothing, and whose type knows no null."""
    types = {declared.name: declared.type for declared in exe.program.types}
    pairs = zip(_declared(exe), snapshot.vars, strict=False)
    return [item.name for item, value in pairs if value is None and not accepts_null(item.type, types)]


def _declared(exe: Executable) -> list[ir.Param | ir.Variable]:
    return [*exe.program.params, *exe.program.variables]
