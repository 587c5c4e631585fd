"""`tenuto deploy`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from tenuto.cli.options import Output, Where, output_of
from tenuto.cli.stop import usage
from tenuto.cli.terminal import tell, write_rows

if TYPE_CHECKING:
    from tenuto_interpreter import ir


def deploy(
    files: Annotated[list[Path], Parameter(negative="", name="FILE")],
    /,
    *,
    activities: Annotated[list[str] | None, Parameter(negative="", show_default=False)] = None,
    where: Where | None = None,
    output: Output | None = None,
) -> None:
    """Store workflow files in the database, for new runs to use.

    Runs under way keep the definition they began with; how many there are is said, and how they could follow. A
    `migrate from` that does not fit the version it names is an error. With --activities, functions that are annotated
    otherwise than their activities are declared are one, too. With errors, nothing is stored.

    Parameters
    ----------
    files
        Workflow files, or directories to look through.
    activities
        A module or a Python file of activities to compare with their declarations; may be given again.
    """
    from tenuto.cli.compiling import compile_all, find_files
    from tenuto.cli.connection import usable_url

    form = output_of(output)
    found = find_files(files)
    if not found:
        raise usage(f"no workflow files in {', '.join(map(str, files))}")
    compiled = compile_all(found)
    if activities:
        from tenuto.cli.readiness import demand_agreement, load_activities

        folders = list(dict.fromkeys(path.parent.resolve() for path in found))
        registry = load_activities(activities, folders)
        demand_agreement([item for items in compiled.values() for item in items], registry)

    from tenuto.cli.versions import demand_migratable, tell_who_stays
    from tenuto.client import Client

    with Client(usable_url(where)) as client:
        demand_migratable(client, compiled)
        rows = [
            {"workflow": done.workflow, "digest": done.digest, "new": done.new, "file": str(file)}
            for file, items in compiled.items()
            for done in client.deploy(items, file=str(file))
        ]
        for row, item in zip(rows, [item for items in compiled.values() for item in items], strict=True):
            row["older_runs"] = tell_who_stays(client, item.program)
    for item in [item for items in compiled.values() for item in items]:
        _tell_unbound(item.program)
        _tell_needs(item.program)
    text = [{**row, "digest": str(row["digest"])[:12], "new": "new" if row["new"] else "unchanged"} for row in rows]
    columns = (("WORKFLOW", "workflow"), ("DEFINITION", "digest"), ("", "new"), ("FILE", "file"))
    write_rows(text if form == "text" else rows, form, columns)


def _tell_needs(program: ir.Program) -> None:
    """What the file does not have and its runs need: a daemon is given these, maybe on another machine."""
    from tenuto.cli.readiness import secrets_of

    config = [declared.name for declared in program.config if declared.default is None]
    kinds = (("config", config), ("secret", list(secrets_of(program))))
    needs = [f"{kind} {', '.join(names)}" for kind, names in kinds if names]
    if needs:
        tell(f"note: {program.name}: its runs need a daemon that has {' and '.join(needs)}")


def _tell_unbound(program: ir.Program) -> None:
    """Nothing in the file says where these are, and a run waits, open, until a daemon provides them."""
    unbound = [
        each.name for each in program.activities if each.python is None and each.http is None and each.sql is None
    ]
    if unbound:
        which = f"{', '.join(unbound)} {'has' if len(unbound) == 1 else 'have'} no binding"
        tell(f"note: {program.name}: {which}: its runs wait for a daemon whose --activities provide that by name")
