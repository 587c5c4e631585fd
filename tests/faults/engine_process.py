"""One engine of the stress: the real one, with a short lease and everything rare made frequent.

It runs until it is killed, or until the process that ordered it is gone.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import structlog
from tenuto.activities import Registry
from tenuto.engine import Engine, Settings, postgres_stores
from tenuto.store.protocol import Doubt, Unreachable

from tests.faults.ledger import Ledger
from tests.faults.mutations import patch_engine
from tests.faults.workload import activity

TTL_MS = 700

LINGER_S = (0.02, 0.25, 0.25)
"""By place: some engines release and claim all the time, others still hold idle runs when they are frozen."""

SETTINGS = Settings(
    lanes=2,
    threads=16,
    ttl_ms=TTL_MS,
    claim_limit=20,  # runs spread over the engines
    hold_timer_s=0.03,
    checkpoint_events=7,
    poll_min_s=0.01,
    poll_max_s=0.1,
    reap_s=0.15,
    clock_s=1.0,
    careful_s=0.02,  # takeovers are everyday here: runs with strikes must not wait long
    careful_alone_s=0.2,
)


def serve(dsn: str, folder: Path, seed: str, mutation: str | None, place: int, harness: int) -> None:
    """`harness` is the process to outlive no longer."""
    log = (folder / f"log.{os.getpid()}").open("a", buffering=1)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%H:%M:%S.%f"),
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=log),
    )
    patch_engine(mutation)
    settings = replace(SETTINGS, linger_s=LINGER_S[place % len(LINGER_S)])
    work = activity(Ledger(folder / "ledger"), f"{seed}.{os.getpid()}")
    while True:
        try:
            registry = Registry()
            registry.register(work, "work")
            Engine(postgres_stores(dsn), registry, settings=settings).start()
            break
        except (Unreachable, Doubt) as error:  # the nemesis cuts connections while they are made, too
            log.write(f"could not start: {error}\n")
            time.sleep(0.05)
    while _lives(harness):
        time.sleep(0.3)
    sys.stderr.flush()
    os._exit(0)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
