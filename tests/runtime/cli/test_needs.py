"""What is missing is said early: who is to answer an update, what a daemon must be given, what stdin holds."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from tenuto.cli.entry import main

from tests.runtime.cli.calling import Tenuto

NEEDS = """
config price: decimal
activity charge() -> any {
  http POST "https://bank.example/charge"
  header "authorization" = secret("BANK_KEY")
  timeout 10s
}
workflow buy() { update ask() -> int; do { wait until now() + duration(string(config.price) + "s"); call charge() } }
"""


def test_an_update_that_nobody_is_there_to_answer(tenuto: Tenuto, tmp_path: Path) -> None:
    (tmp_path / "w.tenuto").write_text(
        "workflow w() { update ask() -> int; do { wait 1d }\n on update ask { reply 1 } }"
    )
    tenuto("deploy", str(tmp_path / "w.tenuto")).said(0)
    tenuto("start", "w", "--id", "a").said(0)
    tenuto("update", "a", "ask", "--timeout", "1").said(6, "no daemon has taken a", "--request-id")


def test_what_a_daemon_must_be_given_is_said_at_deploy(tenuto: Tenuto, tmp_path: Path) -> None:
    path = tmp_path / "w.tenuto"
    path.write_text(NEEDS)
    tenuto("deploy", str(path)).said(0, "buy: its runs need a daemon that has config price and secret BANK_KEY")
    with tenuto.running("daemon", "--workflows", str(path), "--config", "price=1", until="serving") as daemon:
        assert "charge cannot begin: secret BANK_KEY is not set" in daemon.said


@pytest.mark.parametrize(
    ("source", "options", "code", "said"),
    [
        ("workflow w() { do { call nobody() } }", [], 3, "stdin.tenuto:1:26: TEN201"),
        ("workflow w() { do { call nobody() } }", ["--stdin-name", "a/b.tenuto"], 3, "a/b.tenuto:1:26: TEN201"),
        ("tenuto: 1\nworkflows: 5\n", ["--stdin-name", "b.yaml"], 3, "b.yaml:2:12: TEN"),
        ("workflow w() { do { wait 1d } }", ["--fix"], 2, ""),
    ],
)
def test_lint_reads_stdin(
    source: str, options: list[str], code: int, said: str,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(source.encode())))
    assert main(["lint", "-", *options]) == code
    out = capsys.readouterr().out
    assert said in out
    assert not said or source.splitlines()[-1] in out, "with an excerpt of what was given"
