"""Migrating runs as people do it: the guide as written, and the command's ways to say no."""

from __future__ import annotations

import json
from pathlib import Path

from tests.docs_pages import ROOT, blocks
from tests.runtime.cli.calling import Tenuto, eventually

GUIDE = ROOT / "docs" / "howto" / "versions.md"
ONE, TWO = (block.code for block in blocks(GUIDE, "tenuto"))
LINES = [line for block in blocks(GUIDE, "sh") for line in block.code.splitlines()]


def states(tenuto: Tenuto, id: str) -> list[str]:
    found: list[str] = tenuto("show", id, "-o", "json").said(0).data["states"]
    return found


def begun(tenuto: Tenuto, *runs: tuple[str, int]) -> None:
    for id, total in runs:
        tenuto("start", "order", "--id", id, "--input", json.dumps({"total": total})).said(0)
    eventually(lambda: all(states(tenuto, id) == ["review"] for id, _ in runs))


def test_the_guide_as_written(tenuto: Tenuto, tmp_path: Path) -> None:
    file = tmp_path / "order.tenuto"
    there = Tenuto(tenuto.variables, tmp_path)
    file.write_text(ONE)
    there("deploy", "order.tenuto").said(0)
    with there.running("daemon", until="serving with"):
        begun(there, ("order-17", 50), ("order-18", 500))
        file.write_text(TWO)
        deploy, dry, all_, one = ([*line.split()[1:]] for line in LINES)
        there(*deploy).said(0)
        found = there(*dry).said(0).out
        assert found.count("review -> approval") == 2
        assert states(there, "order-17") == ["review"]
        rows = there(*all_, "-o", "json").said(0, "2 migrated").data
        assert sorted((r["workflow_id"], r["from"], r["to"], r["outcome"]) for r in rows) == [
            ("order-17", 1, 2, "migrated"),
            ("order-18", 1, 2, "migrated"),
        ]
        assert there(*one, "-o", "json").said(0, "1 in it already").data[0]["outcome"] == "current"
        assert there("migrate", "--workflow", "order", "--yes", "-o", "json").said(0, "no run to migrate").data == []
        shown = there("show", "order-18", "-o", "json").data
        assert (shown["version"], shown["variables"]["large"]) == (2, True)
        there("signal", "order-17", "approve", '{"by": "Ada"}').said(0)
        assert there("result", "order-17", "--timeout", "20").said(0).data == {"by": "Ada"}
        for by in ("Ada", "Ben"):
            there("signal", "order-18", "approve", json.dumps({"by": by})).said(0)
        assert there("result", "order-18", "--timeout", "20").said(0).data == {"by": "Ada, Ben"}
        assert "migrated to" in there("history", "order-18").said(0).out


def test_refusals_are_told_and_shown(tenuto: Tenuto, tmp_path: Path) -> None:
    there = Tenuto(tenuto.variables, tmp_path)
    file = tmp_path / "order.tenuto"
    file.write_text(ONE)
    with there.running("daemon", "--workflows", "order.tenuto", until="serving with"):
        begun(there, ("a", 1))
        file.write_text(ONE.replace("version 1", "version 2").replace("review", "looking"))
        there("deploy", "order.tenuto").said(0)
        dry = there("migrate", "a", "--dry-run").said(0).out
        assert "refused: the state review has no counterpart" in dry
        done = there("migrate", "a", "--request-id", "r", "-o", "json").said(1, "1 refused", "stays as it was")
        assert "review has no counterpart" in done.data[0]["reason"]
        assert there("migrate", "a", "--request-id", "r", "-o", "json").said(1).data == done.data
        assert "no counterpart" in there("show", "a", "-o", "json").data["refused"]
        assert "no counterpart" in there("show", "a").out
        assert states(there, "a") == ["review"]


def test_misuse(tenuto: Tenuto, tmp_path: Path) -> None:
    there = Tenuto(tenuto.variables, tmp_path)
    file = tmp_path / "order.tenuto"
    file.write_text(ONE)
    there("deploy", "order.tenuto").said(0)
    there("start", "order", "--id", "a", "--input", '{"total": 1}').said(0)
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
