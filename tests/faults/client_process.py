"""One client of the stress: starts runs and sends them messages, by the product's client and in its own transactions.

What the store acknowledged or refused goes to the file `acks`; nothing is written there before the answer is certain.
Requests are repeated at random, and after every lost reply. Slow transactions run in threads beside the others, so that
several senders are at work on one run and the order of their commits is not the order of their inbox ids.
"""

from __future__ import annotations

import itertools
import os
import random
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from tenuto.engine.carry import start_payload
from tenuto.store.ids import new_run_id, shard_of
from tenuto.store.postgres import PostgresClient
from tenuto.store.protocol import Doubt, NewRun, NewsKind, RunClosed, RunKey, Unreachable
from tenuto_interpreter import codec

from tests.faults import rounds
from tests.faults.ledger import Ledger
from tests.faults.workload import NEEDED, PARENT, child_id, definitions, versions

OPEN_AT_ONCE = 25
"""Runs a client has messages left for."""
SLOW = 0.25
"""Share of messages sent in a transaction that stays open for a while."""

STOP = "stop"
"""The name of the file that tells clients to start no more."""


@dataclass(frozen=True)
class Message:
    workflow_id: str
    kind: NewsKind
    request: str

    to: str = ""
    """The definition an order to migrate asks for."""

    @property
    def payload(self) -> bytes:
        if self.kind is NewsKind.MIGRATE:
            return codec.encode([self.to])
        body = ["poke", {}] if self.kind is NewsKind.SIGNAL else [self.request]
        return codec.encode(body)


@dataclass
class Errand:
    """A run this client has started, and what it still has to send it."""

    workflow_id: str
    messages: list[Message]
    later: float = 0.0


@dataclass
class Sender:
    dsn: str
    folder: Path
    name: str
    chance: random.Random
    slow: list[threading.Thread] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.acks = Ledger(self.folder / "acks")
        self._client: PostgresClient | None = None
        digests = {definition.workflow: definition.digest for definition in definitions()}
        self._definition = digests[PARENT]
        self._versions = [program.digest() for program in versions()]

    # -- starting

    def begin(self, number: int) -> Errand:
        workflow_id = f"{self.name}.{number}"
        key = RunKey(shard_of(workflow_id), new_run_id())
        run = NewRun(key, workflow_id, PARENT, self._definition, start_payload({}))
        for _ in range(self.chance.choice((1, 1, 1, 2))):
            while True:
                try:
                    answer, _made = self.client.start(run, request=f"{workflow_id}.start!")
                    break
                except (Doubt, Unreachable):
                    self._again()
            assert answer == key, "the same request is the same run"
        self.acks.write("start", workflow_id)
        signals = NEEDED + self.chance.choice((0, 0, 1, 3))
        messages = [Message(workflow_id, NewsKind.SIGNAL, f"{workflow_id}.s{n}!") for n in range(signals)]
        child = child_id(workflow_id)
        messages += [Message(child, NewsKind.SIGNAL, f"{child}.s{n}!") for n in range(self.chance.choice((1, 1, 2)))]
        if self.chance.random() < 0.1:
            messages.append(Message(workflow_id, NewsKind.CANCEL, f"{workflow_id}.cancel!"))
        elif self.chance.random() < 0.04:
            messages.append(Message(workflow_id, NewsKind.TERMINATE, f"{workflow_id}.terminate!"))
        for n in range(self.chance.choice((0, 0, 0, 1, 2))):
            to = self._versions[n % 2]
            messages.append(Message(workflow_id, NewsKind.MIGRATE, f"{workflow_id}.m{n}!", to))
        self.chance.shuffle(messages)
        return Errand(workflow_id, messages)

    # -- sending

    def send(self, errand: Errand) -> None:
        """Send the errand's next message, or put it back when its child is not there yet."""
        message = errand.messages.pop()
        if message.workflow_id != errand.workflow_id and not self._has_child(errand, message):
            return
        if self.chance.random() < SLOW:
            thread = threading.Thread(target=self._slowly, args=(message, self.chance.uniform(0.002, 0.06)))
            thread.start()
            self.slow.append(thread)
            time.sleep(0.003)
            return
        for _ in range(self.chance.choice((1, 1, 2))):
            self._post(message)

    def _has_child(self, errand: Errand, message: Message) -> bool:
        while True:
            try:
                if self.client.view(message.workflow_id) is not None:
                    return True
                parent = self.client.view(errand.workflow_id)
                break
            except (Doubt, Unreachable):
                self._again()
        if parent is not None and not parent.status.closed:
            errand.messages.insert(0, message)
            errand.later = time.monotonic() + 0.02
        return False

    def _post(self, message: Message) -> None:
        while True:
            try:
                new = self.client.post(message.workflow_id, message.kind, message.payload, request=message.request)
            except (Doubt, Unreachable):
                self._again()
            except RunClosed:
                self._answer(message, "closed")
                return
            else:
                self._answer(message, "accepted" if new else "repeated")
                return

    def _slowly(self, message: Message, seconds: float) -> None:
        """An application's own transaction: it takes its time, is cut off now and then, and is tried again."""
        id_, kind, request = message.workflow_id, int(message.kind), message.request
        while True:
            try:
                with psycopg.connect(self.dsn) as connection:
                    row = connection.execute(
                        "select tenuto.post(%s::smallint, %s, %s::smallint, %s, %s, %s)",
                        [shard_of(id_), id_, kind, request, message.payload, request],
                    ).fetchone()
                    time.sleep(seconds)
                assert row is not None
                answer = "accepted" if row[0] else "repeated"
            except psycopg.Error as error:
                if error.sqlstate not in ("TN002", "TN005"):
                    time.sleep(0.01)
                    continue
                answer = "closed"
            self._answer(message, answer)
            return

    def _answer(self, message: Message, answer: str) -> None:
        fact = "order" if message.kind is NewsKind.MIGRATE else "message"
        self.acks.write(fact, message.workflow_id, message.request, message.kind.name, answer)

    # -- the connection

    @property
    def client(self) -> PostgresClient:
        while self._client is None:
            try:
                self._client = PostgresClient(self.dsn)
            except (Doubt, Unreachable):
                time.sleep(0.02)
        return self._client

    def _again(self) -> None:
        time.sleep(self.chance.uniform(0.005, 0.03))


def serve(dsn: str, folder: Path, seed: str, name: str, harness: int) -> None:
    """Until the stop file is there and everything is sent."""
    sender = Sender(dsn, folder, name, random.Random(f"{seed}.{name}"))
    numbers = itertools.count()
    live: list[Errand] = []
    stop = folder / STOP
    senders = rounds.Senders(dsn, folder, name, stop.exists)
    senders.start()
    while os.getppid() > 1 and _lives(harness):
        stopping = stop.exists()
        if stopping and not live:
            break
        if not stopping and len(live) < OPEN_AT_ONCE:
            live.append(sender.begin(next(numbers)))
        errand = sender.chance.choice(live)
        if not errand.messages:
            live.remove(errand)
        elif time.monotonic() >= errand.later:
            sender.send(errand)
        time.sleep(sender.chance.random() * 0.006)
    for thread in sender.slow:
        thread.join(20)
    senders.join(30)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
