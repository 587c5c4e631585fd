"""Keeps the leases of this process's lanes alive, from a thread and a connection of its own.

User code that burns the processor delays this thread by a few switch intervals, never by a lease; a lane that waits for
the database does not delay it at all.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

from tenuto.engine.mailbox import Mailbox
from tenuto.store.protocol import Fenced, Heart

_log = structlog.get_logger("tenuto.engine")


class Heartbeat:
    def __init__(self, connect: Callable[[], Heart], ttl_ms: int) -> None:
        self._connect = connect
        self._ttl_ms = ttl_ms
        self._interval = ttl_ms / 1000 / 4
        self._lock = threading.Lock()
        self._lanes: dict[int, Mailbox] = {}
        self._lost: set[int] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="tenuto-heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(2.0)

    def add(self, lane: int, mailbox: Mailbox) -> None:
        with self._lock:
            self._lanes[lane] = mailbox

    def forget(self, lane: int | None) -> None:
        with self._lock:
            if lane is not None:
                self._lanes.pop(lane, None)
                self._lost.discard(lane)

    def check(self, lane: int) -> None:
        """Raise Fenced when the last beat found this lane's row gone."""
        if self._lost and lane in self._lost:
            raise Fenced(f"lane {lane} was declared dead")

    def _serve(self) -> None:
        heart: Heart | None = None
        while True:
            began = time.monotonic()
            try:
                if heart is None:
                    heart = self._connect()
                self._beat(heart)
                pause = self._interval
            except Exception as error:  # noqa: BLE001  # whatever broke, a new connection is the cure
                if not self._stop.is_set():
                    _log.warning("heartbeat failed", reason=f"{type(error).__name__}: {error}")
                if heart is not None:
                    heart.close()
                heart = None
                pause = min(self._interval, 0.5)
            if self._stop.wait(max(pause - (time.monotonic() - began), 0.01)):
                break
        if heart is not None:
            heart.close()

    def _beat(self, heart: Heart) -> None:
        with self._lock:
            lanes = list(self._lanes)
        if not lanes:
            return
        alive = heart.beat(lanes, self._ttl_ms)
        for lane in lanes:
            if lane not in alive:
                with self._lock:
                    mailbox = self._lanes.get(lane)
                    if mailbox is not None:
                        self._lost.add(lane)
                if mailbox is not None:
                    mailbox.call()
