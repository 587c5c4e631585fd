"""Migrating runs as people do it: the guide as written, and the command's ways to say no."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tenuto.client import Client

from tests.docs_pages import ROOT, blocks
from tests.runtime.cli.calling import Tenuto, eventually

GUIDE = ROOT / "docs" / "howto" / "versions.md"
ONE, TWO = (block.code for block in blocks(GUIDE, "tenuto"))
LINES = [line for block in blocks(GUIDE, "sh") for line in block.code.splitlines()]


@pytest.fixture
def client(pg_dsn: str) -> Iterator[Client]:
    """For what is no part of the test: a process for each would take long."""
    with Client(pg_dsn) as client:
        yield client


def begun(client: Client, *runs: tuple[str, int]) -> None:
    for id, total in runs:
        client.start("order", {"total": total}, id=id)
    eventually(lambda: all(client.describe(id).states == ["review"] for id, _ in runs))


def test_the_guide_as_written(tenuto: Tenuto, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "order.tenuto"
    there = Tenuto(tenuto.variables, tmp_path)
    file.write_text(ONE)
    client.deploy(file)
    with there.running("daemon", until="serving with"):
        begun(client, ("order-17", 50), ("order-18", 500))
        file.write_text(TWO)
        deploy, dry, all_, one = ([*line.split()[1:]] for line in LINES)
        said = "2 runs of order stay in version 1; to let them follow: tenuto migrate --workflow order --from 1\n"
        assert there(*deploy, "-o", "json").said(0, said).data[0]["older_runs"] == 2
        found = there(*dry).said(0).out
        assert found.count("review -> approval") == 2
        assert client.describe("order-17").states == ["review"]
        rows = there(*all_, "-o", "json").said(0, "2 migrated").data
        assert sorted((r["workflow_id"], r["from"], r["to"], r["outcome"]) for r in rows) == [
            ("order-17", 1, 2, "migrated"),
            ("order-18", 1, 2, "migrated"),
        ]
        assert there(*one, "-o", "json").said(0, "1 in it already").data[0]["outcome"] == "current"
        assert there("migrate", "--workflow", "order", "--yes", "-o", "json").said(0, "no run to migrate").data == []
        shown = client.describe("order-18")
        assert (shown.version, shown.variables["large"]) == (2, True)
        client.signal("order-17", "approve", {"by": "Ada"})
        assert client.result("order-17", 20) == {"by": "Ada"}
        for by in ("Ada", "Ben"):
            client.signal("order-18", "approve", {"by": by})
        assert client.result("order-18", 20) == {"by": "Ada, Ben"}
        assert "migrated to" in there("history", "order-18").said(0).out


def test_refusals_are_told_and_shown(tenuto: Tenuto, client: Client, tmp_path: Path) -> None:
    there = Tenuto(tenuto.variables, tmp_path)
    file = tmp_path / "order.tenuto"
    file.write_text(ONE)
    with there.running("daemon", "--workflows", "order.tenuto", until="serving with"):
        begun(client, ("a", 1))
        file.write_text(ONE.replace("version 1", "version 2").replace("review", "looking"))
        there("deploy", "order.tenuto").said(0, "1 run of order stays in version 1 and cannot follow", "review")
        dry = there("migrate", "a", "--dry-run").said(0).out
        assert "refused: the state review has no counterpart" in dry
        done = there("migrate", "a", "--request-id", "r", "-o", "json").said(1, "1 refused", "stays as it was")
        assert "review has no counterpart" in done.data[0]["reason"]
        assert there("migrate", "a", "--request-id", "r", "-o", "json").said(1).data == done.data
        assert "no counterpart" in str(client.describe("a").refused)
        assert "no counterpart" in there("show", "a").out
        assert client.describe("a").states == ["review"]


def test_misuse(tenuto: Tenuto, client: Client, tmp_path: Path) -> None:
    there = Tenuto(tenuto.variables, tmp_path)
    file = tmp_path / "order.tenuto"
    file.write_text(ONE)
    client.deploy(file)
    client.start("order", {"total": 1}, id="a")
    there("migrate").said(2, "name either a run, or --workflow")
    there("migrate", "a", "--workflow", "order").said(2, "name either a run, or --workflow")
    there("migrate", "a", "--from", "1").said(2, "--from and --filter")
    there("migrate", "nobody").said(4, "no run with the id 'nobody'")
    there("migrate", "--workflow", "ordr", "--yes").said(4, "no workflow ordr", "did you mean order")
    there("migrate", "a", "--to", "7").said(4, "order has no deployed version 7")
    file.write_text(TWO)
    there("deploy", "order.tenuto").said(0)
    there("migrate", "--workflow", "order", "--from", "9", "--yes").said(4, "no deployed version 9", "1, 2")
    there("migrate", "--workflow", "order").said(2, "migrate 1 run of order to version 2?", "--yes", "--dry-run")
    there("migrate", "--workflow", "order", "--filter", "statu == 1", "--yes").said(2, "statu")
    there("migrate", "a", "--timeout", "0.2", "--request-id", "r").said(6, "1 not answered", "--request-id r")


@pytest.mark.parametrize("command", ["deploy", "daemon"])
def test_a_migration_that_does_not_fit_is_not_deployed(
    tenuto: Tenuto, client: Client, tmp_path: Path, command: str
) -> None:
    there = Tenuto(tenuto.variables, tmp_path)
    file = tmp_path / "order.tenuto"
    file.write_text(ONE)
    client.deploy(file)
    given = ["deploy", "order.tenuto"] if command == "deploy" else ["daemon", "--workflows", "order.tenuto"]
    file.write_text(TWO.replace("old.total", "old.totl"))
    there(*given).said(
        3, "TEN607", "order.tenuto:6:3", "version 1 has no variable totl", "nothing was started or stored"
    )
    assert client.program("order").version == 1
    file.write_text(TWO.replace("version 2", "version 3").replace("migrate from 1", "migrate from 2"))
    there("deploy", "order.tenuto").said(0)
