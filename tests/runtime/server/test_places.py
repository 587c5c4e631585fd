"""Homes with long, odd, closed, foreign or full places: they work, or say what is wrong."""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tenuto.server import EmbeddedServer, ServerError, default_home
from tenuto.server import account as accounts
from tenuto.server.places import MAX_SOCKET_PATH, SOCKET_NAME, socket_directory

from tests.runtime.server.homes import QUICK, clean_up

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="about root only")
as_user = pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")


def answers(home: Path) -> bool:
    with psycopg.connect(EmbeddedServer(home, settings=QUICK).ensure()) as connection:
        return connection.execute("select 1").fetchone() == (1,)


def test_home_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TENUTO_HOME", str(tmp_path / "named"))
    assert default_home() == tmp_path / "named"
    monkeypatch.delenv("TENUTO_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert default_home() == tmp_path / "data" / "tenuto"
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    monkeypatch.setenv("HOME", "/home/somebody")
    assert default_home() == Path("/home/somebody/.local/share/tenuto")


def test_a_long_path_gets_a_short_private_socket(home: Path) -> None:
    deep = home / ("d" * 60) / ("e" * 60)
    home.mkdir(mode=0o711)
    deep.parent.mkdir(mode=0o711)
    assert answers(deep)
    found = EmbeddedServer(deep).status()
    assert found.dsn is not None
    sockets = Path(psycopg.conninfo.conninfo_to_dict(found.dsn)["host"])  # type: ignore[arg-type]
    assert len(os.fsencode(sockets / SOCKET_NAME)) <= MAX_SOCKET_PATH
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    clean_up(deep)
    assert not sockets.exists()


def test_a_squatted_socket_directory_is_not_entered(monkeypatch: pytest.MonkeyPatch) -> None:
    account = accounts.choose(Path("/nonexistent"))
    with tempfile.TemporaryDirectory() as short:
        monkeypatch.setattr(tempfile, "tempdir", short)
        monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
        directory = Path("/" + "x" * 120)
        expected = socket_directory(directory, account)
        assert stat.S_IMODE(expected.stat().st_mode) == 0o700
        expected.chmod(0o777)
        other = socket_directory(directory, account)
        assert other != expected
        assert stat.S_IMODE(other.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["with space", "with,comma", 'it\'s "quoted"', "über-größe", "50%\\"])
def test_odd_names(home: Path, name: str) -> None:
    home.mkdir(mode=0o711)
    assert answers(home / name)
    clean_up(home / name)


@as_root
def test_a_home_closed_to_the_servers_user(home: Path) -> None:
    home.parent.chmod(0o700)
    assert answers(home)
    assert stat.S_IMODE(home.parent.stat().st_mode) == 0o700
    assert (home / "postgres").is_symlink()
    # Losing the link loses no data: the place follows from the home.
    target = (home / "postgres").resolve()
    EmbeddedServer(home).stop()
    (home / "postgres").unlink()
    assert answers(home)
    assert (home / "postgres").resolve() == target


@as_root
def test_root_serves_as_somebody_else(home: Path) -> None:
    assert answers(home)
    owner = (home / "postgres").stat().st_uid
    assert owner != 0
    pid = EmbeddedServer(home).status().pid
    assert Path(f"/proc/{pid}").stat().st_uid == owner


@as_user
def test_an_unwritable_home(home: Path) -> None:
    home.mkdir(mode=0o500)
    with pytest.raises(ServerError, match=r"no permission to write.*TENUTO_HOME"):
        EmbeddedServer(home).ensure()


def test_a_file_in_the_way(home: Path) -> None:
    home.write_text("")
    with pytest.raises(ServerError, match="a file is in the way"):
        EmbeddedServer(home).ensure()
    with pytest.raises(ServerError, match="a file is in the way"):
        EmbeddedServer(home / "below").ensure()


def test_a_database_of_another_version(home: Path) -> None:
    assert answers(home)
    EmbeddedServer(home).stop()
    ((home / "postgres").resolve() / "data" / "PG_VERSION").write_text("16\n")
    with pytest.raises(ServerError, match="made by PostgreSQL 16; this tenuto brings 18"):
        EmbeddedServer(home).ensure()


def test_a_broken_configuration_is_named(home: Path) -> None:
    assert answers(home)
    EmbeddedServer(home).stop()
    with ((home / "postgres").resolve() / "data" / "postgresql.conf").open("a") as configuration:
        configuration.write("shared_buffers = 'many'\n")
    with pytest.raises(ServerError, match=r"did not start: .*shared_buffers|configuration file .* contains errors"):
        EmbeddedServer(home).ensure()


@pytest.fixture
def small_disk() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="tenuto-small-"))
    command = ["mount", "-t", "tmpfs", "-o", "size=12m,mode=711", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        place.rmdir()
        pytest.skip("cannot mount a small disk here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=False)
    with contextlib.suppress(OSError):
        place.rmdir()


def test_a_full_disk(small_disk: Path) -> None:
    with pytest.raises(ServerError, match="the disk is full"):
        EmbeddedServer(small_disk / "home").ensure()
    assert not (small_disk / "home" / "postgres" / "data").exists()
    assert not (small_disk / "home" / "postgres" / "data.unfinished").exists()
