"""`step`: one event in, another snapshot and commands out. Pure: the same arguments give the same answer, always.

A fault of the program never loses the event that showed it: the step is undone as a whole, the run is parked with the
reason, and the event waits in `held`, as do all that follow, until RetryRequested runs them again in their order.
"""

from __future__ import annotations

from typing import Any

from tenuto_interpreter.commands import AnswerUpdate, Command, ContinueRun, ParkRun, SetAttributes
from tenuto_interpreter.events import (
    ActivityCompleted,
    ActivityFailed,
    AttemptFaulted,
    AttemptLost,
    AttemptTakenOver,
    CancelRequested,
    ChildCompleted,
    ChildFailed,
    Event,
    Failure,
    Migrated,
    RetryRequested,
    RunStarted,
    SignalReceived,
    TerminateRequested,
    TimerFired,
    UpdateReceived,
)
from tenuto_interpreter.ir import TERMINATED
from tenuto_interpreter.machine import operations
from tenuto_interpreter.machine.ending import cancelled, terminate
from tenuto_interpreter.machine.executable import Executable
from tenuto_interpreter.machine.macrostep import settle
from tenuto_interpreter.machine.selection import busy, guard_holds
from tenuto_interpreter.machine.snapshot import Op, Snapshot
from tenuto_interpreter.machine.states import Chosen, enter, take
from tenuto_interpreter.machine.timers import rearm
from tenuto_interpreter.machine.turn import Fault, Observe, Turn
from tenuto_interpreter.machine.waits import end_condition, give_up_receiving
from tenuto_interpreter.machine.watch import watch

OfAttempt = ActivityCompleted | ActivityFailed | AttemptLost | AttemptFaulted | AttemptTakenOver


def step(
    exe: Executable, snapshot: Snapshot, event: Event, observe: Observe | None = None
) -> tuple[Snapshot, list[Command]]:
    """Carry a run from one event to the next rest.

    `snapshot` is left as it was. `observe` hears of states and transitions, for measures of coverage. The first event
    of a run is RunStarted; a closed run takes none (AssertionError: that is the runtime's mistake, not the author's).
    """
    assert snapshot.closed is None, "a closed run takes no events"
    assert (snapshot.seq == 0) == isinstance(event, RunStarted), "a run starts once"
    assert not isinstance(event, Migrated), "a migration takes both programs: machine.migration"
    snap = snapshot.copy()
    snap.seq += 1
    if snap.parked is not None and not isinstance(event, TerminateRequested):
        if isinstance(event, RetryRequested):
            return unpark(exe, snap, event, observe)
        if isinstance(event, AttemptFaulted):  # it moves nothing, and what is at fault is to be retried together
            turn = Turn(exe, snap, event.at)
            _react(turn, event)
            return snap, turn.commands
        snap.held = [*snap.held, event]
        return snap, []
    turn = Turn(exe, snap, event.at, observe=observe)
    try:
        _go(turn, event)
    except Fault as fault:
        parked = snapshot.copy()
        parked.seq += 1
        if isinstance(event, RunStarted):
            _identify(parked, event)
        return _park(parked, fault, [event]), [ParkRun(*fault.args)]
    return snap, turn.commands


def _go(turn: Turn, event: Event) -> None:
    """React and come to rest. Whatever goes wrong is a Fault: a run that is parked can be looked at and repaired."""
    try:
        _react(turn, event)
        come_to_rest(turn)
    except Fault:
        raise
    except Exception as error:
        raise Fault(f"internal error: {type(error).__name__}: {error}", "") from error


def come_to_rest(turn: Turn) -> None:
    """Run on until nothing can happen without another event, and tell what people want to know of it."""
    settle(turn)
    _attributes(turn)
    if turn.exe.program.properties:
        watch(turn)


def _park(snap: Snapshot, fault: Fault, held: list[Event]) -> Snapshot:
    snap.parked = (fault.args[0], fault.args[1])
    snap.held = held
    return snap


def unpark(
    exe: Executable, snap: Snapshot, event: RetryRequested, observe: Observe | None, randoms: int = 0
) -> tuple[Snapshot, list[Command]]:
    """Go on after a repair, one held event after the other; the first that is still at fault parks the run again."""
    held: list[Event] = [event, *snap.held]
    snap.held, snap.parked = [], None
    commands: list[Command] = []
    for done, past in enumerate(held):
        if snap.status == "parked":
            snap.held = held[done:]
            break
        if snap.status == "closed":
            return snap, settle_rest(commands, held[done:])
        turn = Turn(exe, snap.copy(), event.at, randoms, observe)
        try:
            _go(turn, past)
        except Fault as fault:
            return _park(snap, fault, held[max(done, 1) :]), [*commands, ParkRun(*fault.args)]
        snap, randoms = turn.snap, turn.randoms
        commands += turn.commands
    return snap, commands


