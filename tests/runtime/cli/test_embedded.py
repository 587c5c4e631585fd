"""Without a database named, every command finds the same embedded server; `tenuto db` rules its life."""

from __future__ import annotations

import json
import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.quick_disk import QUICK_DISK
from tests.runtime.cli.calling import ACTS, FLOW, Tenuto, eventually


@pytest.fixture
def own() -> Iterator[Tenuto]:
    """A home of the test's own, whose server is stopped afterwards."""
    with tempfile.TemporaryDirectory(prefix="tenuto-home-", dir=QUICK_DISK, ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        tenuto = Tenuto({"TENUTO_HOME": f"{folder}/home"})
        yield tenuto
        tenuto("db", "stop")


def test_the_first_start_makes_everything(own: Tenuto) -> None:
    status = own("db", "status", "-o", "json")
    assert status.said(5).data["running"] is False
    command = ["run", FLOW, "--workflow", "greeting", "--activities", ACTS, "--input", '{"name": "Ada"}']
    done = own(*command).said(0, "setting up the embedded database")
    assert done.data == {"text": "Hello, Ada."}
    assert "setting up" not in own(*command).said(0).err
    assert len(own("list", "-o", "json").data) == 2
    found = own("db", "status", "-o", "json").said(0).data
    assert (found["running"], found["schema"]) == (True, "current")
    with psycopg.connect(own("db", "url").out.strip()) as connection:
        assert connection.execute("select count(*) from tenuto.run").fetchone() == (2,)
    own("db", "stop").said(0, "stopped")
    own("db", "stop").said(0, "not running")
    assert own("db", "start").said(0).out.startswith("postgresql://")
    own("db", "migrate").said(0, "current")
    own("db", "stop", "--db", "postgresql://x").said(2, "about the embedded server")
    own("db", "stop", TENUTO_DB="postgresql://x").said(2, "--home")


def test_a_daemon_keeps_the_embedded_server_up(own: Tenuto) -> None:
    with own.daemon() as daemon:
        own("start", "talk", "--id", "k-1", "--input", '{"name": "Ada"}').said(0)
        pid = own("db", "status", "-o", "json").data["pid"]
        os.kill(pid, signal.SIGKILL)
        back = eventually(lambda: own("db", "status", "-o", "json").data.get("pid") not in (None, pid), 30)
        assert back
        own("signal", "k-1", "reply", '{"text": "still here"}').said(0)
        assert own("result", "k-1", "--timeout", "40").said(0).data == {"answer": "still here"}
        daemon.signal(signal.SIGTERM)
        daemon.end().said(0)


def test_a_run_outlives_the_death_of_its_database(own: Tenuto) -> None:
    own("db", "start").said(0)
    command = ["run", FLOW, "--workflow", "talk", "--activities", ACTS, "--id", "k-2", "--input", '{"name": "Ada"}']
    with own.running(*command, until="state") as run:
        waiting = own.popen("result", "k-2")
        eventually(lambda: _sessions(own, "tenuto client") > 2)
        pid = own("db", "status", "-o", "json").data["pid"]
        os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: own("db", "status", "-o", "json").data.get("pid") not in (None, pid), 30)
        own("signal", "k-2", "reply", '{"text": "still here"}').said(0)
        assert run.end().said(0).data == {"answer": "still here"}
        out, _ = waiting.communicate(timeout=40)
        assert json.loads(out) == {"answer": "still here"}


def _sessions(own: Tenuto, name: str) -> int:
    with psycopg.connect(own("db", "url").out.strip()) as connection:
        found = connection.execute("select count(*) from pg_stat_activity where application_name = %s", [name])
        return int((found.fetchone() or [0])[0])


def test_a_home_that_cannot_be_used(bare: Tenuto, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    bare("list", "--home", str(tmp_path / "file")).said(5, "a file is in the way", "TENUTO_HOME")
