"""`tenuto run`: one workflow to its end, in this process, on a durable database."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from tenuto.cli.options import Output, Timeout, Where, output_of, settings
from tenuto.cli.stop import Exit, Stop
from tenuto.cli.terminal import complain, write_value
from tenuto.cli.values import read_config, read_object

if TYPE_CHECKING:
    from tenuto_dsl import Compiled

    from tenuto.cli.progress import Progress
    from tenuto.client import Client

_LOOK_S = 1.0
"""How often the run's row is looked at for what no event tells: parked by the engine."""
_PATIENCE_S = 30.0
"""How long the database may be away while a run is waited for."""
_GRACE_S = 2.0


def run(
    file: Annotated[Path, Parameter(name="FILE")],
    /,
    *,
    workflow: Annotated[str | None, Parameter(name="--workflow")] = None,
    input: Annotated[str | None, Parameter(name="--input")] = None,
    activities: Annotated[list[str] | None, Parameter(name="--activities", negative="", consume_multiple=False)] = None,
    id: Annotated[str | None, Parameter(name="--id")] = None,
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
        The workflow id. With the id of a run that is under way, that run is carried on.
    timeout
        Stop waiting after so long, 60 or 60s (exit code 6). The run goes on when somebody serves it.
    config
        A value for what the workflow declares as config: name=value; may be given again.
    """
    from tenuto.cli.compiling import compile_all, find_files, pick
    from tenuto.cli.readiness import demand_ready, load_activities

    chosen = settings()
    [path] = find_files([file])[:1] or [file]
    compiled = compile_all([path])[path]
    target = pick(compiled, workflow, path)
    given = read_object(input, "--input")
    values = read_config(config, dict(chosen.config))
    check_input(target, given, resuming=id is not None and input is None)
    registry = load_activities([*chosen.activities, *(activities or [])], [path.parent])
    demand_ready([item.program for item in compiled], registry, values)

    from tenuto.cli.progress import progress_for
    from tenuto.client import Client
    from tenuto.engine import Engine, Settings, postgres_stores
    from tenuto.logs import configure

    configure("warning")
    command = f"tenuto run {file}"
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(_database(where))
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
                _begin(client, target, given, workflow_id, progress)
                engine.hint()
                value = _wait(client, workflow_id, timeout)
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


@contextlib.contextmanager
def _database(where: Where | None) -> Iterator[str]:
    """A usable database; the embedded one is kept up meanwhile."""
    from tenuto.cli.connection import embedded, named_url, usable_url
    from tenuto.server.keeper import kept_up

    url = usable_url(where)
    if named_url(where) is not None:
        yield url
        return
    with kept_up(embedded(where)):
        yield url


def _begin(client: Client, target: Compiled, given: dict[str, Any], workflow_id: str, progress: Progress) -> None:
    """Start the run, or join the one of this id that is under way."""
    from tenuto.store.protocol import WorkflowIdTaken

    name = target.program.name
    view = client.store.view(workflow_id)
    if view is not None and not view.status.closed:
        if view.workflow != name:
            raise Stop(Exit.USAGE, f"the id {workflow_id} belongs to a run of {view.workflow}", "choose another --id")
        progress.note(f"carrying on {workflow_id}, which is under way")
        if view.parked is not None:
            client.retry(workflow_id)
        return
    try:
        client.start(name, given, id=workflow_id)
    except WorkflowIdTaken:
        progress.note(f"carrying on {workflow_id}, which is under way")
    else:
        progress.note(f"{name} {workflow_id}")


def _wait(client: Client, workflow_id: str, timeout: float | None) -> Any:
    """The run's result. Raises `Stop` for every other way in which waiting ends."""
    from tenuto.client import ResultTimeout, WorkflowFailed
    from tenuto.store.protocol import Doubt, Unreachable

    end = None if timeout is None else time.monotonic() + timeout
    answered = time.monotonic()
    while True:
        left = _LOOK_S if end is None else min(_LOOK_S, end - time.monotonic())
        try:
            try:
                return client.result(workflow_id, max(left, 0.0))
            except WorkflowFailed as failed:
                raise failure(failed) from None
            except ResultTimeout:
                pass
            view = client.store.view(workflow_id)
            answered = time.monotonic()
        except (Doubt, Unreachable) as error:
            # Nothing is in doubt: this only reads. The engine beside it reconnects as a daemon's does.
            if time.monotonic() - answered > _PATIENCE_S:
                raise Stop(
                    Exit.UNREACHABLE,
                    f"{error}; the run {workflow_id} is kept and not lost",
                    f"when the database is back: the same command with --id {workflow_id}, or let a daemon serve it",
                ) from None
            time.sleep(_LOOK_S / 4)
            view = None
        if view is not None and view.parked is not None:
            raise Stop(
                Exit.WORKFLOW_FAILED,
                f"{workflow_id} is parked: {view.parked}",
                f"nothing is lost; repair the cause, then: tenuto retry {workflow_id}",
            )
        if end is not None and time.monotonic() >= end:
            raise Stop(
                Exit.TIMEOUT,
                f"{workflow_id} has not ended within {timeout:g} s; it is kept and not lost",
                f"watch it with: tenuto show {workflow_id}",
            )


def failure(failed: Any) -> Stop:
    """The workflow's own error, as the command's."""
    message = f"{failed.workflow_id} {failed.status}: {failed.code}"
    if failed.message:
        message += f": {failed.message}"
    if failed.details:
        from tenuto.cli.terminal import cell

        message += f" {cell(failed.details)}"
    return Stop(Exit.WORKFLOW_FAILED, message)
