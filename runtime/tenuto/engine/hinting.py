"""Passes the store's hints on to a lane: one that has little to do, since a hint does not say whose run it is about."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from tenuto.engine.stores import Hints

_log = structlog.get_logger("tenuto.engine")

_WAIT_S = 0.2
"""How long the thread may take to notice that it is to stop."""


class Hinting:
    def __init__(self, connect: Callable[[], Hints], pass_on: Callable[[], None]) -> None:
        self._connect = connect
        self._pass_on = pass_on
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="tenuto-hints", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(_WAIT_S * 4)

    def _serve(self) -> None:
        while not self._stop.is_set():
            try:
                hints = self._connect()
                try:
                    while not self._stop.is_set():
                        if hints.wait_for_news(_WAIT_S):
                            self._pass_on()
                finally:
                    hints.close()
            except Exception as error:  # noqa: BLE001  # hints only save time: polling goes on without them
                _log.warning("no hints", reason=f"{type(error).__name__}: {error}")
                self._stop.wait(1.0)
