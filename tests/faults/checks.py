"""The oracle: compares what clients were told, what activities did, and what the database says.

`Oracle.glance` holds at any moment of the storm; `Oracle.verdict` once nothing moves.
"""

from __future__ import annotations

import importlib.util
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from tenuto.store.ids import shard_of
from tenuto.store.postgres import PostgresClient
from tenuto.store.protocol import HistoryRow, RunKey, RunView, Status
from tenuto_interpreter import codec
from tenuto_interpreter.ir import Program
from tenuto_interpreter.machine import Executable

from tests.faults import audit, rounds
from tests.faults.ledger import Reader
from tests.faults.replay import Replayed, replay
from tests.faults.workload import CHILD, PARENT

_WHERE = """
select x.request,
  exists (select from tenuto.run r join tenuto.history h on h.shard = r.shard and h.run_id = r.run_id
          where r.shard = x.shard and r.workflow_id = x.workflow_id
            and (h.ref = x.request or position(convert_to('"' || x.request || '"', 'UTF8') in h.payload) > 0)),
  exists (select from tenuto.run r join tenuto.inbox i on i.shard = r.shard and i.run_id = r.run_id
          where r.shard = x.shard and r.workflow_id = x.workflow_id and i.ref = x.request)
from unnest(%s::smallint[], %s::text[], %s::text[]) x (shard, workflow_id, request)
"""
"""One statement, one snapshot: a message moves from the inbox to history within one transaction."""


@dataclass
class Told:
    """What the store has answered to a request, all repetitions together."""

    workflow_id: str
    kind: str
    answers: set[str] = field(default_factory=set)

    @property
    def acknowledged(self) -> bool:
        return bool(self.answers & {"accepted", "repeated"})


