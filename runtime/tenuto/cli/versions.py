"""What deploying a new version means for the runs of older ones: whether they could follow, and that they stay."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from tenuto.cli.stop import Exit, Stop
from tenuto.cli.terminal import coloured, tell

if TYPE_CHECKING:
    from pathlib import Path

    from tenuto_dsl import Compiled
    from tenuto_interpreter.ir import Program

    from tenuto.client import Client


def demand_migratable(client: Client, compiled: Mapping[Path, Sequence[Compiled]]) -> None:
    """Hold what the files say of migrations to what is deployed, and to what runs are still in.

    A workflow that declares `migrate from N` promises that runs of version N can follow: mistakes in it are errors. One
    that declares nothing promises nothing; its runs stay. Raises `Stop` with the diagnostics shown on stderr.
    """
    from tenuto_dsl.diagnostics import Diagnostics
    from tenuto_dsl.migration import check_migration, declaration_of

    from tenuto.cli.compiling import render

    sink = Diagnostics()
    for file, items in compiled.items():
        for item in items:
            promised = {migration.version for migration in item.program.migrations}
            for old in _older(client, item.program) if promised else ():
                if old.version in promised:
                    check_migration(old, item.program, declaration_of(str(file), item), sink)
    found = list(dict.fromkeys(sink.items))  # two definitions of one version have the same problems
    if found:
        print(render(found, "text", colour=coloured(sys.stderr)), file=sys.stderr)  # noqa: T201
    errors = sum(item.severity == "error" for item in found)
    if errors:
        raise Stop(Exit.LINT_ERRORS, f"{errors} error{'s' if errors > 1 else ''}; nothing was started or stored")


def tell_who_stays(client: Client, program: Program) -> int:
    """Say how many runs are in older definitions and how they could follow; answers their number."""
    from tenuto_interpreter.machine.migration import plan

    census = client.store.census(program.name)
    total = 0
    for old in _older(client, program):
        count = census.get(bytes.fromhex(old.digest()), 0)
        if not count:
            continue
        total += count
        stay = f"{count} run{'s' if count > 1 else ''} of {program.name} stay{'' if count > 1 else 's'} in version"
        problem = next((problem for problem in plan(old, program).problems if problem.certain), None)
        if problem is not None:
            tell(f"{stay} {old.version} and cannot follow as it is: {problem.message}; {problem.hint}")
        else:
            command = f"tenuto migrate --workflow {program.name} --from {old.version}"
            tell(f"{stay} {old.version}; to let {'them' if count > 1 else 'it'} follow: {command}")
    return total


def _older(client: Client, program: Program) -> Iterator[Program]:
    """The other definitions that runs are in, or that are deployed now."""
    from tenuto_interpreter import ir

    deployed = client.store.definition(program.name)
    digests = [deployed.digest] if deployed is not None else []
    digests += client.store.census(program.name)
    for digest in dict.fromkeys(digests):
        if digest.hex() == program.digest():
            continue
        definition = client.store.definition_by_digest(digest)
        if definition is None:
            continue
        try:
            yield ir.Program.decode(definition.program)
        except ValueError:  # of a newer program than this one: nothing can be said of it
            continue
