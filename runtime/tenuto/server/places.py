"""Where the embedded server lives: its home, its database directory and its socket.

    home/                   0700 (0711 for root, whose server runs as another user)
      postgres.lock         held while the server is being set up, started or stopped
      postgres/             0700, the server's own: data/, server.log and the socket
                            (a symbolic link into /var/lib/tenuto when the server's user cannot reach the home)

Trust authentication is safe only because nobody else can enter the socket's directory; every directory made or found
here is checked for its owner and mode.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from pathlib import Path

from tenuto.server.account import Account
from tenuto.server.errors import ServerError, explain_os_error

PORT = 5432
SOCKET_NAME = f".s.PGSQL.{PORT}"
MAX_SOCKET_PATH = 100
"""bytes; Linux allows 107, macOS 103"""
SYSTEM_DIRECTORY = Path("/var/lib/tenuto")


def default_home() -> Path:
    """`TENUTO_HOME`, else `tenuto` in the XDG data directory."""
    if named := os.environ.get("TENUTO_HOME"):
        return Path(named).expanduser().absolute()
    data = os.environ.get("XDG_DATA_HOME", "")
    # The XDG specification: a relative path is to be ignored.
    base = Path(data) if data.startswith("/") else Path("~/.local/share").expanduser()
    return base / "tenuto"


def make_home(home: Path, *, private: bool) -> None:
    """Make the home directory, or check that it is ours to write in."""
    try:
        home.mkdir(mode=0o700 if private else 0o711, parents=True, exist_ok=True)
        if private and home.stat().st_uid == os.geteuid() and stat.S_IMODE(home.stat().st_mode) & 0o022:
            home.chmod(stat.S_IMODE(home.stat().st_mode) & ~0o022)
    except OSError as error:
        raise explain_os_error(error, f"use {home} as home") from error
    if not os.access(home, os.W_OK | os.X_OK):
        raise ServerError(
            f"cannot use {home} as home: no permission to write there. "
            "Set TENUTO_HOME to a directory of your own, or name a database with --db"
        )


def server_directory(home: Path, account: Account) -> Path:
    """Make (or find) the directory that belongs to the server's user, and say where it really is."""
    link = home / "postgres"
    try:
        if not link.exists():
            _make_server_directory(home, link, account)
        real = link.resolve()
        _demand_private(real, account)
    except OSError as error:
        raise explain_os_error(error, f"set up the database in {home}") from error
    return real


def _make_server_directory(home: Path, link: Path, account: Account) -> None:
    if not account.switched or account.can_enter(home):
        _make_private(link, account)
        return
    # Root's home is closed to the server's user and must stay so: the database moves to where the system keeps such.
    # The name is derived from the home, so that losing the link loses no data.
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    SYSTEM_DIRECTORY.mkdir(mode=0o755, parents=True, exist_ok=True)
    target = SYSTEM_DIRECTORY / digest
    if not target.exists():
        _make_private(target, account)
    with contextlib.suppress(FileNotFoundError):
        link.unlink()
    link.symlink_to(target)


def _make_private(path: Path, account: Account) -> None:
    """Make a 0700 directory of the account, whole or not at all."""
    fresh = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    if account.switched:
        os.chown(fresh, account.uid, account.gid)
    fresh.rename(path)


def _demand_private(path: Path, account: Account) -> None:
    status = path.stat()
    if status.st_uid != account.uid:
        raise ServerError(
            f"{path} belongs to another user (uid {status.st_uid}). "
            "Run as that user, or set TENUTO_HOME to a directory of your own"
        )
    if stat.S_IMODE(status.st_mode) & 0o077:
        path.chmod(0o700)


def socket_directory(directory: Path, account: Account) -> Path:
    """A private directory whose socket path is short enough; the server's own one when that is."""
    if _fits(directory):
        return directory
    digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:12]
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    candidates = [Path(runtime)] if runtime.startswith("/") and not account.switched else []
    for base in [*candidates, Path(tempfile.gettempdir()), Path("/tmp")]:  # noqa: S108 - entered only when private
        if not _fits(base / f"tenuto-{digest}-12345678"):
            continue
        with contextlib.suppress(OSError):
            return _private_in(base, f"tenuto-{digest}", account)
    raise ServerError(f"no private directory with a short path for the database's socket: {directory} is too long")


def _private_in(base: Path, name: str, account: Account) -> Path:
    path = base / name
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
        if account.switched:
            os.chown(path, account.uid, account.gid)
    status = path.lstat()
    if stat.S_ISDIR(status.st_mode) and status.st_uid == account.uid and not stat.S_IMODE(status.st_mode) & 0o077:
        return path
    # Somebody else got there first (a shared /tmp): take a name nobody can guess; postmaster.pid tells it to others.
    fresh = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=base))
    if account.switched:
        os.chown(fresh, account.uid, account.gid)
    return fresh


def _fits(directory: Path) -> bool:
    # libpq takes a comma in `host` for a list.
    return len(os.fsencode(directory / SOCKET_NAME)) <= MAX_SOCKET_PATH and "," not in str(directory)
