"""Everybody else's face of the in-memory store."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tenuto.store.memory.tables import Tables, check_text
from tenuto.store.protocol import (
    ORDERS,
    Definition,
    HistoryRow,
    NewRun,
    News,
    NotFound,
    Rejected,
    RunClosed,
    RunKey,
    RunView,
    Status,
    WorkflowIdTaken,
    WorkflowIdUsed,
)

if TYPE_CHECKING:
    from tenuto_dsl.filters import Filter

_MIGRATIONS = (b'["migrated"', b'["current"', b'["refused"')
"""How the answers to orders to migrate begin."""


class MemoryClient:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    # -- definitions

    def deploy(self, definition: Definition) -> bool:
        tables = self._tables
        with tables.changed:
            if definition.digest not in tables.definitions:
                versions = [d.version for d in tables.definitions.values() if d.workflow == definition.workflow]
                tables.definitions[definition.digest] = replace(definition, version=max(versions, default=0) + 1)
            if tables.deployed.get(definition.workflow) == definition.digest:
                return False
            tables.deployed[definition.workflow] = definition.digest
            return True

    def definition(self, workflow: str) -> Definition | None:
        with self._tables.changed:
            return self._tables.definitions.get(self._tables.deployed.get(workflow, b""))

    def definition_by_digest(self, digest: bytes) -> Definition | None:
        with self._tables.changed:
            return self._tables.definitions.get(digest)

    def definitions(self, workflow: str) -> list[Definition]:
        with self._tables.changed:
            found = [d for d in self._tables.definitions.values() if d.workflow == workflow]
        return sorted(found, key=lambda definition: -definition.version)

    def census(self, workflow: str) -> dict[bytes, int]:
        with self._tables.changed:
            rows = (row.view for row in self._tables.runs.values())
            return dict(Counter(v.definition for v in rows if v.workflow == workflow and not v.status.closed))

    def workflows(self) -> list[str]:
        with self._tables.changed:
            return sorted(self._tables.deployed)

    # -- writing

    def start(
        self, run: NewRun, *, request: str | None = None, reuse: str = "allow", conflict: str = "fail"
    ) -> tuple[RunKey, bool]:
        assert reuse in ("allow", "reject", "if_failed")
        assert conflict in ("fail", "use")
        tables = self._tables
        check_text(run.workflow_id, run.workflow, request or "")
        with tables.changed:
            if request is not None and (run.workflow_id, request) in tables.requests:
                known = tables.requests[run.workflow_id, request][0]
                if known is None:
                    raise Rejected(f"the request id {request!r} of {run.workflow_id!r} was used for something else")
                return known, False
            if run.key in tables.runs:
                return run.key, False
            if run.workflow_id in tables.holder:
                holder = tables.holder[run.workflow_id]
                if conflict == "use":
                    if request is not None:
                        tables.requests[run.workflow_id, request] = (holder, None)
                    return holder, False
                raise WorkflowIdTaken(run.workflow_id, holder, f"workflow id {run.workflow_id} is taken")
            earlier = tables.by_workflow.get(run.workflow_id)
            if earlier and reuse != "allow":
                last = tables.runs[earlier[-1]].view
                if reuse == "reject" or last.status == Status.COMPLETED:
                    raise WorkflowIdUsed(run.workflow_id, last.key, f"workflow id {run.workflow_id} was used before")
            tables.insert_run(run)
            if request is not None:
                tables.requests[run.workflow_id, request] = (run.key, None)
            tables.hint(news=True)
            return run.key, True

    def start_many(self, runs: Sequence[NewRun]) -> list[RunKey]:
        with self._tables.changed:
            for run in runs:
                check_text(run.workflow_id, run.workflow)
            made = [run.key for run in runs if self._tables.insert_run(run)]
            self._tables.hint(news=bool(made))
        return made

    def post(self, workflow_id: str, kind: int, payload: bytes, *, request: str | None = None) -> bool:
        tables = self._tables
        check_text(workflow_id, request or "")
        with tables.changed:
            if request is not None and (workflow_id, request) in tables.requests:
                return False
            key = tables.holder.get(workflow_id)
            if key is None or not tables.takes_news(key):
                earlier = tables.by_workflow.get(workflow_id)
                if not earlier:
                    raise NotFound(workflow_id)
                raise RunClosed(workflow_id, tables.runs[earlier[-1]].view.status)
            if request is not None:
                tables.requests[workflow_id, request] = (None, None)
                tables.posted_at[workflow_id, request] = tables.clock()
            tables.put_news(key, kind, request if request is not None else uuid.uuid4().hex, payload)
            row = tables.runs[key]
            if kind in ORDERS and row.view.status == Status.PARKED and row.view.owner is None and row.view.strikes:
                row.view.strikes = 0  # an operator's pardon
                tables.wake_at(row, tables.clock())
            tables.hint(news=True)
            return True

    # -- reading

    def view(
        self, workflow_id: str | None = None, *, key: RunKey | None = None, run_id: bytes | None = None
    ) -> RunView | None:
        tables = self._tables
        with tables.changed:
            if key is None and run_id is not None:
                key = next((k for k in tables.runs if k.run_id == run_id), None)
            elif key is None and workflow_id is not None:
                key = tables.holder.get(workflow_id) or next(reversed(tables.by_workflow.get(workflow_id, [])), None)
            elif key is None:
                raise TypeError("a workflow id, a key or a run id is needed")
            row = tables.runs.get(key) if key is not None else None
            return replace(row.view) if row else None

    def runs(
        self, *, status: Sequence[Status] = (), workflow: str | None = None, prefix: str | None = None,
        filter: Filter | None = None, limit: int = 100, before: bytes | None = None,
    ) -> list[RunView]:  # fmt: skip
        with self._tables.changed:
            views = [
                replace(row.view)
                for row in self._tables.runs.values()
                if (not status or row.view.status in status)
                and (workflow is None or row.view.workflow == workflow)
                and (prefix is None or row.view.workflow_id.startswith(prefix))
                and (before is None or row.view.key.run_id < before)
            ]
        if filter is not None:
            from tenuto.store.filters import values_of  # with the language: only who filters needs it

            views = [view for view in views if filter.matches(values_of(view, filter.names))]
        return sorted(views, key=lambda view: view.key.run_id, reverse=True)[:limit]

    def history(self, key: RunKey, *, after: int = 0, limit: int = 1000) -> list[HistoryRow]:
        with self._tables.changed:
            row = self._tables.runs.get(key)
            return [replace(event) for event in row.history[after : after + limit]] if row else []

    def unread(self, key: RunKey) -> list[News]:
        with self._tables.changed:
            row = self._tables.runs.get(key)
            return list(row.inbox.values()) if row else []

    def answer(self, workflow_id: str, request: str) -> bytes | None:
        with self._tables.changed:
            return self._tables.requests.get((workflow_id, request), (None, None))[1]

    def last_migration(self, workflow_id: str, since: int) -> bytes | None:
        with self._tables.changed:
            found = None
            for (id_, request), (_, outcome) in self._tables.requests.items():
                ours = id_ == workflow_id and outcome is not None and outcome.startswith(_MIGRATIONS)
                if ours and self._tables.posted_at.get((id_, request), 0) >= since:
                    found = outcome
            return found

    def outcomes(self, keys: Sequence[RunKey]) -> dict[RunKey, tuple[Status, bytes | None]]:
        with self._tables.changed:
            rows = [self._tables.runs[key].view for key in keys if key in self._tables.runs]
            return {run.key: (run.status, run.outcome) for run in rows if run.status.closed}

    def open_children(self, key: RunKey) -> dict[int, str]:
        with self._tables.changed:
            return {
                row.parent_op: row.view.workflow_id
                for row in self._tables.runs.values()
                if row.view.parent == key and row.parent_op is not None and not row.view.status.closed
            }

    def last_of_chain(self, key: RunKey) -> RunKey | None:
        tables = self._tables
        with tables.changed:
            run = tables.runs[key]
            later = reversed(tables.by_workflow[run.view.workflow_id])
            last = next(other for other in later if tables.runs[other].first == run.first)
            return None if last == run.first else last

    def listen(self, timeout: float) -> bool:
        tables = self._tables
        with tables.changed:
            before = tables.closed_hints
            return tables.changed.wait_for(lambda: tables.closed_hints != before, timeout)

    def now(self) -> int:
        return self._tables.clock()

    def close(self) -> None:
        pass
