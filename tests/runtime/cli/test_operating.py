"""A daemon, and everything people do to its runs."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import psycopg
import pytest
from tenuto.cli.entry import main
from tenuto.client import Client
from tenuto.store.migrate import migrations
from tenuto.store.protocol import Doubt

from tests.docs_pages import ROOT
from tests.runtime.cli.calling import ACTS, FLOW, Tenuto, eventually


def test_a_run_from_start_to_result(tenuto: Tenuto) -> None:
    with tenuto.daemon() as daemon:
        assert tenuto("start", "talk", "--id", "a-1", "--input", '{"name": "Ada"}').said(0).out == "a-1\n"
        eventually(lambda: tenuto("show", "a-1", "-o", "json").data["states"] == ["waiting"])
        assert tenuto("query", "a-1", "where").said(0).data == {"state": "waiting"}
        tenuto("result", "a-1", "--timeout", "0.2").said(6, "a-1")
        tenuto("signal", "a-1", "reply", '{"text": "yes"}', "--request-id", "r-1").said(0, "sent")
        assert tenuto("result", "a-1", "--timeout", "20").said(0).data == {"answer": "yes"}
        text = tenuto("history", "a-1").said(0).out
        assert "started" in text
        assert 'signal reply {"text":"yes"}' in text
        assert "in waiting" in text
        assert "waiting: on reply" in text
        rows = tenuto("history", "a-1", "-o", "json").data
        assert [row["event"]["kind"] for row in rows if row["event"]] == ["run_started", "signal_received"]
        shown = tenuto("show", "a-1").out
        assert "completed" in shown
        daemon.signal(signal.SIGTERM)
        daemon.end().said(0)


def test_what_does_not_exist(tenuto: Tenuto) -> None:
    tenuto("deploy", FLOW).said(0)
    tenuto("start", "talk", "--id", "a-1", "--input", '{"name": "Ada"}').said(0)
    tenuto("start", "tlak").said(4, "no workflow tlak", "did you mean talk")
    for command in (["show"], ["history"], ["result"], ["cancel"], ["terminate"], ["retry"]):
        tenuto(*command, "nobody").said(4, "no run with the id 'nobody'", "tenuto list")
    tenuto("signal", "nobody", "reply").said(4, "nobody")
    tenuto("query", "nobody", "where").said(4, "nobody")
    tenuto("signal", "a-1", "rply", '{"text": "x"}').said(4, "rply", "did you mean reply")
    tenuto("query", "a-1", "wher").said(4, "wher", "did you mean where")
    tenuto("signal", "a-1", "reply", '{"text": 1}').said(2, "text: expected string, found 1")
    tenuto("update", "a-1", "reply").said(4, "no update reply")


def test_the_same_id_twice_and_the_same_request_twice(tenuto: Tenuto) -> None:
    tenuto("deploy", FLOW).said(0)
    command = ["start", "talk", "--input", '{"name": "Ada"}', "-o", "json"]
    first = tenuto(*command, "--id", "a-1", "--request-id", "r").said(0).data
    again = tenuto(*command, "--id", "a-1", "--request-id", "r").said(0).data
    assert (first["new"], again["new"]) == (True, False)
    assert first["run_id"] == again["run_id"]
    done = tenuto(*command, "--id", "a-1").said(2, "'a-1' is under way", "tenuto show a-1")
    assert done.out == ""
    assert len(tenuto("list", "-o", "json").data) == 1


def test_an_id_that_is_taken_or_was_used(tenuto: Tenuto) -> None:
    with tenuto.daemon():
        command = ["start", "greeting", "--id", "u-1", "--input", '{"name": "Ada"}', "-o", "json"]
        first = tenuto(*command).said(0).data
        tenuto("result", "u-1").said(0)
        tenuto(*command, "--id-reuse", "reject_duplicate").said(2, "'u-1' has ended", "--id-reuse allow_duplicate")
        tenuto(*command, "--id-reuse", "allow_duplicate_failed_only").said(2, "not to be used again")
        second = tenuto(*command).said(0, "another run of u-1: the one before was completed").data
        assert second["run_id"] != first["run_id"]

        command = ["start", "talk", "--id", "u-2", "--input", '{"name": "Ada"}', "-o", "json"]
        first = tenuto(*command).said(0).data
        tenuto(*command, "--id-conflict", "fail").said(2, "'u-2' is under way")
        used = tenuto(*command, "--id-conflict", "use_existing").said(0, "u-2 is under way").data
        assert (used["run_id"], used["new"]) == (first["run_id"], False)
        other = (
            tenuto(*command, "--id-conflict", "terminate_existing", "--request-id", "r").said(0, "was terminated").data
        )
        assert other["new"]
        assert tenuto("show", first["run_id"], "-o", "json").data["status"] == "terminated"
        again = tenuto(*command, "--id-conflict", "terminate_existing", "--request-id", "r").said(0).data
        assert (again["run_id"], again["new"]) == (other["run_id"], False)


def test_a_request_without_an_id_is_one_run(tenuto: Tenuto) -> None:
    tenuto("deploy", FLOW).said(0)
    command = ["start", "talk", "--input", '{"name": "Ada"}', "--request-id", "r", "-o", "json"]
    first, again = tenuto(*command).said(0).data, tenuto(*command).said(0).data
    assert (first["new"], again["new"]) == (True, False)
    assert first["run_id"] == again["run_id"]


def test_what_is_in_doubt_can_be_repeated_under_its_request_id(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], pg_dsn: str
) -> None:
    """The id is told: under another one the command could be done twice."""
    requests: list[str | None] = []

    def lost(_self: Client, *_given: object, request: str | None = None, **_more: object) -> None:
        requests.append(request)
        raise Doubt("no answer")

    for name in ("start", "signal", "update", "cancel", "terminate", "retry"):
        monkeypatch.setattr(Client, name, lost)
        assert main([name, "a-1", *(["x"] if name in ("signal", "update") else []), "--db", pg_dsn]) == 5
        assert f"repeat it with --request-id {requests[-1]}: it will be done once" in capsys.readouterr().err
    assert None not in requests
    assert main(["start", "talk", "--id", "a-1", "--request-id", "r", "--db", pg_dsn]) == 5
    assert "repeat it with --id a-1 --request-id r: " in capsys.readouterr().err


def test_text_that_cannot_be_stored(tenuto: Tenuto) -> None:
    tenuto("show", "a\udcff").said(2, "cannot be stored")


def test_cancel_and_terminate(tenuto: Tenuto) -> None:
    with tenuto.daemon():
        for name in ("c-1", "c-2"):
            tenuto("start", "talk", "--id", name, "--input", '{"name": "Ada"}').said(0)
        tenuto("cancel", "c-1", "--reason", "enough").said(0)
        tenuto("terminate", "c-2").said(0)
        tenuto("result", "c-1", "--timeout", "20").said(1, "c-1 cancelled: Cancelled")
        tenuto("result", "c-2", "--timeout", "20").said(1, "c-2 terminated")
        tenuto("signal", "c-1", "reply", '{"text": "late"}').said(4, "has ended")


def test_a_list_says_where_runs_are_now(tenuto: Tenuto) -> None:
    """An engine that holds a run has not written its row since it took it."""
    with tenuto.daemon():
        tenuto("start", "sleeper", "--id", "s-1", "--input", '{"seconds": 20}').said(0)
        eventually(lambda: tenuto("show", "s-1", "-o", "json").data["pending"])
        assert tenuto("list", "-o", "json").data[0]["states"] == "napping"
        tenuto("terminate", "s-1").said(0)


def test_lists(tenuto: Tenuto) -> None:
    tenuto("deploy", FLOW).said(0)
    for name in ("l-1", "l-2", "m-1"):
        tenuto("start", "talk", "--id", name, "--input", '{"name": "Ada"}').said(0)
    lines = tenuto("list", "--prefix", "l-", "-o", "jsonl").out.splitlines()
    assert len(lines) == 2
    newest = tenuto("list", "--limit", "1", "-o", "json").data
    assert [row["workflow_id"] for row in newest] == ["m-1"]
    rest = tenuto("list", "--before", newest[0]["run_id"], "-o", "json").data
    assert [row["workflow_id"] for row in rest] == ["l-2", "l-1"]
    assert tenuto("list", "--status", "completed", "-o", "json").data == []
    assert tenuto("list", "--workflow", "greeting", "-o", "json").data == []
    tenuto("list", "--status", "opne").said(2, "opne")


def test_filters(tenuto: Tenuto) -> None:
    tenuto("deploy", FLOW).said(0)
    for name in ("a-1", "a-2", "b-1"):
        tenuto("start", "talk", "--id", name, "--input", '{"name": "Ada"}').said(0)
    tenuto("terminate", "a-2").said(0)

    def listed(source: str) -> list[str]:
        return [row["workflow_id"] for row in tenuto("list", "--filter", source, "-o", "json").said(0).data]

    assert listed('workflow_id.startsWith("a") && workflow == "talk" && started_at > now() - 1h') == ["a-2", "a-1"]
    assert listed('!(workflow_id in ["a-1", "a-2"]) || attributes.customer == "c"') == ["b-1"]
    assert listed("attributes.customer == workflow_id") == []
    tenuto("list", "--filter", 'status == "opne"').said(2, "<filter>:1:1: TEN249", 'did you mean "open"?', "^^^^^^")
    tenuto("list", "--filter", 'workflow_id.matches("a")').said(2, "TEN272")
    tenuto("list", "--filter", "id ==").said(2, "TEN101")
    tenuto("deploy", str(ROOT / "samples" / "human_approval" / "human_approval.tenuto")).said(0)
    doubt = "no deployed workflow declares the attribute requster; did you mean requester?"
    assert tenuto("list", "--filter", 'attributes.requster == "x"', "-o", "json").said(0, doubt).data == []
    assert "declares" not in tenuto("list", "--filter", 'attributes.requester == "x"').said(0).err


def test_names_are_inert(tenuto: Tenuto) -> None:
    tenuto("deploy", FLOW).said(0)
    name = "\x1b[31m' or 1=1 --\u202e<b>"
    tenuto("start", "talk", "--id", name, "--input", '{"name": "\\u001b[2J"}').said(0)
    for command in (["list"], ["show", name]):
        done = tenuto(*command).said(0)
        assert "\x1b" not in done.out
        assert "\u202e" not in done.out
    assert "\x1b" not in tenuto("show", f"{name}?").said(4).err


def test_a_second_sigterm_stops_at_once_and_loses_nothing(tenuto: Tenuto) -> None:
    with tenuto.daemon() as daemon:
        tenuto("start", "sleeper", "--id", "s-1", "--input", '{"seconds": 20}').said(0)
        eventually(lambda: tenuto("show", "s-1", "-o", "json").data["pending"])
        daemon.signal(signal.SIGTERM)
        time.sleep(0.5)  # two at once would be one to the kernel
        assert daemon.process.poll() is None
        daemon.signal(signal.SIGTERM)
        daemon.end(timeout=15)
    assert tenuto("show", "s-1", "-o", "json").data["status"] == "open"


def test_the_daemon_logs_what_somebody_should_look_at_and_its_drain(tenuto: Tenuto) -> None:
    with tenuto.daemon("--log-format", "json") as daemon:
        tenuto("start", "divider", "--id", "l-1", "--input", '{"by": 0}').said(0)
        tenuto("start", "stumbler", "--id", "l-2", "--input", '{"key": "x"}').said(0)
        tenuto("result", "l-1").said(1)
        tenuto("result", "l-2").said(1)
        daemon.signal(signal.SIGTERM)
        said = daemon.end().said(0).err
    logged = {line["event"]: line for line in map(json.loads, (text for text in said.splitlines() if text[:1] == "{"))}
    assert logged["run parked"]["workflow_id"] == "l-1"
    assert "division by zero" in logged["run parked"]["reason"]
    assert (logged["run failed"]["workflow_id"], logged["run failed"]["error"]) == ("l-2", "KeyError")
    assert logged["activity failed"]["exception"][0]["exc_type"] == "KeyError"
    assert "locals" not in logged["activity failed"]["exception"][0]["frames"][-1]
    assert logged["draining"]["grace_s"] == 25.0
    assert logged["drained"]["clean"] is True


def test_a_drain_waits_for_what_is_in_flight(tenuto: Tenuto) -> None:
    with tenuto.daemon() as daemon:
        tenuto("start", "sleeper", "--id", "s-2", "--input", '{"seconds": 6}').said(0)
        eventually(lambda: tenuto("show", "s-2", "-o", "json").data["pending"])
        daemon.signal(signal.SIGTERM)
        daemon.end().said(0)
    assert tenuto("result", "s-2", "--timeout", "5").data == "rested"


def test_several_processes_one_of_which_is_killed(tenuto: Tenuto) -> None:
    with tenuto.daemon("--processes", "2") as daemon:
        children = _children(daemon.process.pid)
        assert len(children) == 2
        os.kill(children[0], signal.SIGKILL)
        daemon.wait_for("restarted in")
        tenuto("start", "greeting", "--id", "g-1", "--input", '{"name": "Ada"}').said(0)
        assert tenuto("result", "g-1", "--timeout", "30").said(0).data == {"text": "Hello, Ada."}
        daemon.signal(signal.SIGTERM)
        daemon.end().said(0)


def _children(pid: int) -> list[int]:
    return [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]


def test_a_daemon_that_cannot_serve(tenuto: Tenuto, bare: Tenuto, tmp_path: Path) -> None:
    (tmp_path / "flow.tenuto").write_text((bare.cwd / FLOW).read_text())
    tenuto("daemon", "--workflows", str(tmp_path)).said(2, "activity greet", "--activities")
    tenuto("daemon", "--workflows", str(tmp_path / "nowhere")).said(2, "no such file or directory")
    tenuto("daemon", "--processes", "0").said(2, "--processes")
    tenuto("daemon", "--config", "x").said(2, "name=value")
    bare("daemon", "--db", "postgresql://u:secret@127.0.0.1:1/d").said(5, "cannot reach database d")


def test_databases_that_cannot_be_used(bare: Tenuto, empty_pg_dsn: str, pg_dsn: str) -> None:
    done = bare("list", "--db", "postgresql://u:secret@127.0.0.1:1/d").said(5, "127.0.0.1", "Connection refused")
    assert "secret" not in done.err
    bare("list", "--db", "not a url").said(5, "connection string")
    bare("list", "--db", empty_pg_dsn).said(5, "no Tenuto schema", "tenuto db migrate")
    assert "no Tenuto schema" in bare("db", "status", "--db", empty_pg_dsn).said(0).out
    bare("db", "migrate", "--db", empty_pg_dsn).said(0, "applied")
    assert bare("list", "--db", empty_pg_dsn, "-o", "json").said(0).data == []
    status = bare("db", "status", "--db", empty_pg_dsn).said(0).out
    assert f"current, version {len(migrations())}" in status
    assert "place      database " in status
    assert "host=" not in status
    bare("list", "--db", empty_pg_dsn, "--filter", 'id == "a"').said(2, "'id'", "a filter knows workflow_id, run_id")
    with psycopg.connect(pg_dsn, autocommit=True) as connection:
        connection.execute("insert into tenuto.migration (number, name, checksum) values (9999, 'later', 'x')")
    for command in (
        ["list"],
        ["db", "migrate"],
        ["daemon"],
        ["run", FLOW, "--workflow", "talk", "--input", '{"name": "A"}'],
    ):
        extra = ["--activities", ACTS] if command[0] == "run" else []
        bare(*command, *extra, "--db", pg_dsn).said(5, "newer than this program", "upgrade tenuto")
