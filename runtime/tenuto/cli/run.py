"""`tenuto run`: one workflow to its end, in this process, on a durable database."""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from tenuto.cli.options import IdConflict, IdReuse, Output, Timeout, Where, output_of, settings
from tenuto.cli.stop import Exit, Stop, debugging
from tenuto.cli.terminal import complain, write_value
from tenuto.cli.values import read_config, read_object

if TYPE_CHECKING:
    from tenuto_dsl import Compiled

    from tenuto.cli.progress import Progress
    from tenuto.client import Client

_GRACE_S = 2.0


def run(
    file: Annotated[Path, Parameter(name="FILE")],
    /,
    *,
    workflow: Annotated[str | None, Parameter(name="--workflow")] = None,
    input: Annotated[str | None, Parameter(name="--input")] = None,
    activities: Annotated[list[str] | None, Parameter(name="--activities", negative="", consume_multiple=False)] = None,
    id: Annotated[str | None, Parameter(name="--id")] = None,
    id_reuse: Annotated[IdReuse | None, Parameter(name="--id-reuse", show_default=False)] = None,
    id_conflict: Annotated[IdConflict, Parameter(name="--id-conflict")] = "use_existing",
    timeout: Timeout = None,
    config: Annotated[list[str] | None, Parameter(name="--config", negative="", consume_multiple=False)] = None,
    where: Where | None = None,
    output: Output | None = None,
) -> int:
    """Run a workflow to its end and print its result.

    Progress goes to stderr. The run is durable: interrupted, it goes on where it was with the same command
    and its --id, or by a daemon.

    Parameters
    ----------
    file
        The workflow file, .tenuto or YAML.
    workflow
        Which workflow of the file; needed when it holds several that nobody calls.
    input
        The parameters by name, as a JSON object; @FILE reads it from a file, @- from standard input.
    activities
        A module or a Python file that provides activities; may be given again.
    id
        The workflow id. With the id of a run that is under way, that run is carried on; without --input, one that
        has completed is answered with its result.
    id_reuse
        When a run that has ended had the id: allow_duplicate, allow_duplicate_failed_only (if not given) or
        reject_duplicate.
    id_conflict
        When an open run has the id: fail, use_existing (carry it on) or terminate_existing.
    timeout
        Stop waiting after so long, 60 or 60s (exit code 6). The run goes on when somebody serves it.
    config
        A value for what the workflow declares as config: name=value; may be given again.
    """
    from tenuto.cli.compiling import compile_all, find_files, pick
    from tenuto.cli.readiness import demand_agreement, demand_ready, load_activities, tell_missing_secrets

    chosen = settings()
    [path] = find_files([file])[:1] or [file]
    compiled = compile_all([path])[path]
    target = pick(compiled, workflow, path)
    given = read_object(input, "--input")
    values = read_config(config, dict(chosen.config))
    check_input(target, given, resuming=id is not None and input is None)
    registry = load_activities([*chosen.activities, *(activities or [])], [path.parent])
    demand_ready([item.program for item in compiled], registry, values)
    demand_agreement(compiled, registry)
    tell_missing_secrets(item.program for item in compiled)

    from tenuto.activities.errors import ACTIVITY_FAILED
    from tenuto.cli.connection import lasting_url
    from tenuto.cli.progress import progress_for
    from tenuto.cli.waiting import wait
    from tenuto.client import Client
    from tenuto.engine import Engine, Settings, postgres_stores
    from tenuto.engine.lane import RUN_FAILED, RUN_PARKED
    from tenuto.logs import configure

    # Its progress tells what becomes of the run; tracebacks are for --debug.
    configure("warning", told=() if debugging() else (ACTIVITY_FAILED, RUN_PARKED, RUN_FAILED))
    command = f"tenuto run {file}"
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(lasting_url(where))
        client = stack.enter_context(Client(url))
        for item in compiled:
            client.deploy(item, file=str(path))
        workflow_id = id or f"{target.program.name}-{secrets.token_hex(4)}"
        progress = progress_for(target.program)
        progress.workflow_id = workflow_id
        engine = Engine(
            postgres_stores(url), registry, config=values, settings=Settings(lanes=1), observers=[progress.observe],
            only={item.program.name for item in compiled},
        )  # fmt: skip
        engine.start()
        stack.callback(engine.stop, _GRACE_S)
        try:
            with progress:
                _begin(
                    client, target, given if input is not None else None, workflow_id, progress, id_reuse, id_conflict
                )
                engine.hint()
                value = wait(client, workflow_id, timeout, f"the same command with --id {workflow_id}")
        except KeyboardInterrupt:
            complain(
                f"interrupted; the run {workflow_id} is kept and not lost",
                f"go on with: {command} --id {workflow_id} (and the same --activities), or let a daemon serve it;\n"
                f"      give it up with: tenuto cancel {workflow_id}",
            )
            return int(Exit.INTERRUPTED)
    write_value(value, "jsonl" if output_of(output) == "jsonl" else "json")
    return int(Exit.OK)


def check_input(target: Compiled, given: dict[str, Any], *, resuming: bool) -> None:
    """Raise `Stop` when the input is not of its type: before a database is touched."""
    from tenuto.client import InvalidInput
    from tenuto.client.values import read_arguments

    if resuming and not given:
        return
    try:
        read_arguments(target.program, target.program.params, given, f"input of {target.program.name}")
    except InvalidInput as error:
        raise Stop(Exit.USAGE, str(error)) from None


def _begin(
    client: Client, target: Compiled, given: dict[str, Any] | None, workflow_id: str, progress: Progress,
    reuse: IdReuse | None, conflict: IdConflict,
) -> None:  # fmt: skip
    """Start the run, or join the one of this id: it is under way, or it has completed and nothing else is asked for."""
    name = target.program.name
    view = client.store.view(workflow_id)
    if view is not None and view.workflow != name and not view.status.closed and conflict != "terminate_existing":
        raise Stop(Exit.USAGE, f"the id {workflow_id} belongs to a run of {view.workflow}", "choose another --id")
    status = "" if view is None else view.status.name.lower()
    if view is not None and view.workflow == name:
        if not view.status.closed and conflict == "use_existing":
            progress.note(f"carrying on {workflow_id}, which is under way")
            if view.parked is not None:
                client.retry(workflow_id)
            return
        if status == "completed" and given is None and reuse is None:
            progress.note(f"{workflow_id} has completed: this is its result (another run: --id-reuse allow_duplicate)")
            return
    begun = client.start(
        name, given or {}, id=workflow_id, id_reuse=reuse or "allow_duplicate_failed_only", id_conflict=conflict
    )
    if not begun.new:
        progress.note(f"carrying on {workflow_id}, which is under way")
    elif view is not None:
        how = status if view.status.closed else "terminated"
        progress.note(f"{name} {workflow_id}: another run, the one before was {how}")
    else:
        progress.note(f"{name} {workflow_id}")
