"""One PostgreSQL for the whole test run, one fresh migrated database for each test that asks for it.

By default the server is an embedded one: the process that pytest was started as owns its home and takes it away at the
end; workers of xdist share it through the home's own lock. With `TENUTO_TEST_DSN` it is the server named there, another
version for instance; its user must be allowed to create databases, and finds no more of them than before.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg.conninfo import make_conninfo
from tenuto.server import EmbeddedServer
from tenuto.store.migrate import migrate

from tests.quick_disk import QUICK_DISK

_HOME = "TENUTO_TEST_HOME"
_OUTSIDE = "TENUTO_TEST_DSN"
_PREFIX = "tenuto-test-"

# Tests kill servers, not machines: what the kernel has, the disk need not have.
_SETTINGS = {"fsync": "off", "max_wal_size": "256MB", "autovacuum_naptime": "60s"}

# How long an example takes says how busy the machine is. What may take long at most is a test of its own.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    _sweep()
    home = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=QUICK_DISK))
    home.chmod(0o711)  # as root, the server runs as another user and has to pass through
    os.environ[_HOME] = str(home)
    config.add_cleanup(lambda: _remove(home))
    # A test that forgets to say where must not touch the person's own server.
    for name in ("TENUTO_DB", "TENUTO_CONFIG"):
        os.environ.pop(name, None)
    os.environ["TENUTO_HOME"] = str(home)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # Begun in the background of a script, we were told to ignore it; what tests start and interrupt must not.
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """A property that fails is told by its example: shrinking ends before the alarm of pytest-timeout would end it.

    The alarm may fall anywhere: in the middle of a draw it makes the test look flaky, and in the callback that
    Hypothesis has in the garbage collector it is lost, but for a warning about an exception that nobody could catch.
    """
    if "hypothesis" in sys.modules:
        from hypothesis.internal.conjecture import engine

        engine.MAX_SHRINKING_SECONDS = 40


def _remove(home: Path) -> None:
    with contextlib.suppress(Exception):
        EmbeddedServer(home).stop()
    if outside := os.environ.get(_OUTSIDE):
        with contextlib.suppress(psycopg.Error), psycopg.connect(outside, autocommit=True) as connection:
            connection.execute(f"drop database if exists {_template(home)}".encode())
    shutil.rmtree(home, ignore_errors=True)


def _sweep() -> None:
    """Take away what runs that were killed have left behind."""
    for home in QUICK_DISK.glob(f"{_PREFIX}*"):
        with contextlib.suppress(ValueError, OSError):
            owner = int(home.name.removeprefix(_PREFIX).split("-")[0])
            if home.stat().st_uid == os.geteuid() and not _lives(owner):
                _remove(home)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _template(home: Path) -> str:
    """Its name is the run's own: two runs on one outside server may have different schemas."""
    return f"tenuto_template_{home.name.rpartition('-')[2]}".lower()


@pytest.fixture(scope="session")
def server() -> str:
    """The DSN of the run's server, started."""
    outside = os.environ.get(_OUTSIDE)
    return outside or EmbeddedServer(Path(os.environ[_HOME]), settings=_SETTINGS).ensure()


@pytest.fixture(scope="session")
def _admin(server: str) -> Iterator[psycopg.Connection]:
    """A connection for making and dropping databases, once the template is there."""
    home = Path(os.environ[_HOME])
    with psycopg.connect(server, dbname="postgres", autocommit=True) as connection:
        lock = os.open(home / "template.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            known = connection.execute("select 1 from pg_database where datname = %s", [_template(home)]).fetchone()
            if not known:
                _make_template(server, connection, _template(home))
        finally:
            os.close(lock)
        yield connection


def _make_template(server: str, connection: psycopg.Connection, template: str) -> None:
    unfinished = f"{template}_unfinished"
    connection.execute(f"drop database if exists {unfinished}".encode())
    connection.execute(f"create database {unfinished}".encode())
    migrate(make_conninfo(server, dbname=unfinished))
    connection.execute(f"alter database {unfinished} rename to {template}".encode())


def _database(server: str, admin: psycopg.Connection, template: str) -> Iterator[str]:
    name = f"t_{uuid.uuid4().hex}"
    quick = " strategy file_copy" if admin.info.server_version >= 150000 else ""
    admin.execute(f"create database {name} template {template}{quick}".encode())
    try:
        yield make_conninfo(server, dbname=name)
    finally:
        admin.execute(f"drop database if exists {name} with (force)".encode())


@pytest.fixture
def pg_dsn(server: str, _admin: psycopg.Connection) -> Iterator[str]:
    """A fresh database with Tenuto's schema."""
    yield from _database(server, _admin, _template(Path(os.environ[_HOME])))


@pytest.fixture
def empty_pg_dsn(server: str, _admin: psycopg.Connection) -> Iterator[str]:
    """A fresh database with nothing in it."""
    yield from _database(server, _admin, "template1")
