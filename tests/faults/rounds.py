"""What the stress runs beside `workload`: runs that deal with one another, and go on under one id.

    rounds:  three rounds, each a run of its own (continue as new): call work; book in SQL; start a leaf and leave it;
             tell the partner which round it is; call a leaf; go on. Notes and questions arrive at any time, from two
             senders.
    partner: three tellings, then their list

A note that is lost leaves its run waiting for ever, one that is doubled or overtaken shows in the result.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import psycopg
from tenuto.engine.carry import start_payload
from tenuto.store.ids import new_run_id, shard_of
from tenuto.store.postgres import PostgresClient
from tenuto.store.protocol import (
    Definition,
    Doubt,
    NewRun,
    NewsKind,
    NotFound,
    RunClosed,
    RunKey,
    RunView,
    Status,
    Unreachable,
)
from tenuto_dsl.compiler import compile_source
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_interpreter import codec

from tests.faults.ledger import Ledger, Reader
from tests.faults.replay import Replayed

ROUNDS, PARTNER, LEAF = "rounds", "partner", "leaf"
SENDERS = ("a", "b")
NOTES = 6
SLOW = 0.3
"""Share of messages sent in a transaction that stays open for a while."""

SOURCE = f"""
activity work(step: string) -> int {{ python "play:work"; timeout 30s; retry 50 times backoff 10ms; effect keyed }}

activity book(key: string) {{
  sql "insert into audit.booked (key) values (:key)"; timeout 10s; retry 50 times backoff 10ms
}}

workflow leaf(step: string) -> int {{ do {{ let a = call work(step: step); return a }} }}

workflow partner() -> [int] {{
  signal told(n: int)
  var seen: [int] = []
  on told as t {{ seen = seen + [t.n] }}
  initial state listening {{ when size(seen) >= 3 -> over }}
  final state over {{ return seen }}
}}

