"""What people see of runs: show, list, result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from tenuto.cli.options import Output, Timeout, Unmasked, Where, output_of
from tenuto.cli.stop import usage
from tenuto.cli.terminal import cell, moment, one_line, span, tell, write, write_rows, write_value

if TYPE_CHECKING:
    from tenuto.client import Description, Pending

Id = Annotated[str, Parameter(name="ID")]
_MOST_TIMERS = 5
_MOST_READ = 200
"""Of so many runs on a page the present states are found; of those after them, the ones that their rows have."""
_WHERE = {
    "unread": "sent, not read yet",
    "mailbox": "waits for somebody to take it",
    "answering": "is being answered",
}
StatusName = Literal["open", "closing", "completed", "failed", "cancelled", "terminated", "continued", "parked"]


def show(id: Id, /, *, unmasked: Unmasked = False, where: Where | None = None, output: Output | None = None) -> None:
    """Show one run: where it is, what it waits for, how it ended.

    Parameters
    ----------
    id
        The workflow id, or a run id.
    unmasked
        Show what is declared sensitive, too.
    """
    from tenuto.cli.connection import usable_url
    from tenuto.client import Client

    with Client(usable_url(where)) as client:
        found = client.describe(id, unmasked=unmasked)
        now = client.store.now()
    form = output_of(output)
    if form != "text":
        write_value(_description(found), form)
        return
    for name, value in _lines(found, now):
        write(f"{name:<11} {value}")


def _description(found: Description) -> dict[str, Any]:
    failure = found.failure
    return {
        "workflow_id": found.workflow_id, "run_id": found.run_id, "workflow": found.workflow, "version": found.version,
        "status": found.status, "phase": found.phase, "states": found.states, "leaving": found.leaving,
        "violated": found.violated, "started_at": moment(found.started_at),
        "closed_at": moment(found.closed_at), "next_timer": moment(found.next_timer), "owner": found.owner,
        "strikes": found.strikes, "parked": found.parked, "events": found.events, "unread": found.unread,
        "pending": [
            {
                "op": item.op, "kind": item.kind, "name": item.name, "attempt": item.attempt,
                "failures": item.failures, "state": item.state, "due": moment(item.due), "queue": item.queue,
                "child": None if item.child is None else {
                    "workflow_id": item.child.workflow_id, "status": item.child.status, "states": item.child.states,
                },
            }
            for item in found.pending
        ],
        "timers": [{"due": moment(timer.due), "what": timer.what} for timer in found.timers],
        "messages": [{"kind": each.kind, "name": each.name, "where": each.where} for each in found.messages],
        "variables": found.variables, "unset": found.unset, "attributes": found.attributes, "result": found.result,
        "failure": None if failure is None else failure.value(), "parent": found.parent, "refused": found.refused,
        "unreadable": found.unreadable, "unclaimed_since": moment(found.unclaimed_since),
    }  # fmt: skip


def _waiting_for_an_engine(found: Description) -> Iterator[tuple[str, str]]:
    """Nothing is wrong with such a run, and nothing will happen to it."""
    if found.unclaimed_since is not None:
        since = moment(found.unclaimed_since)
        yield "waits for", f"a daemon that has its activities and config; due since {since}, and none has taken it"
    elif found.owner is None and found.status == "open":
        for queue in dict.fromkeys(item.queue for item in found.pending if item.state == "unbegun" and item.queue):
            yield "waits for", one_line(f"a daemon that serves the queue {queue}: tenuto daemon --queue {queue}")


def _lines(found: Description, now: int) -> Iterator[tuple[str, str]]:
    version = f" version {found.version}" if found.version is not None else ""
    yield "id", one_line(found.workflow_id)
    yield "run", found.run_id
    yield "workflow", f"{found.workflow}{version}"
    yield "status", found.status
    if found.phase in ("leaving", "compensating"):
        yield "phase", found.phase
    if found.states:
        yield "states", ", ".join(map(one_line, found.states))
    if found.leaving:
        yield "leaving", ", ".join(map(one_line, found.leaving))
    for name in found.violated:
        yield "violated", f"property {one_line(name)}"
    yield "started", moment(found.started_at) or ""
    if found.closed_at is not None:
        yield "closed", moment(found.closed_at) or ""
    if found.parked:
        yield "parked", one_line(found.parked)
        id_ = one_line(found.workflow_id)
        yield "to do", f"repair the cause, then: tenuto retry {id_}; or give it up: tenuto terminate {id_}"
    for item in found.pending:
        yield "pending", one_line(_pending(item, now))
    yield from _waiting_for_an_engine(found)
    for timer in found.timers[:_MOST_TIMERS]:
        when = f"in {span(timer.due - now)}" if timer.due > now else "due"
        yield "timer", one_line(f"{timer.what}: {when}, at {moment(timer.due)}")
    if len(found.timers) > _MOST_TIMERS:
        yield "timers", f"{len(found.timers) - _MOST_TIMERS} later ones"
    for message in found.messages:
        yield "message", one_line(f"{message.kind} {message.name}".rstrip() + f": {_WHERE[message.where]}")
    if others := found.unread - sum(message.where == "unread" for message in found.messages):
        yield "unread", f"{others} order{'s' if others > 1 else ''} or outcome{'s' if others > 1 else ''}"
    if found.strikes:
        yield "strikes", str(found.strikes)
    yield "events", str(found.events)
    for name, value in found.variables.items():
        shown = "unset" if name in found.unset else f"= {'null' if value is None else cell(value)}"
        yield "variable", one_line(f"{name} {shown}")
    for name, value in found.attributes.items():
        yield "attribute", one_line(f"{name} = {cell(value)}")
    if found.status == "completed":
        yield "result", one_line(cell(found.result))
    if found.failure is not None:
        yield "failure", one_line(f"{found.failure.code}: {found.failure.message}")
        if found.failure.where:
            yield "where", one_line(found.failure.where)
    if found.parent is not None:
        yield "parent", found.parent
    if found.refused is not None:
        yield "refused", one_line(f"to be migrated: {found.refused}")
    if found.unreadable is not None:
        yield "unreadable", one_line(found.unreadable)


def _pending(item: Pending, now: int) -> str:
    """An operation in one line: what it is, how it stands, and the child that does it."""
    failed = f", failed {item.failures} time{'s' if item.failures > 1 else ''}" if item.failures else ""
    if item.state == "backoff" and item.due is not None:
        state = f"waits, next attempt in {span(item.due - now)}"
    else:
        state = f"{item.state}, attempt {item.attempt}" if item.child is None else item.state
    queue = f", queue {item.queue}" if item.queue is not None else ""
    child = ""
    if item.child is not None:
        states = f" in {', '.join(item.child.states)}" if item.child.states else ""
        child = f", run {item.child.workflow_id} is {item.child.status}{states}"
    return f"{item.kind} {item.name}: {state}{failed}{queue}{child}"


def list_runs(
    *,
    status: Annotated[list[StatusName] | None, Parameter(name="--status", negative="", consume_multiple=False)] = None,
    workflow: Annotated[str | None, Parameter(name="--workflow")] = None,
    prefix: Annotated[str | None, Parameter(name="--prefix")] = None,
    filter: Annotated[str | None, Parameter(name="--filter")] = None,
    limit: Annotated[int, Parameter(name="--limit")] = 50,
    before: Annotated[str | None, Parameter(name="--before")] = None,
    where: Where | None = None,
    output: Output | None = None,
) -> None:
    """List runs, newest first.

    Parameters
    ----------
    status
        Only runs of this status; may be given again.
    workflow
        Only runs of this workflow.
    prefix
        Only runs whose workflow id begins so.
    filter
        Only runs for which this expression is true: status == "failed" && attributes.customer == "c1".
    limit
        At most so many.
    before
        Go on after this run id: the last one of the list before.
    """
    from tenuto.cli.connection import usable_url
    from tenuto.cli.filters import refused
    from tenuto.client import BadFilter, Client
    from tenuto.client.filtering import doubts
    from tenuto.store.ids import run_id_text
    from tenuto.store.protocol import Status

    if limit < 1:
        raise usage("--limit: a whole number from 1 is expected")
    wanted = [Status[name.upper()] for name in status or []]
    with Client(usable_url(where)) as client:
        try:
            runs = client.list(
                status=wanted, workflow=workflow, prefix=prefix, filter=filter, limit=limit, before=before
            )
        except BadFilter as error:
            raise refused(error, filter or "") from None
        states = [client.states(run) if number < _MOST_READ else run.states for number, run in enumerate(runs)]
        if filter is not None and not runs:
            for doubt in doubts(client.store, filter):
                tell(one_line(doubt))
    rows = [
        {
            "workflow_id": run.workflow_id, "run_id": run_id_text(run.key.run_id), "workflow": run.workflow,
            "status": run.status.name.lower(), "states": now, "started_at": moment(run.started_at),
            "closed_at": moment(run.closed_at), "parked": run.parked,
        }
        for run, now in zip(runs, states, strict=True)
    ]  # fmt: skip
    columns = (
        ("ID", "workflow_id"), ("WORKFLOW", "workflow"), ("STATUS", "status"), ("STATES", "states"),
        ("STARTED", "started_at"), ("RUN", "run_id"),
    )  # fmt: skip
    write_rows(rows, output_of(output), columns)


def result(
    id: Id,
    /,
    *,
    timeout: Timeout = None,
    where: Where | None = None,
    output: Output | None = None,
) -> None:
    """Wait for a run's end and print its result.

    Exit code 1 when it failed, or is parked: that is for somebody to repair, and then to retry. A database
    that restarts is waited for, up to half a minute.

    Parameters
    ----------
    id
        The workflow id, or a run id. A run that continues as new is followed, unless a run id is given.
    timeout
        Wait at most so long, 60 or 60s (exit code 6); without it, as long as it takes.
    """
    from tenuto.cli.connection import lasting_url
    from tenuto.cli.waiting import wait
    from tenuto.client import Client

    with lasting_url(where) as url, Client(url) as client:
        value = wait(client, id, timeout, f"tenuto result {id}")
    write_value(value, "jsonl" if output_of(output) == "jsonl" else "json")
