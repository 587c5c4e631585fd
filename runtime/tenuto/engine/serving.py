"""One engine as a process of its own: what it is given, how it says that it is ready, and how it ends.

The parent writes the `Spec` into standard input and keeps it open; when the parent is gone, the pipe says so and the
engine drains. SIGTERM drains, a second one stops at once; both lose nothing. Exit code 0 after a drain.
"""

from __future__ import annotations

import dataclasses
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import orjson

from tenuto import logs
from tenuto.activities.registry import ActivityLoadError, Registry
from tenuto.engine.config import ConfigError, ConfigSource
from tenuto.engine.engine import Engine, NotReady
from tenuto.engine.settings import Settings
from tenuto.engine.stores import postgres_stores
from tenuto.store.protocol import Doubt, SchemaMismatch, Unreachable

EXIT_OK = 0
EXIT_NOT_READY = 2
EXIT_UNREACHABLE = 5

_NUDGE = 0.2
"""Python runs signal handlers between bytecodes of the main thread: it must not sleep for ever."""


@dataclasses.dataclass(frozen=True, slots=True)
class Spec:
    """Everything an engine process needs. `folders` are searched for `module:callable` targets; `queues` are
    those served, None for all; `check` refuses to start while a deployed workflow cannot run here."""

    dsn: str
    activities: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    config: dict[str, Any] = dataclasses.field(default_factory=dict)
    config_file: str | None = None
    secrets: str | None = None
    queues: tuple[str, ...] | None = None
    check: bool = True
    settings: Settings = dataclasses.field(default_factory=Settings)

    def encode(self, ready_fd: int | None = None) -> bytes:
        return orjson.dumps({**dataclasses.asdict(self), "ready_fd": ready_fd})

    @staticmethod
    def decode(data: bytes) -> tuple[Spec, int | None]:
        plain = orjson.loads(data)
        ready_fd = plain.pop("ready_fd")
        plain["settings"] = Settings(**plain["settings"])
        plain["activities"], plain["folders"] = tuple(plain["activities"]), tuple(plain["folders"])
        plain["queues"] = None if plain["queues"] is None else tuple(plain["queues"])
        return Spec(**plain), ready_fd


def make_engine(spec: Spec) -> Engine:
    """An engine as specified, not started. Raises what keeps it from starting: NotReady and others."""
    registry = Registry(Path(folder) for folder in spec.folders)
    for source in spec.activities:
        registry.load(source)
    config = ConfigSource(spec.config, file=Path(spec.config_file) if spec.config_file else None)
    engine = Engine(
        postgres_stores(spec.dsn),
        registry,
        config=config,
        secrets=Path(spec.secrets) if spec.secrets else None,
        settings=spec.settings,
        queues=spec.queues,
    )
    if spec.check:
        engine.check()
    return engine


def serve(
    spec: Spec,
    *,
    ready: Callable[[], None] = lambda: None,
    tell: Callable[[str], None] = lambda text: print(text, file=sys.stderr, flush=True),  # noqa: T201  # its parent's stderr
    parent: int | None = None,
) -> int:
    """Run an engine in this process until SIGTERM, or until the pipe `parent` ends. Returns the exit code."""
    try:
        engine = make_engine(spec)
    except NotReady as error:
        for problem in error.problems:
            tell(problem)
        return EXIT_NOT_READY
    except (ActivityLoadError, ConfigError, ValueError) as error:
        tell(str(error))
        return EXIT_NOT_READY
    except (Unreachable, SchemaMismatch, Doubt) as error:
        tell(str(error))
        return EXIT_UNREACHABLE
    stop = _Stop(engine)
    signal.signal(signal.SIGTERM, stop.by_signal)
    signal.signal(signal.SIGINT, signal.SIG_IGN if parent is not None else stop.by_signal)
    if parent is not None:
        threading.Thread(target=stop.with_parent, args=(parent,), name="tenuto-parent", daemon=True).start()
    # What is loaded stays: the collector need not walk it again and again, nor run at every few hundred objects when a
    # step makes dozens that die at once (a tenth of an engine's time, measured).
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    engine.start()
    ready()
    while not stop.asked.wait(_NUDGE):
        pass
    return EXIT_OK if stop.drained() else 1


class _Stop:
    """Turns signals and the parent's end into a drain; the drain runs beside the main thread, which takes signals."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._clean = True
        self.asked = threading.Event()

    def by_signal(self, _number: int, _frame: FrameType | None) -> None:
        again = self.asked.is_set()
        self.asked.set()
        if again:
            threading.Thread(target=self._engine.stop, args=(0.0,), daemon=True).start()

    def with_parent(self, pipe: int) -> None:
        while os.read(pipe, 4096):
            pass
        self.asked.set()

    def drained(self) -> bool:
        def drain() -> None:
            self._clean = self._engine.stop()

        thread = threading.Thread(target=drain, name="tenuto-drain", daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(_NUDGE)
        return self._clean


def main() -> int:
    """The entry of a child process: `python -m tenuto.engine.serving`, its spec on standard input."""
    pipe = os.dup(0)
    quiet = os.open(os.devnull, os.O_RDONLY)
    os.dup2(quiet, 0)  # an activity that reads standard input finds it empty
    os.close(quiet)
    data = b""
    while not data.endswith(b"\n"):
        part = os.read(pipe, 65_536)
        if not part:
            return EXIT_NOT_READY
        data += part
    spec, ready_fd = Spec.decode(data)
    logs.configure()

    def ready() -> None:
        if ready_fd is not None:
            os.write(ready_fd, b"ready\n")
            os.close(ready_fd)

    return serve(spec, ready=ready, parent=pipe)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # threads of activities that nobody waits for any more must not hold up the end
