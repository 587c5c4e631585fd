"""Making a database directory, whole or not at all: into a name of its own, then renamed.

A half-made directory (killed, disk full) is under a name nobody uses and is removed by the next attempt.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tenuto.server import configuration
from tenuto.server.account import Account
from tenuto.server.binaries import MAJOR
from tenuto.server.errors import ServerError, explain_os_error
from tenuto.server.probe import USER

_UNFINISHED = "data.unfinished"
INITDB_LIMIT_S = 300


def environment() -> dict[str, str]:
    """A clean one: variables such as PGDATA or LC_ALL must not reach the server."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH") if name in os.environ}
    return {"PATH": "/usr/bin:/bin", **kept, "LC_ALL": "C", "TZ": "UTC"}


def initialised(data: Path) -> bool:
    """Whether the directory holds a database of our version. Raises `ServerError` for one of another version."""
    try:
        version = (data / "PG_VERSION").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        if data.exists() and any(data.iterdir()):
            raise ServerError(f"{data} is not a PostgreSQL database directory: move it away") from None
        return False
    except OSError as error:
        raise explain_os_error(error, "read the embedded database") from error
    if version != str(MAJOR):
        raise ServerError(
            f"{data} was made by PostgreSQL {version}; this tenuto brings {MAJOR}. "
            "Dump it with that version's pg_dump and restore it into a new home, or name a database with --db"
        )
    return True


def initialise(data: Path, programs: Path, account: Account, settings: Mapping[str, str]) -> None:
    """Run initdb as the account and put the finished directory in its place. Call under the lock."""
    unfinished = data.with_name(_UNFINISHED)
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        _initdb(unfinished, programs, account)
        path = unfinished / "postgresql.conf"
        path.write_text(configuration.render(settings), encoding="utf-8")
        if data.exists():
            data.rmdir()
        unfinished.rename(data)
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise explain_os_error(error, "make the embedded database") from error
    except ServerError:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def _initdb(target: Path, programs: Path, account: Account) -> None:
    command = [
        str(programs / "initdb"), "-D", str(target), "-U", USER, "--auth=trust", "--encoding=UTF8", "--locale=C",
        "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums", "--no-instructions",
    ]  # fmt: skip
    try:
        done = subprocess.run(  # noqa: S603 - our own program and arguments
            command, cwd="/", env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", timeout=INITDB_LIMIT_S, check=False,
            start_new_session=True,  # Ctrl-C stops us, not half of an initdb
            **account.spawn_options(),
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise ServerError(f"making the embedded database took longer than {INITDB_LIMIT_S} s: {target}") from error
    if done.returncode != 0:
        raise ServerError(_explain(done.stdout, target))


def _explain(output: str, target: Path) -> str:
    if "No space left on device" in output or "Disk quota exceeded" in output:
        return f"cannot make the embedded database: the disk is full ({target.parent}). Free some space and try again"
    lines = [line for line in output.splitlines() if "error" in line.lower() or "fatal" in line.lower()]
    last = (lines or output.strip().splitlines() or ["no output"])[-1]
    return f"initdb failed in {target.parent}: {last.strip()}"
