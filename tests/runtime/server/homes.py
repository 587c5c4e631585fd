"""What the tests of this folder do to servers and their homes."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from pathlib import Path

from tenuto.server import EmbeddedServer
from tenuto.server.postmaster import read_pid_file

QUICK = {"fsync": "off", "max_wal_size": "128MB", "shared_buffers": "16MB"}


def clean_up(home: Path) -> None:
    """End the home's server, dead or alive, and remove a database that was moved out of the home."""
    pid = postmaster_of(home)
    with contextlib.suppress(Exception):
        EmbeddedServer(home).stop()
    if pid is not None and Path(f"/proc/{pid}/cmdline").exists():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    moved = home / "postgres"
    if moved.is_symlink():
        shutil.rmtree(moved.resolve(), ignore_errors=True)


def postmaster_of(home: Path) -> int | None:
    found = read_pid_file((home / "postgres").resolve() / "data")
    return found.pid if found else None
