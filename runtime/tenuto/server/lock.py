"""One process at a time sets up, starts or stops a server. The kernel gives the lock back when its holder dies."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tenuto.server.errors import ServerError, explain_os_error


@contextlib.contextmanager
def exclusive(path: Path, timeout: float, *, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the lock file; `waiting` is called once if somebody else has it. Raises `ServerError` after `timeout` s."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise explain_os_error(error, "lock the embedded database") from error
    try:
        _acquire(descriptor, path, timeout, waiting)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, timeout: float, waiting: Callable[[], None]) -> None:
    deadline = time.monotonic() + timeout
    told = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES, errno.EINTR):
                raise explain_os_error(error, "lock the embedded database") from error
        if time.monotonic() > deadline:
            raise ServerError(f"another process has been starting the embedded database for {timeout:.0f} s ({path})")
        if not told:
            told = True
            waiting()
        time.sleep(0.02)
