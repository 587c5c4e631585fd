"""Which system user the server runs as: ourselves, or, since PostgreSQL refuses root, an unprivileged one.

A database directory that exists is served by its owner, whoever that is; only a new one asks for a choice.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tenuto.server.errors import ServerError

SERVICE_USER = "tenuto"
_STAND_INS = ("postgres", "nobody")
"""existing users to run as when none can be made"""


@dataclass(frozen=True, slots=True)
class Account:
    uid: int
    gid: int
    switched: bool
    """We are root and the server runs as somebody else."""

    def spawn_options(self) -> dict[str, Any]:
        """Keyword arguments for `subprocess` that start a program as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switched else {}

    def can_enter(self, directory: Path) -> bool:
        """Whether this user can reach the directory: asked of the system, in a process of that user."""
        return self._try(["/bin/sh", "-c", 'cd -- "$1"', "sh", str(directory)])

    def can_run(self, program: Path) -> bool:
        return self._try([str(program), "--version"])

    def _try(self, command: list[str]) -> bool:
        try:
            done = subprocess.run(  # noqa: S603 - our own fixed command
                command, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False,
                **self.spawn_options(),
            )  # fmt: skip
        except OSError:
            return False
        return done.returncode == 0


def choose(existing: Path) -> Account:
    """The account for the server whose directory is, or will be, `existing`."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switched=False)
    if existing.exists():
        status = existing.stat()
        if status.st_uid != 0:
            return Account(status.st_uid, status.st_gid, switched=True)
    entry = _find(SERVICE_USER) or _create(SERVICE_USER)
    if entry is None:
        entry = next((found for name in _STAND_INS if (found := _find(name))), None)
    if entry is None:
        raise ServerError(
            "PostgreSQL refuses to run as root, and no unprivileged user could be found or made. "
            f"Add one (useradd --system {SERVICE_USER}), run as an ordinary user, or name a database with --db"
        )
    return Account(entry.pw_uid, entry.pw_gid, switched=True)


def _find(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _create(name: str) -> pwd.struct_passwd | None:
    program = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if program is None:
        return None
    command = [program, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    subprocess.run(  # noqa: S603 - a fixed command; it fails when another process was quicker, hence the look-up
        [*command, "--shell", "/usr/sbin/nologin", name],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    return _find(name)
