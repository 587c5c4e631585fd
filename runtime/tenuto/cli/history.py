"""`tenuto history`: what happened to a run, and what it made of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from tenuto.cli.options import Output, Unmasked, Where, output_of
from tenuto.cli.terminal import moment, paint, tell, write, write_rows

if TYPE_CHECKING:
    from tenuto_interpreter.ir import Program
    from tenuto_interpreter.machine import Executable

    from tenuto.cli.steps import Line
    from tenuto.client import Client

_PAGE = 500
_STYLES = {"good": "green", "bad": "red", "quiet": "dim", "state": "cyan"}


def history(
    id: Annotated[str, Parameter(name="ID")],
    /,
    *,
    after: Annotated[int, Parameter(name="--after")] = 0,
    limit: Annotated[int | None, Parameter(name="--limit")] = None,
    unmasked: Unmasked = False,
    where: Where | None = None,
    output: Output | None = None,
) -> None:
    """Show what happened to a run, event by event, oldest first.

    Below each event stands what the run made of it: transitions it took, states it left and is in now, calls and their
    attempts, children with their ids. History records events only; the rest is found by replaying them, so it is shown
    even for runs of long ago. Timers have the names of what they were set for. Json and jsonl have the recorded events
    and commands as they are.

    Parameters
    ----------
    id
        The workflow id, or a run id.
    after
        Only events after this sequence number.
    limit
        At most so many.
    unmasked
        Show what is declared sensitive, too.
    """
    from tenuto.cli.connection import usable_url
    from tenuto.client import Client

    form = output_of(output)
    with Client(usable_url(where)) as client:
        rows = _rows(client, id, after, limit, words=form == "text", unmasked=unmasked)
        if form == "text":
            _write(rows)
        else:
            write_rows(rows, form, ())


def _write(rows: Iterator[dict[str, Any]]) -> None:
    """A line for each event under the day it happened on, and below it, indented, what followed."""
    day = ""
    for row in rows:
        date, _, time = row["at"].partition("T")
        if date != day:
            day = date
            write(paint(f"{date} UTC", "bold", sys.stdout))
        head = f"{row['seq']:>6}  {time.rstrip('Z')}  "
        write(paint(head, "dim", sys.stdout) + _painted(row["told"]))
        for line in row["then"]:
            write(" " * (len(head) + 2) + _painted(line))


def _painted(line: Line) -> str:
    style = _STYLES.get(line.tone)
    return paint(line.text, style, sys.stdout) if style else line.text


def _rows(
    client: Client, id_: str, after: int, limit: int | None, *, words: bool, unmasked: bool
) -> Iterator[dict[str, Any]]:
    """Page by page, so that a long history needs no memory.

    It is read from its beginning even when only its end is shown: that has the names of operations, what is secret,
    and in which states the run was.
    """
    from tenuto_interpreter.events import Migrated
    from tenuto_interpreter.machine.masking import Masker

    from tenuto.cli.between import Between
    from tenuto.cli.steps import Line, Narrator, as_data

    view = client.view(id_)
    program = client.definition(view.origin or view.definition)
    narrator = Narrator(program)
    between = Between(_executable(program) if words else None, lambda digest: _found(client, digest))
    masker = None if unmasked else Masker(program, lambda name: _latest(client, name))
    seen = shown = 0
    while limit is None or shown < limit:
        page = client.history(id_, after=seen, limit=_PAGE)
        for entry in page:
            if between.follows and entry.kind == "step" and (entry.event is None or (seen == 0 and entry.seq > 1)):
                between.give_up()
                tell("the beginning of this history is gone, or unreadable here: states and timers have no names")
            seen = entry.seq
            event, commands = entry.event, entry.commands
            if isinstance(event, Migrated):
                program = client.definition(bytes.fromhex(event.definition))
                narrator.follow(program)
                if masker is not None:
                    masker.follow(program)
            timer = between.timer(event, narrator.name) if event is not None else ""
            changes = list(between.take(event, narrator.name)) if event is not None else []
            if masker is not None:
                event = None if event is None else masker.event(event)
                commands = masker.commands(commands)
            if event is not None:
                told = narrator.event(event, timer, values=True)
            else:
                told = Line(f"{entry.kind} {entry.message}".strip())
            then = list(narrator.commands(commands))
            if seen <= after or shown == limit:
                continue
            shown += 1
            row: dict[str, Any] = {"seq": seen, "at": moment(entry.at)}
            if words:
                yield row | {"told": told, "then": [*changes, *then]}
            else:
                data = as_data(event) if event is not None else None
                rest = {"commands": [as_data(command) for command in commands], "message": entry.message}
                yield row | {"kind": entry.kind, "event": data, **rest}
        if len(page) < _PAGE:
            return


def _executable(program: Program | None) -> Executable | None:
    from tenuto_interpreter.machine import Executable

    return None if program is None else Executable(program)


def _found(client: Client, digest: str) -> Executable:
    found = _executable(client.definition(bytes.fromhex(digest)))
    if found is None:
        raise LookupError(digest)
    return found


def _latest(client: Client, workflow: str) -> Program | None:
    definition = client.store.definition(workflow)
    return None if definition is None else client.definition(definition.digest)