workflow rounds(n: int, before: [string], answered: int) -> {{ notes: [string], asks: int }} {{
  signal note(by: string, k: int)
  signal told(n: int)
  update ask(k: int) -> int
  attribute round: int = n
  var notes: [string] = before
  var asks: int = answered
  on note as m {{ notes = notes + ["${{m.by}}:${{m.k}}"] }}
  on update ask as u {{ asks = asks + 1; reply u.k + 1 }}
  initial state working {{
    do {{
      let a = call work(step: "round")
      call book(key: "${{workflow.id}}/${{n}}")
      start leaf(step: "left") on close abandon
      send told(n: n) to workflow.id + "/partner"
      let b = call leaf(step: "called")
      wait for size(notes) >= n
    }}
    done when n < 3 -> again
    done            -> rest
  }}
  state rest {{ when size(notes) >= {len(SENDERS) * NOTES} -> over }}
  final state again {{ continue with (n: n + 1, before: notes, answered: asks) }}
  final state over {{ return {{ "notes": notes, "asks": asks }} }}
}}
"""


def definitions() -> list[Definition]:
    sink = Diagnostics()
    compiled = compile_source("rounds.tenuto", SOURCE, sink)
    assert not [item for item in sink.items if item.severity == "error"], [str(item) for item in sink.items]
    return [
        Definition(bytes.fromhex(item.program.digest()), item.program.name, 1, item.program.encode(), "", "text", "")
        for item in compiled
    ]


class Senders:
    """Two threads of one client process: the first starts the runs, both send to them."""

    def __init__(self, dsn: str, folder: Path, name: str, stop: Callable[[], bool]) -> None:
        self._dsn, self._name, self._stop = dsn, name, stop
        self._told = Ledger(folder / "rounds")
        self._digests = {definition.workflow: definition.digest for definition in definitions()}
        self._roots: list[str] = []
        self._first_ended = threading.Event()
        self._threads = [threading.Thread(target=self._lead), threading.Thread(target=self._follow)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self, seconds: float) -> None:
        for thread in self._threads:
            thread.join(seconds)

    def _lead(self) -> None:
        voice = _Voice(self._dsn, random.Random(f"{self._name}.a"))
        number = 0
        while not self._stop():
            root = f"{self._name}.round{number}"
            number += 1
            voice.begin(f"{root}/partner", PARTNER, self._digests[PARTNER], {})
            voice.begin(root, ROUNDS, self._digests[ROUNDS], {"n": 1, "before": [], "answered": 0})
            self._told.write("root", root)
            self._roots.append(root)
            self._send(voice, root, "a", questions=True)
        self._first_ended.set()

    def _follow(self) -> None:
        voice = _Voice(self._dsn, random.Random(f"{self._name}.b"))
        done = 0
        while not self._first_ended.is_set() or done < len(self._roots):
            if done < len(self._roots):
                self._send(voice, self._roots[done], "b", questions=False)
                done += 1
            else:
                time.sleep(0.005)

    def _send(self, voice: _Voice, root: str, by: str, *, questions: bool) -> None:
        for k in range(NOTES):
            request = f"{root}.{by}{k}!"
            accepted = voice.post(root, NewsKind.SIGNAL, ["note", {"by": by, "k": k}], request)
            self._told.write("note", root, request, accepted)
            if questions and k % 2 == 0:
                request = f"{root}.ask{k}!"
                accepted = voice.post(root, NewsKind.UPDATE, ["ask", {"k": k}], request)
                self._told.write("ask", root, request, accepted)
            time.sleep(voice.chance.uniform(0.0, 0.03))


class _Voice:
    """A connection that asks again until it knows."""

    def __init__(self, dsn: str, chance: random.Random) -> None:
        self._dsn = dsn
        self.chance = chance
        self._client: PostgresClient | None = None

    def begin(self, workflow_id: str, workflow: str, digest: bytes, input_: dict[str, object]) -> None:
        key = RunKey(shard_of(workflow_id), new_run_id())
        run = NewRun(key, workflow_id, workflow, digest, start_payload(input_))
        self._again(lambda client: client.start(run, request=f"{workflow_id}.start!"))

    def post(self, workflow_id: str, kind: NewsKind, body: list[object], request: str) -> str:
        if self.chance.random() < SLOW:
            return self._slowly(workflow_id, kind, codec.encode(body), request)
        try:
            for _ in range(self.chance.choice((1, 1, 2))):
                self._again(lambda client: client.post(workflow_id, kind, codec.encode(body), request=request))
        except (RunClosed, NotFound):
            return "refused"
        return "accepted"

    def _slowly(self, workflow_id: str, kind: NewsKind, payload: bytes, request: str) -> str:
        """In an application's own transaction, which takes its time: the other sender's messages overtake it."""
        while True:
            try:
                with psycopg.connect(self._dsn) as connection:
                    connection.execute(
                        "select tenuto.post(%s::smallint, %s, %s::smallint, %s, %s, %s)",
                        [shard_of(workflow_id), workflow_id, int(kind), request, payload, request],
                    )
                    time.sleep(self.chance.uniform(0.002, 0.05))
                return "accepted"
            except psycopg.Error as error:
                if error.sqlstate == "TN002":
                    return "refused"
                time.sleep(0.01)

    def _again(self, call: Callable[[PostgresClient], object]) -> None:
        while True:
            try:
                if self._client is None:
                    self._client = PostgresClient(self._dsn)
                call(self._client)
                return
            except (Doubt, Unreachable):
                time.sleep(self.chance.uniform(0.005, 0.03))


def booked(connection: psycopg.Connection, roots: Iterable[str]) -> list[str]:
    """What SQL activities have done more or less than once."""
    rows = Counter(key for (key,) in connection.execute("select key from audit.booked"))
    wanted = {f"{root}/{n}" for root in roots for n in (1, 2, 3)}
    return [f"I6 {key} is booked {rows[key]} times" for key in wanted | set(rows) if rows[key] != 1]


def verify(
    client: PostgresClient, dsn: str, folder: Path, views: list[RunView], histories: Mapping[bytes, Replayed]
) -> tuple[list[str], Counter[str]]:
    """Every violation among these runs, with nothing under way any more; and figures."""
    told: dict[str, list[tuple[str, str, str]]] = {}
    for words in Reader(folder / "rounds"):
        if words[0] == "root":
            told.setdefault(words[1], [])
        else:
            told.setdefault(words[1], []).append((words[0], words[2], words[3]))
    with psycopg.connect(dsn, autocommit=True, application_name="harness") as connection:
        problems = booked(connection, told)
    by_id: dict[str, list[RunView]] = {}
    for view in views:
        by_id.setdefault(view.workflow_id, []).append(view)
    figures: Counter[str] = Counter()
    for root, sent in told.items():
        chain = by_id.get(root, [])
        problems += _chain(client, root, chain, sent, histories, figures)
        partner = by_id.get(f"{root}/partner", [])
        heard = [_result(view) for view in partner]
        if heard != [[1, 2, 3]]:
            problems.append(f"I4 the partner of {root} was told {heard}")
        for view in chain:
            seen = histories[view.key.run_id]
            for child in (*seen.children.values(), *seen.left):
                found = by_id.get(child, [])
                if [one.status for one in found] != [Status.COMPLETED]:
                    problems.append(f"I4 the child {child} is {[one.status.name for one in found]}")
                figures["children"] += 1
    return problems, figures


def _chain(
    client: PostgresClient, root: str, chain: list[RunView], sent: list[tuple[str, str, str]],
    histories: Mapping[bytes, Replayed], figures: Counter[str],
) -> list[str]:  # fmt: skip
    problems = []
    messages: Counter[str] = Counter()
    for view in chain:
        messages.update(histories[view.key.run_id].messages)
    figures["continued"] += sum(view.status is Status.CONTINUED for view in chain)
    last = [view for view in chain if view.status is not Status.CONTINUED]
    result = _result(last[0]) if len(last) == 1 else None
    if not isinstance(result, dict):
        return [f"I3 {root} has ended as {[view.status.name for view in chain]}"]
    answered = 0
    for kind, request, how in sent:
        if how == "accepted" and messages[request] != 1:
            problems.append(f"I4 acknowledged {kind} {request} is in history {messages[request]} times")
        if kind == "ask" and how == "accepted":
            answer = client.answer(root, request)
            outcome = codec.decode(answer) if answer is not None else None
            answered += outcome is not None and outcome[0] == "completed"
            figures["updates"] += 1
    for by in SENDERS:
        heard = [int(note.split(":")[1]) for note in result["notes"] if note.startswith(f"{by}:")]
        if heard != list(range(NOTES)):
            problems.append(f"I4 {root} heard {heard} of sender {by}")
    if result["asks"] != answered:
        problems.append(f"I4 {root} answered {result['asks']} questions, {answered} were told so")
    return problems


def _result(view: RunView) -> object:
    return codec.decode(view.outcome) if view.status is Status.COMPLETED and view.outcome is not None else None
