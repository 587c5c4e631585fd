"""The editor's process: when it is gone, nobody will say goodbye."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

LOOK_S = 5.0


async def outlive(process_id: int, leave: Callable[[], object], look_s: float = LOOK_S) -> None:
    """Leave when a process has ended. The end of standard input tells that as well, but where something else holds the
    other end open, it never comes. On Windows a process cannot be asked without ending it: nothing is watched."""
    if os.name == "nt":
        return
    while _lives(process_id):
        await asyncio.sleep(look_s)
    leave()


def _lives(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except OSError:  # not ours to signal, but there
        return True
    return True
