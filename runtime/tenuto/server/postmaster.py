"""What postmaster.pid and the process table say about a server. Neither is believed alone: the supervisor connects.

After a SIGKILL the file stays; its process may be gone, be a zombie (a PID 1 that does not reap leaves it for ever), or
have lent its number to a stranger.
"""

from __future__ import annotations

import contextlib
import os
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path

_LINUX = platform.system() == "Linux"


@dataclass(frozen=True, slots=True)
class PidFile:
    pid: int
    started_at: int
    """seconds since 1970"""
    socket_directory: Path | None
    status: str


def read_pid_file(data: Path) -> PidFile | None:
    """What the file says; None when it is missing or half written."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        pid = int(lines[0])
        started_at = int(lines[2])
    except (OSError, ValueError, IndexError):
        return None
    place = lines[4].strip() if len(lines) > 4 else ""
    return PidFile(pid, started_at, Path(place) if place else None, lines[7].strip() if len(lines) > 7 else "starting")


def is_serving(pid: int, data: Path) -> bool:
    """Whether this process lives and is the server of that directory."""
    if pid <= 0 or not _alive(pid):
        return False
    if _LINUX:
        # The command line is readable by everyone; the working directory is not, for root in a container.
        try:
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        # Not only the first argument: just before its exec, the process is still the shell that starts it.
        return os.fsencode(data) in arguments and any(argument.endswith(b"/postgres") for argument in arguments)
    command = _ps(pid, "command")
    return "postgres" in command and str(data) in command


def _alive(pid: int) -> bool:
    if _LINUX:
        with contextlib.suppress(OSError, IndexError):
            # pid (comm) state …: the name may hold spaces and parentheses.
            state = (
                Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
            )
            return state not in ("Z", "X")
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return not _ps(pid, "stat").startswith("Z")


def _ps(pid: int, field: str) -> str:
    command = ["/bin/ps", "-o", f"{field}=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603 - fixed
