"""`tenuto migrate`: runs go on in another version of their workflow, one, or all that a filter finds."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from tenuto.cli.once import Request, once
from tenuto.cli.options import Output, Timeout, Where, output_of
from tenuto.cli.stop import Exit, Stop, usage
from tenuto.cli.terminal import tell, write_rows

if TYPE_CHECKING:
    from tenuto.client import Client
    from tenuto.client.migrating import Order, Target
    from tenuto.store.protocol import RunView

_BATCH = 200
"""Orders that are out at the same time."""
_DIGITS = 6
"""So many digits or more are the beginning of a digest, fewer a version."""
_LOOK_S = 0.05

Row = dict[str, Any]


def migrate(
    id: Annotated[str | None, Parameter(name="ID")] = None,
    /,
    *,
    workflow: Annotated[str | None, Parameter(name="--workflow")] = None,
    from_: Annotated[int | None, Parameter(name="--from")] = None,
    filter: Annotated[str | None, Parameter(name="--filter")] = None,
    to: Annotated[str | None, Parameter(name="--to")] = None,
    dry_run: Annotated[bool, Parameter(name="--dry-run", negative="")] = False,
    yes: Annotated[bool, Parameter(name="--yes", negative="")] = False,
    request_id: Request = None,
    timeout: Timeout = 30.0,
    where: Where | None = None,
    output: Output | None = None,
) -> None:
    """Let a run, or many, go on in another version of their workflow.

    The engine that has a run migrates it, so a daemon has to run. A run that cannot be migrated where it is stays as
    it was, and the reason is printed. Exit code 1 when there was one.

    Parameters
    ----------
    id
        The workflow id, or a run id.
    workflow
        Instead of an id: all runs of this workflow that have not ended and are in another version.
    from_
        With --workflow, only runs of this version.
    filter
        With --workflow, only runs for which this expression is true, as in `tenuto list`.
    to
        The version, or the beginning of the digest, to go on in; without it, the one that new runs use.
    dry_run
        Only say what would happen to each run, by its stored state.
    yes
        With --workflow, don't ask.
    request_id
        A name for this request: sent again, it answers the same and does nothing more.
    timeout
        How long to wait for the answers to one batch, 60 or 60s (exit code 6).
    """
    from tenuto.cli.connection import usable_url
    from tenuto.client import Client

    if (id is None) == (workflow is None):
        raise usage("name either a run, or --workflow")
    if id is not None and (from_ is not None or filter is not None):
        raise usage("--from and --filter choose among the runs of a --workflow")
    form = output_of(output)
    with Client(usable_url(where)) as client:
        views = [client.view(id)] if id is not None else None
        name = views[0].workflow if views is not None else str(workflow)
        target = client.target(name, _version(to))
        chosen = iter([views]) if views is not None else _chosen(client, target, from_, filter)
        if dry_run:
            columns = (("ID", "workflow_id"), ("FROM", "from"), ("TO", "to"), ("STATES", "states"), ("", "remark"))
            write_rows(_previews(client, chosen, target, words=form == "text"), form, columns)
            return
        if views is None and not yes:
            _ask(client, target, filtered=from_ is not None or filter is not None)
        columns = (("ID", "workflow_id"), ("FROM", "from"), ("TO", "to"), ("OUTCOME", "outcome"), ("", "reason"))
        with once(request_id) as request:
            done = _Done(client, target, request, timeout)
            write_rows(done.all(chosen), form, columns)
    done.conclude()


def _version(text: str | None) -> int | str | None:
    return int(text) if text is not None and text.isdecimal() and len(text) < _DIGITS else text


def _chosen(client: Client, target: Target, from_: int | None, filter: str | None) -> Iterator[list[RunView]]:
    """The runs that are meant, newest first, batch by batch."""
    from tenuto.cli.filters import refused
    from tenuto.client import BadFilter
    from tenuto.client.migrating import versions
    from tenuto.store.ids import run_id_text
    from tenuto.store.protocol import Status

    known = versions(client.store, target.workflow)
    if from_ is not None and from_ not in known.values():
        there = ", ".join(sorted({str(version) for version in known.values()}))
        raise Stop(Exit.NOT_FOUND, f"{target.workflow} has no deployed version {from_}; there are {there}")
    before = None
    while True:
        try:
            page = client.list(
                status=(Status.OPEN, Status.PARKED), workflow=target.workflow, filter=filter, limit=_BATCH,
                before=before,
            )  # fmt: skip
        except BadFilter as error:
            raise refused(error, filter or "") from None
        meant = [v for v in page if v.definition != target.digest and from_ in (None, known.get(v.definition))]
        if meant:
            yield meant
        if len(page) < _BATCH:
            return
        before = run_id_text(page[-1].key.run_id)


def _ask(client: Client, target: Target, *, filtered: bool) -> None:
    found = client.store.census(target.workflow)
    count = sum(number for digest, number in found.items() if digest != target.digest)
    most = "up to " if filtered else ""
    question = f"migrate {most}{count} run{'' if count == 1 else 's'} of {target.workflow} to version {target.version}?"
    if not sys.stdin.isatty():
        raise usage(f"{question} Say --yes", "look first with --dry-run")
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)  # noqa: T201
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Stop(Exit.USAGE, "nothing was done")


# -- what would happen ---------------------------------------------------------------------------------------------


def _previews(client: Client, chosen: Iterator[list[RunView]], target: Target, *, words: bool) -> Iterator[Row]:
    from tenuto.client import Unreadable
    from tenuto.client.migrating import versions

    known = versions(client.store, target.workflow)
    for views in chosen:
        for view in views:
            row: Row = {
                "workflow_id": view.workflow_id, "from": known.get(view.definition), "to": target.version, "before": [],
                "after": [], "restarts": [], "stops": [], "refused": None,
            }  # fmt: skip
            if view.definition == target.digest:
                row["remark"] = "is in it already"
            else:
                try:
                    found = client.preview(view, target)
                except Unreadable as error:
                    row["refused"] = str(error)
                else:
                    row |= {"before": found.before, "after": found.after, "restarts": found.restarts}
                    row |= {"stops": found.stops, "refused": found.refused}
            yield _in_words(row) if words else row


def _in_words(row: Row) -> Row:
    arrow = f" -> {', '.join(row['after'])}" if row["after"] and row["after"] != row["before"] else ""
    remarks = [f"begins again: {place}" for place in row["restarts"]] + [f"is stopped: {p}" for p in row["stops"]]
    if row["refused"] is not None:
        remarks = [f"refused: {row['refused']}"]
    return {"remark": "; ".join(remarks), **row, "states": ", ".join(row["before"]) + arrow}


# -- what happens --------------------------------------------------------------------------------------------------


class _Done:
    """Sends the orders of a batch and waits for their answers, batch by batch, and counts."""

    def __init__(self, client: Client, target: Target, request: str, timeout: float | None) -> None:
        self._client = client
        self._target = target
        self._request = request
        self._timeout = timeout
        self._counts = {"migrated": 0, "current": 0, "refused": 0, "ended": 0, "asked": 0}

    def all(self, chosen: Iterator[list[RunView]]) -> Iterator[Row]:
        from tenuto.client.migrating import versions

        known = versions(self._client.store, self._target.workflow)
        for views in chosen:
            answered = 0
            for order, outcome, reason in self._batch(views):
                answered += outcome != "asked"
                self._counts[outcome] += 1
                yield {
                    "workflow_id": order.view.workflow_id, "from": known.get(order.view.definition),
                    "to": self._target.version, "outcome": outcome, "reason": reason,
                }  # fmt: skip
            if not answered:
                return  # nobody is there: don't fill the inboxes

    def _batch(self, views: Sequence[RunView]) -> Iterator[tuple[Order, str, str]]:
        from tenuto.client.migrating import Order
        from tenuto.store.protocol import RunClosed

        store = self._client.store
        waiting: list[Order] = []
        for view in views:
            order = Order(view, self._target, self._request)
            try:
                order.send(store)
            except RunClosed:
                if len(views) == 1 and view.status.closed:
                    raise
                yield order, "ended", ""
            else:
                waiting.append(order)
        end = None if self._timeout is None else time.monotonic() + self._timeout
        while waiting:
            left: list[Order] = []
            for order in waiting:
                try:
                    done = order.outcome(store)
                except RunClosed:
                    yield order, "ended", ""
                    continue
                if done is None:
                    left.append(order)
                else:
                    yield order, done.outcome, done.reason
            waiting = left
            if end is not None and time.monotonic() >= end:
                break
            if waiting:
                time.sleep(_LOOK_S)
        for order in waiting:
            yield order, "asked", ""

    def conclude(self) -> None:
        """Say how it went. Raises `Stop` unless all went well."""
        said = {"migrated": "migrated", "current": "in it already", "refused": "refused", "ended": "ended meanwhile"}
        parts = [f"{self._counts[kind]} {word}" for kind, word in said.items() if self._counts[kind]]
        tell(", ".join(parts) or ("no run to migrate" if not self._counts["asked"] else "nothing is done yet"))
        if self._counts["asked"]:
            raise Stop(
                Exit.TIMEOUT,
                f"{self._counts['asked']} not answered within {self._timeout:g} s; the orders wait for an engine",
                f"see that a daemon runs; for their answers, repeat this with --request-id {self._request}",
            )
        if self._counts["refused"]:
            raise Stop(
                Exit.WORKFLOW_FAILED,
                f"{self._counts['refused']} refused: what is refused stays as it was",
                "another moment may do, when the run has gone on; `tenuto show ID` repeats the reason",
            )
