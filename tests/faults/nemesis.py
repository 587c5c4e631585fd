"""What befalls the engines: killed, frozen for up to three leases, cut off, declared dead while alive. Seeded."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess

import psycopg

from tests.faults.engine_process import TTL_MS

FREEZE_S = tuple(TTL_MS / 1000 * leases for leases in (0.15, 0.7, 1.7, 3.0))


@dataclass
class Nemesis:
    """Ticked by the harness. `spawn` makes the engine of a place anew."""

    chance: random.Random
    engines: list[BaseProcess]
    spawn: Callable[[int], BaseProcess]
    dsn: str
    killed: int = 0
    frozen: int = 0
    cut: int = 0
    misjudged: int = 0
    _asleep: dict[int, float] = field(default_factory=dict)
    _connection: psycopg.Connection | None = None

    def strike(self) -> None:
        """One random blow, or none."""
        self.thaw()
        die = self.chance.random()
        place = self.chance.randrange(len(self.engines))
        if die < 0.12:
            self._kill(place)
        elif die < 0.32 and place not in self._asleep:
            self._freeze(place, self.chance.choice(FREEZE_S))
        elif die < 0.43:
            self._cut()
        elif die < 0.53:
            self._misjudge()

    def thaw(self, *, everybody: bool = False) -> None:
        for place, until in list(self._asleep.items()):
            if everybody or time.monotonic() > until:
                del self._asleep[place]
                self._signal(place, signal.SIGCONT)

    def rest(self) -> None:
        """The storm is over: everybody is awake and alive."""
        self.thaw(everybody=True)
        for place, engine in enumerate(self.engines):
            if not engine.is_alive():
                self.engines[place] = self.spawn(place)

    def end(self) -> None:
        """Nobody is left behind, frozen or not."""
        for engine in self.engines:
            if engine.is_alive():
                engine.kill()
        for engine in self.engines:
            engine.join(10)
        if self._connection is not None:
            self._connection.close()

    def _kill(self, place: int) -> None:
        self._asleep.pop(place, None)
        self.engines[place].kill()
        self.engines[place].join(10)
        self.engines[place] = self.spawn(place)
        self.killed += 1

    def _freeze(self, place: int, seconds: float) -> None:
        self._signal(place, signal.SIGSTOP)
        self._asleep[place] = time.monotonic() + seconds
        self.frozen += 1

    def _signal(self, place: int, number: signal.Signals) -> None:
        engine = self.engines[place]
        if engine.is_alive() and engine.pid is not None:
            os.kill(engine.pid, number)

    def _cut(self) -> None:
        """End one random connection of an engine or a client."""
        self._execute(
            "select pg_terminate_backend(pid) from (select pid from pg_stat_activity"
            " where datname = current_database() and application_name <> 'harness' order by random() limit 1) q"
        )
        self.cut += 1

    def _misjudge(self) -> None:
        """Declare a lane dead that may be in the middle of its work: the fence has to tell it."""
        self._execute(
            "select o_runs from tenuto.reap((select array_agg(lane) from"
            " (select lane from tenuto.lane order by random() limit 1) q), array[null::bigint])"
        )
        self.misjudged += 1

    def _execute(self, statement: str) -> None:
        if self._connection is None:
            self._connection = psycopg.connect(self.dsn, autocommit=True, application_name="harness")
        self._connection.execute(statement.encode())