class Oracle:
    """`folder` holds the files that clients and activities write."""

    def __init__(self, dsn: str, folder: Path) -> None:
        self._dsn = dsn
        self._folder = folder
        self._rounds: Counter[str] = Counter()
        self._acks = Reader(folder / "acks")
        self._acts = Reader(folder / "ledger")
        self.started: set[str] = set()
        self.requests: dict[str, Told] = {}
        self.orders: dict[str, Told] = {}
        """Orders to migrate, by their request"""
        self._unsettled: set[str] = set()
        self.begun: dict[tuple[str, int], list[str]] = defaultdict(list)
        """(idempotency key, attempt) -> processes that began it"""
        self.ended: set[tuple[str, int]] = set()
        self.figures: dict[str, Any] = {}

    def glance(self) -> list[str]:
        """Violations visible right now."""
        self._read()
        problems = [f"I6 attempt {what} started twice" for what, pids in self.begun.items() if len(pids) > 1]
        with psycopg.connect(self._dsn, autocommit=True, application_name="harness") as connection:
            problems += audit.at_any_time(connection)
            problems += self._lost(connection)
        return problems

    def verdict(self) -> list[str]:
        """Every violation, with nothing under way any more."""
        problems = self.glance()
        with psycopg.connect(self._dsn, autocommit=True, application_name="harness") as connection:
            problems += audit.at_rest(connection)
            self.figures["lanes_reaped"] = _one(connection, "select count(*) from audit.reaped")
        client = PostgresClient(self._dsn, name="harness")
        try:
            everything = _all_runs(client)
            views = {view.workflow_id: Seen(view) for view in everything if view.workflow in (PARENT, CHILD)}
            programs: dict[bytes, Executable] = {}

            def executable(digest: bytes) -> Executable:
                if digest not in programs:
                    definition = client.definition_by_digest(digest)
                    assert definition is not None
                    programs[digest] = Executable(Program.decode(definition.program))
                return programs[digest]

            histories = {view.key.run_id: replay(view, _history(client, view.key), executable) for view in everything}
            problems += self._migrations(client, views, histories)
            found, self._rounds = rounds.verify(client, self._dsn, self._folder, everything, histories)
            problems += found
        finally:
            client.close()
        for found in histories.values():
            problems += found.problems
        problems += self._orphans(everything)
        problems += self._messages(views, histories)
        problems += self._activities(histories)
        problems += _children(views, histories)
        problems += _doctor(self._dsn)
        self._count(histories, everything)
        return problems

    # -- what the files say

    def _read(self) -> None:
        for words in self._acks:
            if words[0] == "start":
                self.started.add(words[1])
            else:
                fact, workflow_id, request, kind, answer = words
                requests = self.orders if fact == "order" else self.requests
                told = requests.setdefault(request, Told(workflow_id, kind))
                told.answers.add(answer)
                if fact == "message" and told.acknowledged and answer != "closed":
                    self._unsettled.add(request)
        for fact, key, attempt, pid, _step in self._acts:
            if fact == "start":
                self.begun[(key, int(attempt))].append(pid)
            elif fact == "end":
                self.ended.add((key, int(attempt)))

    # -- I4

    def _lost(self, connection: psycopg.Connection) -> list[str]:
        """Acknowledged messages that are neither in the inbox nor in history."""
        requests = list(self._unsettled)
        ids = [self.requests[request].workflow_id for request in requests]
        shards = [shard_of(id_) for id_ in ids]
        problems = []
        for request, in_history, in_inbox in connection.execute(_WHERE, [shards, ids, requests]):
            if in_history:
                self._unsettled.discard(request)
            elif not in_inbox:
                problems.append(f"I4 acknowledged message {request} is lost")
        return problems

    def _messages(self, views: dict[str, Seen], histories: dict[bytes, Replayed]) -> list[str]:
        problems = [f"I4 acknowledged start of {id_} is lost" for id_ in self.started if id_ not in views]
        for request, told in self.requests.items():
            seen = views.get(told.workflow_id)
            times = histories[seen.run_id].messages[request] if seen is not None else 0
            if told.acknowledged and times != 1:
                problems.append(f"I4 acknowledged {told.kind} {request} is in history {times} times")
            elif not told.acknowledged and times:
                problems.append(f"I4 refused {told.kind} {request} is in history")
        return problems

    def _migrations(
        self, client: PostgresClient, views: dict[str, Seen], histories: dict[bytes, Replayed]
    ) -> Iterator[str]:
        """Every acknowledged order is answered, or was left when the run ended; and what is told has happened."""
        told: Counter[str] = Counter()
        for request, order in self.orders.items():
            if not order.acknowledged:
                continue
            answer = client.answer(order.workflow_id, request)
            kind = codec.decode(answer)[0] if answer is not None else "none"
            unread = histories[views[order.workflow_id].run_id].messages[request]
            if (kind in ("migrated", "current")) == bool(unread) or kind == "refused":
                yield f"I4 acknowledged order {request} is answered {kind} and was left {unread} times"
            told[order.workflow_id] += kind == "migrated"
        for id_, seen in views.items():
            if histories[seen.run_id].migrated != told[id_]:
                yield f"I2 {id_} was migrated {histories[seen.run_id].migrated} times, {told[id_]} are told"
        self.figures["migrations"] = sum(told.values())

    # -- I3, I6

    @staticmethod
    def _orphans(views: Iterable[RunView]) -> list[str]:
        return [
            f"I3 orphan: {view.workflow_id} is {view.status.name}, owner {view.owner}, ready at {view.ready_at}, "
            f"{view.strikes} strikes, {view.parked or ''} in {view.states!r}"
            for view in views
            if not view.status.closed
        ]

    def _activities(self, histories: dict[bytes, Replayed]) -> list[str]:
        problems = []
        by_run = {found.snapshot.run_id: found for found in histories.values()}
        for key, attempt in self.begun:
            run_id, _, op = key.rpartition(":")
            found = by_run.get(run_id)
            if found is None or (int(op), attempt) not in found.scheduled:
                problems.append(f"I6 attempt {key} {attempt} started before its commit")
        for run_id, found in by_run.items():
            for number, attempt in found.completed:
                if number not in found.in_sql and (f"{run_id}:{number}", attempt) not in self.ended:
                    problems.append(f"I6 attempt {run_id}:{number} {attempt} is recorded and did not happen")
        return problems

    # -- figures

    def _count(self, histories: dict[bytes, Replayed], views: list[RunView]) -> None:
        status = Counter(view.status.name.lower() for view in views)
        answers = Counter(answer for told in self.requests.values() for answer in told.answers)
        self.figures |= {
            "runs": len(views),
            "events": sum(found.events for found in histories.values()),
            "status": dict(sorted(status.items())),
            "messages_acknowledged": sum(told.acknowledged for told in self.requests.values()),
            "messages_repeated": answers["repeated"],
            "messages_refused": sum(not told.acknowledged for told in self.requests.values()),
            "unhandled": sum(found.unhandled for found in histories.values()),
            **self._rounds,
            "attempts": len(self.begun),
            "attempts_lost": sum(found.lost for found in histories.values()),
        }


@dataclass(frozen=True)
class Seen:
    run: RunView

    @property
    def run_id(self) -> bytes:
        return self.run.key.run_id


def _all_runs(client: PostgresClient) -> list[RunView]:
    views: list[RunView] = []
    before: bytes | None = None
    while page := client.runs(limit=500, before=before):
        views += page
        before = page[-1].key.run_id
    return views


def _history(client: PostgresClient, key: RunKey) -> list[HistoryRow]:
    rows: list[HistoryRow] = []
    while page := client.history(key, after=rows[-1].seq if rows else 0):
        rows += page
    return rows


def _children(views: dict[str, Seen], histories: dict[bytes, Replayed]) -> list[str]:
    """A parent that ended by itself has heard of each child exactly once."""
    problems = []
    for view in views.values():
        found = histories[view.run_id]
        for op, child in found.children.items():
            if view.run.status is Status.COMPLETED and found.told[op] != 1:
                problems.append(f"I4 {view.run.workflow_id} was told {found.told[op]} times of {child}")
    return problems


def _doctor(dsn: str) -> list[str]:
    """The product's own opinion, once it has one."""
    if importlib.util.find_spec("tenuto.store.doctor") is None:
        return []
    doctor = importlib.import_module("tenuto.store.doctor")
    return [f"doctor: {finding}" for finding in doctor.examine(dsn)]


def _one(connection: psycopg.Connection, statement: str) -> int:
    row = connection.execute(statement.encode()).fetchone()
    assert row is not None
    return int(row[0])
