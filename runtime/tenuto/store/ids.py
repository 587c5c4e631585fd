"""Identities: run ids (UUID version 7, 16 raw bytes, so that new ones sort after old ones) and shards."""

from __future__ import annotations

import os
import threading
import time
import uuid
import zlib

SHARDS = 1024
_COUNTER_BITS = 12


class RunIds:
    """Makes run ids that rise strictly within the process, whatever the clock does.

    48 bits of milliseconds, 12 bits counting within the millisecond (RFC 9562, method 1), 62 random bits.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def __call__(self) -> bytes:
        random = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
        fresh = (time.time_ns() // 1_000_000) << _COUNTER_BITS
        with self._lock:
            self._last = stamp = max(fresh, self._last + 1)
        milliseconds, counter = stamp >> _COUNTER_BITS, stamp & ((1 << _COUNTER_BITS) - 1)
        return ((milliseconds << 80) | (7 << 76) | (counter << 64) | (2 << 62) | random).to_bytes(16, "big")


new_run_id = RunIds()


def shard_of(workflow_id: str) -> int:
    """Where a workflow id's rows live. A hash that no future version may change."""
    return zlib.crc32(workflow_id.encode("utf-8", "surrogatepass")) % SHARDS


def run_id_text(run_id: bytes) -> str:
    return str(uuid.UUID(bytes=run_id))


def run_id_bytes(text: str) -> bytes | None:
    """The inverse of `run_id_text`; None when it is no run id."""
    try:
        return uuid.UUID(text).bytes
    except ValueError:
        return None
