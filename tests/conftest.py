"""One embedded PostgreSQL for the whole test run, one fresh migrated database for each test that asks for it.

The process that pytest was started as owns the server's home and takes it away at the end; workers of xdist share the
server through the home's own lock.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest
from tenuto.server import EmbeddedServer
from tenuto.server.postmaster import read_pid_file
from tenuto.server.probe import dsn as server_dsn

from tests.quick_disk import QUICK_DISK

_HOME = "TENUTO_TEST_HOME"
_PREFIX = "tenuto-test-"
_TEMPLATE = "tenuto_template"

# Tests kill servers, not machines: what the kernel has, the disk need not have.
_SETTINGS = {"fsync": "off", "max_wal_size": "256MB", "autovacuum_naptime": "60s"}


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


def _remove(home: Path) -> None:
    with contextlib.suppress(Exception):
        EmbeddedServer(home).stop()
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


@pytest.fixture(scope="session")
def server() -> EmbeddedServer:
    """The run's embedded server, started."""
    embedded = EmbeddedServer(Path(os.environ[_HOME]), settings=_SETTINGS)
    embedded.ensure()
    return embedded


@pytest.fixture(scope="session")
def _admin(server: EmbeddedServer) -> Iterator[psycopg.Connection]:
    """A connection for making and dropping databases, once the template is there."""
    with psycopg.connect(_url(server, "postgres"), autocommit=True) as connection:
        lock = os.open(server.home / "template.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not connection.execute("select 1 from pg_database where datname = %s", [_TEMPLATE]).fetchone():
                _make_template(server, connection)
        finally:
            os.close(lock)
        yield connection


def _make_template(server: EmbeddedServer, connection: psycopg.Connection) -> None:
    unfinished = f"{_TEMPLATE}_unfinished"
    connection.execute(f"drop database if exists {unfinished}")
    connection.execute(f"create database {unfinished}")
    if find_spec("tenuto.store.migrate") is not None:
        from tenuto.store.migrate import migrate

        migrate(_url(server, unfinished))
    connection.execute(f"alter database {unfinished} rename to {_TEMPLATE}")


def _url(server: EmbeddedServer, database: str) -> str:
    found = read_pid_file((server.home / "postgres").resolve() / "data")
    assert found is not None
    assert found.socket_directory is not None
    return server_dsn(found.socket_directory, database)


def _database(server: EmbeddedServer, admin: psycopg.Connection, template: str) -> Iterator[str]:
    name = f"t_{uuid.uuid4().hex}"
    admin.execute(f"create database {name} template {template} strategy file_copy")
    try:
        yield _url(server, name)
    finally:
        admin.execute(f"drop database if exists {name} with (force)")


@pytest.fixture
def pg_dsn(server: EmbeddedServer, _admin: psycopg.Connection) -> Iterator[str]:
    """A fresh database with Tenuto's schema."""
    yield from _database(server, _admin, _TEMPLATE)


@pytest.fixture
def empty_pg_dsn(server: EmbeddedServer, _admin: psycopg.Connection) -> Iterator[str]:
    """A fresh database with nothing in it."""
    yield from _database(server, _admin, "template1")
