"""What people tell runs to do: start, signal, update, query, cancel, terminate, retry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from tenuto.cli.once import Request, once
from tenuto.cli.options import IdConflict, IdReuse, Output, Timeout, Unmasked, Where, output_of
from tenuto.cli.stop import Exit, Stop
from tenuto.cli.terminal import tell, write, write_value
from tenuto.cli.values import read_object

if TYPE_CHECKING:
    from tenuto.client import Client

Id = Annotated[str, Parameter(name="ID")]
Reason = Annotated[str, Parameter(name="--reason", show_default=False)]


def start(
    workflow: Annotated[str, Parameter(name="WORKFLOW")],
    /,
    *,
    id: Annotated[str | None, Parameter(name="--id")] = None,
    input: Annotated[str | None, Parameter(name="--input")] = None,
    id_reuse: Annotated[IdReuse, Parameter(name="--id-reuse")] = "allow_duplicate",
    id_conflict: Annotated[IdConflict, Parameter(name="--id-conflict")] = "fail",
    request_id: Request = None,
    where: Where | None = None,
    output: Output | None = None,
) -> None:
    """Start a run of a deployed workflow; a daemon carries it on.

    Prints its id.

    Parameters
    ----------
    workflow
        The name of a deployed workflow.
    id
        The workflow id: a name of yours, such as an order's number. Taken while a run has it; made up if not given.
    input
        The parameters by name, as a JSON object; @FILE reads it from a file, @- from standard input.
    id_reuse
        When a run that has ended had the id: allow_duplicate, allow_duplicate_failed_only or reject_duplicate.
    id_conflict
        When an open run has the id: fail, use_existing (it is the answer) or terminate_existing.
    request_id
        A name for this request: sent again, it answers the same and does nothing more.
    """
    from tenuto.cli.connection import usable_url
    from tenuto.client import Client

    given = read_object(input, "--input")
    needs = "" if id is None else f"--id {id} "
    with Client(usable_url(where)) as client, once(request_id, needs=needs) as request:
        before = client.store.view(id) if id is not None else None
        begun = client.start(
            workflow, given, id=id, request=request, id_reuse=id_reuse, id_conflict=id_conflict
        )  # fmt: skip
    if begun.new and before is not None:
        how = "terminated" if not before.status.closed else before.status.name.lower()
        tell(f"another run of {id}: the one before was {how}")
    elif not begun.new and id_conflict == "use_existing":
        tell(f"{begun.workflow_id} is under way: that run it is")
    form = output_of(output)
    if form == "text":
        write(begun.workflow_id)
        return
    write_value({"workflow_id": begun.workflow_id, "run_id": begun.run_id, "new": begun.new}, form)


def signal(
    id: Id,
    name: Annotated[str, Parameter(name="NAME")],
    payload: Annotated[str | None, Parameter(name="JSON")] = None,
    /,
    *,
    request_id: Request = None,
    where: Where | None = None,
) -> None:
    """Send a signal to a run.

    Parameters
    ----------
    id
        The workflow id, or a run id.
    name
        A signal the workflow declares.
    payload
        Its parameters, as a JSON object; @FILE reads it from a file, @- from standard input.
    request_id
        A name for this request: sent again, it does nothing more.
    """
    from tenuto.cli.connection import usable_url
    from tenuto.client import Client

    values = read_object(payload, f"signal {name}")
    with Client(usable_url(where)) as client, once(request_id) as request:
        new = client.signal(id, name, values, request=request)
    tell("sent" if new or request_id is None else "this request was sent before")


def update(
    id: Id,
    name: Annotated[str, Parameter(name="NAME")],
    payload: Annotated[str | None, Parameter(name="JSON")] = None,
    /,
    *,
    request_id: Request = None,
    timeout: Timeout = 30.0,
    where: Where | None = None,
    output: Output | None = None,
) -> None:
    """Send an update to a run, wait for its reply and print it.

    Exit code 1 when it is rejected.

    Parameters
    ----------
    id
        The workflow id, or a run id.
    name
        An update the workflow declares.
    payload
        Its parameters, as a JSON object; @FILE reads it from a file, @- from standard input.
    request_id
        A name for this request: sent again, it answers the same and does nothing more.
    timeout
        How long to wait for the reply, 60 or 60s (exit code 6).
    """
    from tenuto.cli.connection import usable_url
    from tenuto.client import Client

    values = read_object(payload, f"update {name}")
    with Client(usable_url(where)) as client, once(request_id) as request:
        reply = _reply(client, id, name, values, request, timeout)
    write_value(reply, output_of(output))


def _reply(
    client: Client, id_: str, name: str, values: dict[str, Any], request: str, timeout: float | None
) -> Any:  # fmt: skip
    """The reply to an update. The same request is asked about twice: in between, whether anybody is there to answer."""
    from tenuto.cli.waiting import NOBODY, WONDERING_S
    from tenuto.client import ResultTimeout

    first = WONDERING_S if timeout is None else min(timeout, WONDERING_S)
    try:
        return client.update(id_, name, values, request=request, timeout=first)
    except ResultTimeout as error:
        view = client.view(id_)
        nobody = view.owner is None and bool(client.store.unread(view.key))
        if timeout is not None and timeout <= first:
            hint = f"no daemon has taken {id_}: {NOBODY}" if nobody else f"see what it does: tenuto show {id_}"
            raise Stop(Exit.TIMEOUT, str(error), f"{hint}; ask again with --request-id {request}") from None
        if nobody:
            tell(f"no daemon has taken {id_} yet: {NOBODY}")
    return client.update(id_, name, values, request=request, timeout=None if timeout is None else timeout - first)


def query(
    id: Id,
    name: Annotated[str, Parameter(name="NAME")],
    /,
    *,
    unmasked: Unmasked = False,
    where: Where | None = None,
    output: Output | None = None,
) -> None:
    """Ask a run a question it declares.

    Answered from the database: no daemon needs to run.

    Parameters
    ----------
    id
        The workflow id, or a run id.
    name
        A query the workflow declares.
    unmasked
        Show what is declared sensitive, too.
    """
    from tenuto.cli.connection import usable_url
    from tenuto.client import Client

    with Client(usable_url(where)) as client:
        answer = client.query(id, name, masked=not unmasked)
    write_value(answer, output_of(output))


def cancel(
    id: Id,
    /,
    *,
    reason: Reason = "",
    request_id: Request = None,
    where: Where | None = None,
) -> None:
    """Ask a run to cancel: it undoes what it has done, as its definition says, and ends.

    A parked run cancels once it goes on, after `tenuto retry`.

    Parameters
    ----------
    id
        The workflow id, or a run id.
    reason
        Why, for the history.
    request_id
        A name for this request: sent again, it does nothing more.
    """
    from tenuto.cli.connection import usable_url
    from tenuto.client import Client

    with Client(usable_url(where)) as client, once(request_id) as request:
        client.cancel(id, reason, request=request)
        parked = client.view(id).parked
    tell("asked to cancel")
    if parked is not None:
        tell(
            f"{id} is parked: it cancels once it goes on. Repair the cause, then: tenuto retry {id}\n"
            f"or end it without undoing anything: tenuto terminate {id}"
        )


def terminate(
    id: Id,
    /,
    *,
    reason: Reason = "",
    request_id: Request = None,
    where: Where | None = None,
) -> None:
    """End a run at once; nothing is undone.

    Parameters
    ----------
    id
        The workflow id, or a run id.
    reason
        Why, for the history.
    request_id
        A name for this request: sent again, it does nothing more.
    """
    from tenuto.cli.connection import usable_url
    from tenuto.client import Client

    with Client(usable_url(where)) as client, once(request_id) as request:
        client.terminate(id, reason, request=request)
    tell("asked to terminate")


def retry(
    id: Id,
    /,
    *,
    request_id: Request = None,
    where: Where | None = None,
) -> None:
    """Let a parked run go on, or end a run's waits before its next attempts.

    Parameters
    ----------
    id
        The workflow id, or a run id.
    request_id
        A name for this request: sent again, it does nothing more.
    """
    from tenuto.cli.connection import usable_url
    from tenuto.client import Client

    with Client(usable_url(where)) as client, once(request_id) as request:
        client.retry(id, request=request)
    tell("asked to retry")