def settle_rest(commands: list[Command], rest: list[Event]) -> list[Command]:
    """What becomes of events that were held and come too late: updates are refused, signals go to the next run."""
    refused: list[Command] = [
        AnswerUpdate(event.id, "rejected", "the run has ended") for event in rest if isinstance(event, UpdateReceived)
    ]
    signals = tuple((event.id, event.name, event.payload) for event in rest if isinstance(event, SignalReceived))
    handed_on = [ContinueRun(c.input, c.messages + signals) if isinstance(c, ContinueRun) else c for c in commands]
    return [*refused, *handed_on]


# -- one reaction for each kind of event ---------------------------------------------------------------------------


def _react(turn: Turn, event: Event) -> None:
    snap = turn.snap
    if isinstance(event, ActivityCompleted):
        if _attempt(snap, event) is not None:
            operations.succeed(turn, event.op, event.result)
    elif isinstance(event, ActivityFailed):
        if _attempt(snap, event) is not None:
            operations.attempt_failed(turn, turn.op(event.op), event.failure)
    elif isinstance(event, TimerFired):
        _timer(turn, event)
    elif isinstance(event, SignalReceived):
        snap.mailbox = [*snap.mailbox, ("signal", event.id, event.name, _whole(turn, event))]
    elif isinstance(event, RunStarted):
        _start(turn, event)
    elif isinstance(event, AttemptLost):
        if _attempt(snap, event) is not None:
            operations.attempt_lost(turn, turn.op(event.op))
    elif isinstance(event, AttemptFaulted):
        if _attempt(snap, event) is not None:
            operations.attempt_faulted(turn, turn.op(event.op), event.reason, begun=event.begun)
    elif isinstance(event, AttemptTakenOver):
        if _attempt(snap, event, "unbegun") is not None:
            operations.begin(turn, turn.op(event.op))
    elif isinstance(event, UpdateReceived):
        if snap.ending is not None:
            turn.commands.append(AnswerUpdate(event.id, "rejected", "the run is ending"))
        else:
            snap.mailbox = [*snap.mailbox, ("update", event.id, event.name, _whole(turn, event))]
    elif isinstance(event, CancelRequested):
        if snap.ending is not None:
            if snap.ending.kind == "continued":  # the next run has not begun, and would never hear of it
                snap.ending = cancelled({"reason": event.reason})
        elif not any(m[0] == "cancel" for m in snap.mailbox):
            snap.mailbox = [*snap.mailbox, ("cancel", "", "", {"reason": event.reason})]
    elif isinstance(event, TerminateRequested):
        terminate(turn, event.reason)
    elif isinstance(event, ChildCompleted):
        if _child(snap, event) is not None:
            operations.succeed(turn, event.op, event.result)
    elif isinstance(event, ChildFailed):
        if _child(snap, event) is not None:
            operations.child_failed(turn, turn.op(event.op), _as_declared(turn, event.failure))
    else:
        _retry_now(turn)


def _attempt(snap: Snapshot, event: OfAttempt, state: str = "running") -> Op | None:
    """The operation whose current attempt an event is about; None for an event that comes too late."""
    op = snap.ops.get(event.op)
    return op if op is not None and op.attempt == event.attempt and op.state == state and not op.is_workflow else None


def _child(snap: Snapshot, event: ChildCompleted | ChildFailed) -> Op | None:
    op = snap.ops.get(event.op)
    return op if op is not None and op.is_workflow and op.state in ("running", "stopping") else None


def _whole(turn: Turn, event: SignalReceived | UpdateReceived) -> dict[str, Any]:
    """A message with every field: what the sender has left out has its default, or is null."""
    payload = event.payload
    fields = turn.exe.messages.get(event.name, ())
    if all(payload.get(name) is not None for name, _ in fields):
        return payload
    whole = dict(payload)
    for name, default in fields:
        if whole.get(name) is None:
            whole[name] = None if default is None else turn.value(default, [], f"{event.name}.{name}")
    return whole


