"""The embedded server is made once, found again, outlives its owner and comes back after any death."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from tenuto.server import EmbeddedServer, ServerError, supervisor
from tenuto.server import account as accounts
from tenuto.server.lock import exclusive
from tenuto.server.postmaster import is_serving, read_pid_file

from tests.runtime.server.homes import QUICK, postmaster_of

ENSURE = "import sys; from pathlib import Path; from tenuto.server import EmbeddedServer; "
START = ENSURE + "print(EmbeddedServer(Path(sys.argv[1]), settings={'fsync': 'off'}).ensure(), flush=True)"


def query(url: str, statement: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(statement).fetchone()  # type: ignore[call-overload]
    return row[0] if row else None


def kill_postmaster(home: Path) -> int:
    pid = postmaster_of(home)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    while is_serving(pid, (home / "postgres").resolve() / "data"):
        time.sleep(0.005)
    return pid


def test_first_start_then_found_again(home: Path) -> None:
    told: list[str] = []
    server = EmbeddedServer(home, settings=QUICK, tell=told.append)
    url = server.ensure()
    assert query(url, "select current_database()") == "tenuto"
    pid = postmaster_of(home)
    began = time.monotonic()
    assert EmbeddedServer(home).ensure() == url
    assert time.monotonic() - began < 1
    assert postmaster_of(home) == pid
    assert len([line for line in told if "only once" in line]) == 1


def test_is_private_and_speaks_no_tcp(home: Path) -> None:
    url = EmbeddedServer(home, settings=QUICK).ensure()
    assert query(url, "show listen_addresses") == ""
    for path in ((home / "postgres").resolve(), (home / "postgres").resolve() / "data"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    assert query(url, "show unix_socket_permissions") == "0700"
    assert query(url, "show data_checksums") == "on"


def test_is_durable_by_default(home: Path) -> None:
    url = EmbeddedServer(home).ensure()
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        assert query(url, f"show {setting}") == "on"
    connections = query(url, "show max_connections")
    assert int(str(connections)) >= 100


def test_outlives_the_process_that_started_it(home: Path) -> None:
    code = START + "; import time; time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(home)], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as owner:
        assert owner.stdout is not None
        url = owner.stdout.readline().strip()
        os.killpg(owner.pid, signal.SIGKILL)
    assert query(url, "select 1") == 1


def test_started_by_many_at_once_there_is_one(home: Path) -> None:
    crowd = [
        subprocess.Popen([sys.executable, "-c", START, str(home)], stdout=subprocess.PIPE, text=True) for _ in range(5)
    ]
    urls = {process.communicate(timeout=60)[0].strip() for process in crowd}
    assert [process.returncode for process in crowd] == [0] * 5
    assert len(urls) == 1
    assert query(urls.pop(), "select 1") == 1


def test_comes_back_after_sigkill_with_what_was_committed(home: Path) -> None:
    server = EmbeddedServer(home, settings=QUICK)
    with psycopg.connect(server.ensure(), autocommit=True) as connection:
        connection.execute("create table kept (n int)")
    for n in range(4):
        with psycopg.connect(server.ensure(), autocommit=True) as busy:
            busy.execute("insert into kept values (%s)", [n])
            kill_postmaster(home)
    assert query(server.ensure(), "select count(*) from kept") == 4


def impersonate(home: Path, pid: int) -> None:
    """Make the stale postmaster.pid name another process."""
    path = (home / "postgres").resolve() / "data" / "postmaster.pid"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([str(pid), *lines[1:]]) + "\n")


def test_a_stale_pid_of_a_zombie_is_no_server(home: Path) -> None:
    server = EmbeddedServer(home, settings=QUICK)
    server.ensure()
    kill_postmaster(home)
    zombie = subprocess.Popen(
        ["/bin/true"], cwd="/", **accounts.choose(home / "postgres").spawn_options()
    )  # not waited for: it stays a zombie
    while Path(f"/proc/{zombie.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
        time.sleep(0.005)
    impersonate(home, zombie.pid)
    assert query(server.ensure(), "select 1") == 1
    zombie.wait()


def test_a_stale_pid_of_a_stranger_is_no_server(home: Path) -> None:
    server = EmbeddedServer(home, settings=QUICK)
    server.ensure()
    kill_postmaster(home)
    stranger = subprocess.Popen(["/bin/sleep", "60"], cwd="/", **accounts.choose(home / "postgres").spawn_options())
    try:
        impersonate(home, stranger.pid)
        assert not server.status().running
        assert query(server.ensure(), "select 1") == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_pid_file_cut_short_is_no_server(home: Path) -> None:
    server = EmbeddedServer(home, settings=QUICK)
    server.ensure()
    kill_postmaster(home)
    data = (home / "postgres").resolve() / "data"
    (data / "postmaster.pid").write_text("12")
    assert read_pid_file(data) is None
    assert query(server.ensure(), "select 1") == 1


def test_stop_and_status(home: Path) -> None:
    server = EmbeddedServer(home, settings=QUICK)
    assert server.stop() is False
    assert not server.status().initialised
    url = server.ensure()
    status = server.status()
    assert (status.running, status.dsn, status.pid) == (True, url, postmaster_of(home))
    assert server.stop() is True
    assert not server.status().running
    assert server.status().initialised
    assert server.stop() is False
    assert query(server.ensure(), "select 1") == 1


def test_a_setup_that_was_killed_is_done_again(home: Path) -> None:
    server = EmbeddedServer(home, settings=QUICK)
    account = server._lockable()
    directory = supervisor.server_directory(home, account)
    (directory / "data.unfinished").mkdir()
    (directory / "data.unfinished" / "PG_VERSION").write_text("18\n")
    assert query(server.ensure(), "select 1") == 1
    assert not (directory / "data.unfinished").exists()


@pytest.mark.slow
def test_a_recovery_longer_than_ten_seconds_is_waited_for(home: Path) -> None:
    told: list[str] = []
    server = EmbeddedServer(home, settings=QUICK, tell=told.append)
    server.ensure()
    kill_postmaster(home)
    data = (home / "postgres").resolve() / "data"
    (data / "recovery.signal").touch()
    once = "[ -e slept ] || { touch slept; sleep 12; }; false"
    with (data / "postgresql.conf").open("a") as configuration:
        configuration.write(f"restore_command = '{once}'\n")
    began = time.monotonic()
    assert query(server.ensure(), "select 1") == 1
    assert time.monotonic() - began > 10
    assert any("recovers" in line for line in told)


@pytest.mark.slow
def test_a_frozen_server_is_reported(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = EmbeddedServer(home, settings=QUICK)
    server.ensure()
    pid = postmaster_of(home)
    assert pid is not None
    monkeypatch.setattr(supervisor, "SILENCE_LIMIT_S", 1)
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(ServerError, match=f"process {pid} lives but does not answer"):
            server.ensure()
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_lock_held_too_long_is_reported(home: Path) -> None:
    home.mkdir()
    told: list[str] = []
    with (
        exclusive(home / "lock", 1),
        pytest.raises(ServerError, match="another process"),
        exclusive(home / "lock", 0.1, waiting=lambda: told.append("")),
    ):
        pass
    assert told == [""]
