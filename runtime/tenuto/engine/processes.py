"""Several engines under one supervisor: spawned, restarted when they crash, stopped together.

A crash is nothing special: the runs of the dead process come back through the reapers of the living, and its successor
joins them. A process that crashes at once is restarted ever more slowly.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from types import FrameType

from tenuto.engine.serving import EXIT_NOT_READY, EXIT_OK, Spec

_LEAST_PAUSE_S = 0.2
_MOST_PAUSE_S = 30.0
_SOUND_S = 10.0
"""A process that has lived this long was sound: its next restart is immediate again."""
_TURN_S = 0.1


class Child:
    """One engine process and its place: what is to be done when it ends."""

    def __init__(self, spec: Spec, number: int) -> None:
        self._spec = spec
        self.number = number
        self.restarts = 0
        self.ready = False
        self.ever_ready = False
        self.code: int | None = None
        self._pause = _LEAST_PAUSE_S
        self.spawn_at = 0.0
        self._began = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._ready_pipe = -1

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def spawn(self) -> None:
        read, write = os.pipe()
        os.set_blocking(read, False)
        try:
            process = subprocess.Popen(  # our own interpreter and module
                [sys.executable, "-m", "tenuto.engine.serving"], stdin=subprocess.PIPE, pass_fds=(write,)
            )
        finally:
            os.close(write)
        self._close_pipe()
        self._ready_pipe = read
        self.ready = False
        self.code = None
        self._process = process
        self._began = time.monotonic()
        assert process.stdin is not None, "a pipe was asked for"
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(self._spec.encode(write) + b"\n")
            process.stdin.flush()

    def poll(self) -> bool:
        """Look how it does. True when it has ended since the last look."""
        if self._ready_pipe >= 0 and select.select([self._ready_pipe], [], [], 0)[0]:
            if os.read(self._ready_pipe, 16):
                self.ready = self.ever_ready = True
            self._close_pipe()
        if self._process is None:
            return False
        self.code = self._process.poll()
        if self.code is None:
            return False
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        self._process = None
        self.ready = False
        self._close_pipe()
        return True

    def plan_restart(self) -> float:
        """When to spawn the successor: at once after a sound life, else after a pause that grows."""
        now = time.monotonic()
        self._pause = _LEAST_PAUSE_S if now - self._began >= _SOUND_S else min(self._pause * 2, _MOST_PAUSE_S)
        self.restarts += 1
        self.spawn_at = now + self._pause
        return self._pause

    def signal(self, number: int) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    def _close_pipe(self) -> None:
        if self._ready_pipe >= 0:
            os.close(self._ready_pipe)
            self._ready_pipe = -1


class Supervisor:
    """`run` returns the daemon's exit code: 0 after a stop in which every engine drained."""

    def __init__(self, spec: Spec, processes: int, tell: Callable[[str], None] = lambda _: None) -> None:
        assert processes >= 1, "at least one process"
        self.children = [Child(spec, number) for number in range(1, processes + 1)]
        self._spec = spec
        self._tell = tell
        self._stops = 0
        self._forwarded = 0
        self._announced = False

    def stop(self) -> None:
        """Drain; called again: stop at once. Safe in a signal handler."""
        self._stops += 1

    def run(self, ready: Callable[[], None] = lambda: None) -> int:
        """Supervise from the main thread until stopped. `ready` is called once, when every process has been."""
        previous = {number: signal.signal(number, self._by_signal) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            return self._run(ready)
        finally:
            for child in self.children:
                child.signal(signal.SIGKILL)
            for number, handler in previous.items():
                signal.signal(number, handler)

    def _by_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.stop()

    def _run(self, ready: Callable[[], None]) -> int:
        for child in self.children:
            child.spawn()
        worst = EXIT_OK
        while True:
            while self._forwarded < self._stops:
                self._forwarded += 1
                self._forward()
            for child in self.children:
                if child.poll():
                    code = self._ended(child)
                    if code is not None:
                        return code
                    if self._stops and child.code:
                        worst = 1
                elif child.pid is None and not self._stops and time.monotonic() >= child.spawn_at:
                    child.spawn()
            if self._stops and all(child.pid is None for child in self.children):
                return worst
            if not self._announced and all(child.ready for child in self.children):
                self._announced = True
                ready()
            time.sleep(_TURN_S if self._announced else _TURN_S / 5)

    def _forward(self) -> None:
        if self._forwarded == 1:
            grace = self._spec.settings.grace_s
            self._tell(f"stopping: up to {grace:g} s for activities in flight; once more stops at once")
        for child in self.children:
            child.signal(signal.SIGTERM)

    def _ended(self, child: Child) -> int | None:
        """A process has ended. Answers an exit code when there is no point in going on."""
        if self._stops:
            return None
        if not child.ever_ready and child.code is not None and child.code >= EXIT_NOT_READY and child.restarts == 0:
            return child.code  # it has said why, and another try would say the same
        pause = child.plan_restart()
        self._tell(f"engine {child.number} ended {_how(child.code)}; restarted in {pause:g} s")
        return None


def _how(code: int | None) -> str:
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            return f"by {signal.Signals(-code).name}"
    return f"with exit code {code}"