def _identify(snap: Snapshot, event: RunStarted) -> None:
    snap.run_id = event.run_id
    snap.workflow_id = event.workflow_id
    snap.started_at = event.at
    snap.config = event.config
    snap.next_id = event.first_id


def _start(turn: Turn, event: RunStarted) -> None:
    exe, snap = turn.exe, turn.snap
    _identify(snap, event)
    config = dict(event.config)
    snap.config = turn.context.config = config
    for declared in exe.program.config:
        if declared.name not in config and declared.default is not None:
            config[declared.name] = turn.value(declared.default, [], f"config {declared.name}")
    snap.vars = [None] * exe.slots
    for slot, param in enumerate(exe.program.params):
        if param.name in event.input:
            snap.vars[slot] = event.input[param.name]
        elif param.default is not None:
            snap.vars[slot] = turn.value(param.default, [], f"parameter {param.name}")
    for slot, variable in enumerate(exe.program.variables, len(exe.program.params)):
        if variable.initial is not None:
            snap.vars[slot] = turn.value(variable.initial, [], f"variable {variable.name}")
    snap.mailbox = [("signal", id, name, payload) for id, name, payload in event.messages]
    enter(turn, 0, [0])


def _timer(turn: Turn, event: TimerFired) -> None:
    timer = turn.snap.timers.pop(event.timer, None)
    if timer is None:
        return
    due, kind, subject = timer[0], timer[1], timer[2]
    if kind == "retry":
        op = turn.op(subject)
        op.timer = None
        operations.retry_now(turn, op)
    elif kind == "wait":
        turn.ready.append((subject, "resume", None))
    elif kind == "attempt":
        operations.child_took_too_long(turn, turn.op(subject))
    elif kind == "overall":
        operations.timed_out(turn, turn.op(subject))
    elif kind == "queued":
        operations.waited_too_long(turn, turn.op(subject))
    elif kind == "cond":
        end_condition(turn, subject, False)
    elif kind == "receive":
        give_up_receiving(turn, subject)
    else:
        _timed_trigger(turn, due, subject, timer[3])


def _timed_trigger(turn: Turn, due: int, state: int, index: int) -> None:
    transition = turn.exe.states[state].transitions[index]
    if transition.trigger == "every":
        rearm(turn, state, index, transition, due)
    turn.snap.fired_at = due
    frame: list[Any] = [None] if transition.binding else []
    if guard_holds(turn, state, transition, frame) and not busy(turn, state, index):
        take(turn, [Chosen(state, index, frame)])


def _as_declared(turn: Turn, failure: Failure) -> Failure:
    """A child's error under its own name when this program declares it, else as ChildFailed.

    A child that fails or is cancelled has undone what it did; one that was terminated has not, so that what is left of
    its work is not known.
    """
    if any(error.code == failure.code for error in turn.exe.program.errors):
        return failure
    message, details = f"{failure.code}: {failure.message}", {"error": failure.code}
    return Failure("ChildFailed", message, details, retryable=False, unknown=failure.code == TERMINATED)


def _retry_now(turn: Turn) -> None:
    """Waits before a retry end now; undos that had failed for good are tried again, and so is what was at fault."""
    for id, op in list(turn.snap.ops.items()):
        if op.state in ("backoff", "stuck", "unbegun", "unread"):
            operations.retry_now(turn, turn.op(id))


# -- what is kept up to date ---------------------------------------------------------------------------------------


def _attributes(turn: Turn) -> None:
    """Announce the searchable attributes when one has changed. One that cannot be computed yet is null."""
    declared = turn.exe.program.attributes
    if not declared or not turn.snap.vars:
        return
    values: dict[str, Any] = {}
    for attribute in declared:
        try:
            values[attribute.name] = turn.value(attribute.value, [], f"attribute {attribute.name}")
        except Fault:
            values[attribute.name] = None
    if values != turn.snap.attributes:
        turn.snap.attributes = values
        turn.commands.append(SetAttributes(values))


def query(exe: Executable, snapshot: Snapshot, name: str, at: int) -> Any:
    """The value of a query over a snapshot. Raises KeyError for an unknown one, Fault when it cannot be computed."""
    declared = next((q for q in exe.program.queries if q.name == name), None)
    if declared is None:
        raise KeyError(name)
    if len(snapshot.vars) != exe.slots:
        raise Fault("the run has not begun: its start is at fault", f"query {name}")
    return Turn(exe, snapshot, at).value(declared.value, [], f"query {name}")
