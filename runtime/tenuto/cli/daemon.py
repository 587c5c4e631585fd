"""`tenuto daemon`: engines that run workflows until told to stop."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from tenuto.cli.options import Where, settings
from tenuto.cli.stop import usage
from tenuto.cli.terminal import tell
from tenuto.cli.values import read_config

if TYPE_CHECKING:
    from tenuto_interpreter import ir

    from tenuto.activities.registry import Registry
    from tenuto.client import Client

LogFormat = Literal["text", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]


def daemon(
    *,
    workflows: Annotated[list[Path] | None, Parameter(name="--workflows", negative="", consume_multiple=False)] = None,
    activities: Annotated[list[str] | None, Parameter(name="--activities", negative="", consume_multiple=False)] = None,
    queue: Annotated[list[str] | None, Parameter(name="--queue", negative="", consume_multiple=False)] = None,
    processes: Annotated[int | None, Parameter(name="--processes", show_default=False)] = None,
    config: Annotated[list[str] | None, Parameter(name="--config", negative="", consume_multiple=False)] = None,
    grace: Annotated[float, Parameter(name="--grace")] = 25.0,
    log_format: Annotated[LogFormat | None, Parameter(name="--log-format", show_default=False)] = None,
    log_level: Annotated[LogLevel | None, Parameter(name="--log-level", show_default=False)] = None,
    where: Where | None = None,
) -> int:
    """Run workflows until told to stop.

    Any number of daemons share one database. SIGTERM (or Ctrl-C) drains: nothing new is begun, activities in flight may
    finish, everything else is given back. A second one stops at once. Neither loses anything.

    Parameters
    ----------
    workflows
        A workflow file, or a directory of them, to deploy at the start; may be given again.
    activities
        A module or a Python file that provides activities; may be given again.
    queue
        Begin only activities of this queue, "default" for those without one; may be given again. If not given, of all
        queues.
    processes
        How many engine processes; 1 if not given. One is restarted when it crashes.
    config
        A value for what workflows declare as config: name=value; may be given again.
    grace
        How long a drain waits for activities in flight, in seconds.
    log_format
        text or json; also TENUTO_LOG_FORMAT.
    log_level
        debug, info, warning or error; also TENUTO_LOG_LEVEL.
    """
    from tenuto.cli.compiling import compile_all, find_files
    from tenuto.cli.readiness import demand_agreement, demand_ready, load_activities, tell_missing_secrets

    chosen = settings()
    count = processes if processes is not None else chosen.processes or 1
    if count < 1:
        raise usage("--processes: a whole number from 1 is expected")
    if queue is not None and not all(name.strip() for name in queue):
        raise usage('--queue: a queue has a name; "default" is that of activities without one')
    roots = [*chosen.workflows, *(workflows or [])]
    files = find_files(roots)
    compiled = compile_all(files)
    programs = [item.program for items in compiled.values() for item in items]
    sources = [*chosen.activities, *(activities or [])]
    values = read_config(config, dict(chosen.config))
    folders = list(dict.fromkeys(file.parent.resolve() for file in files))
    registry = load_activities(sources, folders)
    if programs:
        demand_ready(programs, registry, values, queue)
        demand_agreement([item for items in compiled.values() for item in items], registry)
        tell_missing_secrets(programs)

    from tenuto.cli.connection import embedded, named_url, usable_url
    from tenuto.cli.versions import demand_migratable, tell_who_stays
    from tenuto.client import Client
    from tenuto.engine.settings import Settings
    from tenuto.server.keeper import kept_up

    url = usable_url(where)
    with Client(url) as client:
        demand_migratable(client, compiled)
        for file, items in compiled.items():
            for done in client.deploy(items, file=str(file)):
                tell(f"{'deployed' if done.new else 'unchanged'} {done.workflow} {done.digest[:12]} ({file})")
        for program in programs:
            tell_who_stays(client, program)
        _warn_of_others(client, {program.name for program in programs}, registry, queue)

    os.environ |= {
        name: value for name, value in (("TENUTO_LOG_FORMAT", log_format), ("TENUTO_LOG_LEVEL", log_level)) if value
    }
    from tenuto.engine.serving import Spec

    spec = Spec(
        dsn=url,
        activities=tuple(str(Path(source).resolve()) if Path(source).is_file() else source for source in sources),
        folders=tuple(map(str, folders)),
        config=values,
        queues=None if queue is None else tuple(queue),
        check=False,  # done above, for what this daemon was given; others may serve the rest
        settings=Settings(grace_s=grace),
    )
    with contextlib.ExitStack() as stack:
        if named_url(where) is None:
            stack.enter_context(kept_up(embedded(where)))
        return _serve(spec, count)


def _serve(spec: object, count: int) -> int:
    from tenuto.engine.processes import Supervisor
    from tenuto.engine.serving import Spec, serve
    from tenuto.logs import configure

    assert isinstance(spec, Spec)
    configure()

    def ready() -> None:
        tell(f"serving with {count} engine process{'es' if count > 1 else ''}; stop with SIGTERM or Ctrl-C")

    if count == 1:
        return serve(spec, ready=ready, tell=tell)
    return Supervisor(spec, count, tell).run(ready)


def _warn_of_others(client: Client, given: set[str], registry: Registry, queue: list[str] | None) -> None:
    """Workflows deployed earlier run here too: say which of them are left to other daemons for want of activities."""
    from tenuto.cli.readiness import missing_activities

    for name in client.store.workflows():
        if name in given:
            continue
        program: ir.Program = client.program(name)
        problems = missing_activities(program, registry, queue)
        if problems:
            tell(f"note: {name} is deployed too; its runs are left to other daemons: {problems[0]}")
