"""The engine of one process: lanes, heartbeat, hints and what runs activities, started and stopped together.

    with Engine(postgres_stores(dsn), registry) as engine:
        ...

Any number of engines share a database and need no other coordination.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import structlog
from tenuto_interpreter.commands import Command
from tenuto_interpreter.events import Event
from tenuto_interpreter.machine.snapshot import Snapshot

from tenuto.activities.dispatcher import Dispatcher
from tenuto.activities.registry import Registry
from tenuto.activities.secrets import Secrets
from tenuto.activities.transactions import Transactions
from tenuto.engine import failpoints as failpoint_names
from tenuto.engine.config import ConfigSource
from tenuto.engine.heartbeat import Heartbeat
from tenuto.engine.hinting import Hinting
from tenuto.engine.lane import Lane
from tenuto.engine.metrics import Metrics, total
from tenuto.engine.programs import Programs
from tenuto.engine.queues import Queues
from tenuto.engine.run import Work
from tenuto.engine.settings import Settings
from tenuto.engine.solitude import Solitude
from tenuto.engine.stores import Stores
from tenuto.store.protocol import RunKey

_log = structlog.get_logger("tenuto.engine")

_SWITCH_INTERVAL_S = 0.001
"""Python's 5 ms would make a lane whose commit has returned wait behind an activity that computes."""


class Observation(NamedTuple):
    """One event that has been committed. `states` are the paths of the active states after it, `after` all the run
    remembers then."""

    key: RunKey
    workflow_id: str
    seq: int
    event: Event
    commands: list[Command]
    states: list[str]
    after: Snapshot


Observer = Callable[[Observation], None]


class NotReady(Exception):
    """What is deployed cannot run here: `problems` says why, one line each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = list(problems)


class Shared:
    """What the lanes of a process share. Everything here may be used from any of their threads."""

    def __init__(
        self,
        stores: Stores,
        dispatcher: Dispatcher,
        config: ConfigSource,
        settings: Settings,
        only: Collection[str] | None = None,
        queues: Collection[str] | None = None,
    ) -> None:
        self.stores = stores
        self.settings = settings
        self.dispatcher = dispatcher
        self.client = stores.client()
        self.programs = Programs(self.client, dispatcher, config, only, Queues(queues))
        self.heartbeat = Heartbeat(stores.heart, settings.ttl_ms)
        self.solitude = Solitude(settings.careful_s, settings.careful_alone_s)
        self.failpoints = failpoint_names.from_environment()
        self.observers: list[Observer] = []
        self.lanes: list[Lane] = []

    def in_flight(self) -> int:
        """Attempts out in this process."""
        return sum(lane.metrics.in_flight for lane in self.lanes)

    def spread(self, busy: Lane) -> None:
        """A lane has found more than it took: let another look as well."""
        others = [lane for lane in self.lanes if lane is not busy]
        if others:
            min(others, key=lambda lane: lane.metrics.runs).mailbox.hint()

    def hint(self) -> None:
        """There is news: for a run nobody has, or for one that some lane has."""
        if not self.lanes:
            return
        least = min(self.lanes, key=lambda lane: lane.metrics.runs)
        for lane in self.lanes:
            if lane is least or lane.metrics.runs:
                lane.mailbox.hint()

    def observe(self, works: Sequence[Work]) -> None:
        for work in works:
            for seq, event, commands, snapshot in work.seen:
                states = work.run.ready.executable.state_names(snapshot.active)
                seen = Observation(work.run.key, work.run.workflow_id, seq, event, commands, states, snapshot)
                for observer in self.observers:
                    try:
                        observer(seen)
                    except Exception:  # noqa: BLE001  # a progress display must not stop an engine
                        _log.exception("observer failed")


class Engine:
    """Claims runs and carries them on until stopped.

    `config` are values for what workflows declare as config, by name; `secrets` a directory of secret files.
    Raises Unreachable or SchemaMismatch at once when the store cannot be used.
    """

    def __init__(
        self,
        stores: Stores,
        activities: Registry | None = None,
        *,
        config: Mapping[str, Any] | ConfigSource | None = None,
        secrets: Path | None = None,
        settings: Settings | None = None,
        observers: Sequence[Observer] = (),
        only: Collection[str] | None = None,
        queues: Collection[str] | None = None,
    ) -> None:
        """`only` names the workflows this engine serves; without it, all whose activities and config it has. `queues`
        names the queues it begins attempts of ("default" is that of activities without one); without it, all.
        """
        self.settings = settings or Settings()
        self.activities = activities or Registry()
        source = config if isinstance(config, ConfigSource) else ConfigSource(config)
        channel = stores.channel
        self._dispatcher = Dispatcher(
            self.activities, threads=self.settings.threads, secrets=Secrets(secrets),
            transactions=None if channel is None else Transactions(lambda: channel(self.settings.ttl_ms)),
            admissions=stores.admissions,
        )  # fmt: skip
        self._shared = Shared(stores, self._dispatcher, source, self.settings, only, queues)
        self._shared.observers.extend(observers)
        self._hinting = None if stores.hints is None else Hinting(stores.hints, self._shared.hint)
        self._shared.lanes = [Lane(self._shared, index) for index in range(self.settings.lanes)]
        self._lock = threading.Lock()
        self._started = self._stopped = False

    def check(self) -> None:
        """Raise NotReady when a deployed workflow cannot run here: activities nobody provides, config that is wrong."""
        problems = self._shared.programs.check()
        if problems:
            raise NotReady(problems)

    def start(self) -> Self:
        with self._lock:
            assert not self._started, "an engine starts once"
            self._started = True
        if sys.getswitchinterval() > _SWITCH_INTERVAL_S:
            sys.setswitchinterval(_SWITCH_INTERVAL_S)
        self._shared.heartbeat.start()
        for lane in self._shared.lanes:
            lane.start()
        if self._hinting is not None:
            self._hinting.start()
        return self

    def stop(self, grace_s: float | None = None) -> bool:
        """Claim no more, let what is in flight finish within the grace, give the runs back. True: all lanes ended.

        A second call, from any thread, shortens the grace.
        """
        grace = self.settings.grace_s if grace_s is None else grace_s
        for lane in self._shared.lanes:
            lane.stop(grace)
        with self._lock:
            if self._stopped or not self._started:
                return True
            self._stopped = True
        metrics = self.metrics
        _log.info("draining", runs=metrics.runs, in_flight=metrics.in_flight, grace_s=grace)
        clean = True
        for lane in self._shared.lanes:
            clean = self._join(lane, grace) and clean
        if self._hinting is not None:
            self._hinting.stop()
        self._shared.heartbeat.stop()
        self._dispatcher.close()
        self._shared.client.close()
        _log.info("drained", clean=clean)
        return clean

    def hint(self) -> None:
        """Look for work at once: whoever has just started a run in this process may say so."""
        self._shared.hint()

    @property
    def metrics(self) -> Metrics:
        return total(lane.metrics for lane in self._shared.lanes)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(0.0 if error is not None else None)

    def _join(self, lane: Lane, grace: float) -> bool:
        """Wait for a lane to end, a little longer than it was given: its last flush needs time too."""
        end = time.monotonic() + grace + 5.0
        while not lane.join(0.2):
            if time.monotonic() > min(end, lane.deadline + 5.0):
                _log.warning("lane did not end in time", lane=lane.identity)
                return False
        return True
