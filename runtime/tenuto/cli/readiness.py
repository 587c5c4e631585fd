"""Whether workflows can run here, asked before anything is started: activities found, config complete."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenuto.cli.stop import usage

if TYPE_CHECKING:
    from tenuto_dsl import Compiled
    from tenuto_interpreter import ir

    from tenuto.activities.registry import Registry


def load_activities(sources: Sequence[str], folders: Iterable[Path]) -> Registry:
    """The registry of `--activities`, searching the workflow files' folders as well. Raises `Stop`."""
    from tenuto.activities.registry import ActivityLoadError, Registry

    registry = Registry(folders)
    for source in sources:
        try:
            registry.load(source)
        except ActivityLoadError as error:
            raise usage(str(error)) from error
    return registry


def demand_ready(
    programs: Sequence[ir.Program], registry: Registry, config: Mapping[str, Any], queues: Collection[str] | None = None
) -> None:
    """Raise `Stop` with every activity that nobody provides and every config value that is missing or wrong.

    With `queues`, activities of others need not be here.
    """
    from tenuto.engine.config import ConfigError, ConfigSource

    source = ConfigSource(config)
    problems: dict[str, None] = {}
    for program in programs:
        for problem in missing_activities(program, registry, queues):
            problems[problem] = None
        try:
            source.values(program)
        except ConfigError as error:
            problems[str(error)] = None
    try:
        source.check_known(programs)
    except ConfigError as error:
        problems[str(error)] = None
    if problems:
        lines = list(problems)
        missing = any("activit" in line for line in lines)
        raise usage(
            lines[0] if len(lines) == 1 else "this cannot run here:\n  " + "\n  ".join(lines),
            "name the module or file that provides it: --activities MODULE|FILE" if missing else "",
        )


def demand_agreement(compiled: Iterable[Compiled], registry: Registry) -> None:
    """Raise `Stop` with every activity whose function is annotated otherwise than the activity is declared."""
    from tenuto.activities.registry import ActivityLoadError
    from tenuto.types.agreement import disagreements

    problems: dict[str, None] = {}
    for item in compiled:
        types = {declared.name: declared.type for declared in item.program.types}
        for declared, span in zip(item.program.activities, item.source_map.activities, strict=True):
            if declared.http is not None or declared.sql is not None:
                continue
            try:
                function = registry.resolve(declared)
            except ActivityLoadError:
                continue  # whether somebody must provide it is asked elsewhere
            problems |= dict.fromkeys(disagreements(function, declared, types, f"{span.file}:{span.line}"))
    if problems:
        lines = list(problems)
        raise usage(
            lines[0] if len(lines) == 1 else "functions disagree with their declarations:\n  " + "\n  ".join(lines),
            "change one of both; what is not annotated, or Any, agrees with everything",
        )


def secrets_of(program: ir.Program) -> dict[str, list[str]]:
    """The secrets whose names the file says, each with the activities that read it."""
    found: dict[str, list[str]] = {}
    for declared in program.activities:
        http = declared.http
        if http is None:
            continue
        for e in (http.url, http.body, *(value for _, value in http.headers)):
            for name in _secrets_in(program.expressions[e]) if e is not None else ():
                users = found.setdefault(name, [])
                if declared.name not in users:
                    users.append(declared.name)
    return found


def _secrets_in(expression: Any) -> list[str]:
    found: list[str] = []
    pending = [expression]
    while pending:
        node = pending.pop()
        if not isinstance(node, tuple):
            continue
        match node:
            case ("do", "secret", ("const", str(name))):
                found.append(name)
            case _:
                pending.extend(node)
    return found


def tell_missing_secrets(programs: Iterable[ir.Program]) -> None:
    """Say which secrets are not here, before an attempt that needs one cannot begin and parks its run."""
    from tenuto.activities.errors import ActivityFault
    from tenuto.activities.secrets import Secrets
    from tenuto.cli.terminal import tell

    secrets = Secrets()
    users: dict[str, dict[str, None]] = {}
    for program in programs:
        for name, activities in secrets_of(program).items():
            users.setdefault(name, {}).update(dict.fromkeys(activities))
    for name, needing in users.items():
        try:
            secrets.get(name)
        except ActivityFault as fault:
            tell(f"note: {', '.join(needing)} cannot begin: {fault}")


def missing_activities(program: ir.Program, registry: Registry, queues: Collection[str] | None = None) -> list[str]:
    """What nobody provides of the activities that are to begin here, one line each."""
    from tenuto_interpreter.expr import constant

    from tenuto.activities.registry import ActivityLoadError
    from tenuto.engine.queues import Queues

    served = Queues(queues)
    constants = {index: value for index, (known, value) in enumerate(map(constant, program.expressions)) if known}
    problems = []
    for index, declared in enumerate(program.activities):
        if declared.http is not None or declared.sql is not None or not served.needs(program, constants, index):
            continue
        try:
            registry.resolve(declared)
        except ActivityLoadError as error:
            problems.append(str(error))
    return problems
