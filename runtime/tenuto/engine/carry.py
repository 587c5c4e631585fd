"""Commands into a flush: what a step asks of the world, as rows of the same transaction that records the step.

Activities are the exception: they are dispatched after the commit (`Work.schedule`, `Work.cancel`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson
from tenuto_interpreter import codec
from tenuto_interpreter.commands import (
    AnswerUpdate,
    CancelActivity,
    CancelChild,
    CloseRun,
    Command,
    ContinueRun,
    ParkRun,
    ReportViolation,
    ScheduleActivity,
    SendSignal,
    SetAttributes,
    StartChild,
    WriteLog,
)
from tenuto_interpreter.events import Failure

from tenuto.activities.conversion import to_wire
from tenuto.engine.programs import Programs
from tenuto.engine.run import LiveRun, Work
from tenuto.store.ids import new_run_id, shard_of
from tenuto.store.protocol import Closing, NewRun, NewsKind, Post, RunKey, Status
from tenuto.store.refusal import child_ref

STATUS = {
    "completed": Status.COMPLETED,
    "failed": Status.FAILED,
    "cancelled": Status.CANCELLED,
    "terminated": Status.TERMINATED,
}


Messages = tuple[tuple[str, str, dict[str, Any]], ...]


def start_payload(input_: dict[str, Any], messages: Any = (), first_id: int = 1) -> bytes:
    """What a new run's row holds until its first event. Raises PayloadError."""
    first = [] if first_id == 1 else [first_id]
    return codec.encode([input_, [list(message) for message in messages], *first])


def read_start(data: bytes) -> tuple[dict[str, Any], Messages, int]:
    """The inverse of `start_payload`."""
    input_, messages, *first = codec.decode(data)
    return input_, tuple((id_, name, payload) for id_, name, payload in messages), first[0] if first else 1


class Carrier:
    """`open_children` answers the workflow ids of the children that a run waits for, by operation, from the store."""

    def __init__(self, programs: Programs, open_children: Callable[[RunKey], dict[int, str]]) -> None:
        self._programs = programs
        self._open_children = open_children

    def carry(self, work: Work, commands: Sequence[Command]) -> None:
        """Add what the commands of one step ask for. Raises PayloadError."""
        for command in commands:
            if type(command) is ScheduleActivity:
                work.schedule.append(command)
            else:
                self._carry(work, command)

    def _carry(self, work: Work, command: Command) -> None:
        run = work.run
        match command:
            case ScheduleActivity():
                work.schedule.append(command)
            case CancelActivity(op):
                work.cancel.append(op)
            case CloseRun():
                self._close(work, command)
            case ParkRun():
                pass  # the snapshot says so
            case WriteLog() | ReportViolation():
                work.logs.append(command)
            case SetAttributes(values):
                work.attributes = orjson.dumps(to_wire(values))
            case StartChild():
                self._start_child(work, command)
            case CancelChild(op):
                child = self._child(run, op)
                if child is not None:
                    payload = codec.encode(["the parent left the state that had started it"])
                    work.by_workflow_id.append((child, NewsKind.CANCEL, child_ref(run.key, op), payload))
            case SendSignal(workflow_id, name, payload, id_):
                work.by_workflow_id.append((workflow_id, NewsKind.SIGNAL, id_, codec.encode([name, payload])))
            case AnswerUpdate(id_, outcome, value):
                work.answers.append((run.workflow_id, id_, codec.encode([outcome, value])))
            case ContinueRun():
                self._continue(work, command)

    def _close(self, work: Work, command: CloseRun) -> None:
        run = work.run
        status = STATUS[command.status]
        failure = command.failure
        if status is not Status.COMPLETED and failure is None:
            failure = Failure(command.status.capitalize(), f"the run was {command.status}", retryable=False)
        outcome = codec.encode(command.result if failure is None else failure.to_plain())
        work.closing = Closing(run.key, status, work.after.seq, outcome, states_text(run, work))
        parent, op = run.claimed.parent, run.claimed.parent_op
        if parent is not None and op is not None:
            told = ["completed", op, command.result] if failure is None else ["failed", op, failure.to_plain()]
            work.posts.append(Post(parent, NewsKind.CHILD, f"{run.run_id}", codec.encode(told), source=run.key))

    def _continue(self, work: Work, command: ContinueRun) -> None:
        run = work.run
        successor = NewRun(
            key=RunKey(run.key.shard, new_run_id()),
            workflow_id=run.workflow_id,
            workflow=work.ready.program.name,
            definition=work.ready.digest,
            start=start_payload(command.input, command.messages, work.after.next_id),
            parent=run.claimed.parent,
            parent_op=run.claimed.parent_op,
        )
        outcome = codec.encode(None)
        work.closing = Closing(run.key, Status.CONTINUED, work.after.seq, outcome, states_text(run, work), successor)

    def _start_child(self, work: Work, command: StartChild) -> None:
        run = work.run
        definition = self._programs.latest(command.workflow)
        if definition is None:
            failure = Failure("ChildFailed", f"no workflow {command.workflow} is deployed", retryable=False)
            if command.awaited:  # told by its own inbox, as of any child: no turn and no engine can lose it there
                told = codec.encode(["failed", command.op, failure.to_plain()])
                work.posts.append(Post(run.key, NewsKind.CHILD, command.workflow_id, told))
            return
        run.children[command.op] = command.workflow_id
        if work.by_workflow_id:  # a cancellation in this flush was for the child of the attempt before, which has ended
            before = (NewsKind.CANCEL, child_ref(run.key, command.op))
            work.by_workflow_id = [post for post in work.by_workflow_id if post[1:3] != before]
        key = RunKey(shard_of(command.workflow_id), new_run_id())
        work.children.append(
            NewRun(
                key=key,
                workflow_id=command.workflow_id,
                workflow=command.workflow,
                definition=definition.digest,
                start=start_payload(command.input),
                parent=run.key,
                parent_op=command.op if command.awaited else None,
                on_close=command.on_close,
            )
        )
        if command.awaited:
            work.child_ops[key] = command.op

    def _child(self, run: LiveRun, op: int) -> str | None:
        if op not in run.children and not run.children_read:  # an engine before this one started it
            run.children = self._open_children(run.key) | run.children
            run.children_read = True
        return run.children.get(op)


def states_text(run: LiveRun, work: Work) -> str:
    """The active states, for people; empty for a run that could not be loaded."""
    if not run.loaded:
        return ""
    return ", ".join(work.ready.executable.state_names(work.after.active))
