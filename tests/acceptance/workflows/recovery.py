"""The activity of `recovery.tenuto`. Its ledger and its slowness come from the environment."""

from __future__ import annotations

import os
import random
import time

import tenuto

_LEDGER = os.open(os.environ["RECOVERY_LEDGER"], os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o644)
_LONGEST_S = float(os.environ["RECOVERY_LONGEST_S"])


def _tell(what: str) -> None:
    attempt = tenuto.context()
    line = f"{what} {attempt.idempotency_key} {attempt.attempt} {time.monotonic()}\n"
    os.write(_LEDGER, line.encode())


@tenuto.activity
def add_slowly(total: int, i: int) -> int:
    _tell("start")
    time.sleep(random.uniform(0, _LONGEST_S))
    _tell("end")
    return total + i
