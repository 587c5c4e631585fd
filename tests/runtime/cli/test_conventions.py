"""What holds for every command: exit codes, help, hints, colours, pipes, settings, no tracebacks, quick starts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tenuto.cli import main

from tests.runtime.cli.calling import FLOW, HERE, Tenuto


def test_help_is_there_for_everybody(bare: Tenuto) -> None:
    text = bare("--help").said(0).out
    for word in ("lint", "run", "daemon", "start", "Exit codes", "TENUTO_DB"):
        assert word in text
    assert "--activities" in bare("run", "-h").said(0).out
    assert "Stop the embedded server" in bare("db", "--help").said(0).out
    assert bare("--version").said(0).out.strip() == bare("version", "-o", "json").said(0).data["tenuto"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["rnu"], ["rnu", "run"]),
        (["db", "stauts"], ["status"]),
        (["status"], ["no command status", "tenuto db status"]),
        (["export"], ["tenuto types export"]),
        (["frobnicate"], ["no command frobnicate", "tenuto --help"]),
        (["show"], ["ID is missing", "tenuto show --help"]),
        (["list", "--prefix"], ["--prefix needs a value"]),
        (["run", FLOW, "--inptu", "{}"], ["--inptu", "--input"]),
        (["list", "--frist"], ["--frist", "tenuto list --help"]),
        (["start", "w", "--config", "x=1"], ["--config", "an option of tenuto run and of tenuto daemon"]),
        (["fmt", "--chek", "x.tenuto"], ["unknown option: --chek", "did you mean --check?"]),
        (["lint", "--formt=json", "x.tenuto"], ["unknown option: --formt", "did you mean --format?"]),
        (["run"], ["FILE", "tenuto run --help"]),
        (["show", "a", "b"], ["b"]),
        (["list", "-o", "yaml"], ["yaml", "jsonl"]),
        (["list", "--limit", "many"], ["--limit"]),
        (["list", "--limit", "0"], ["--limit"]),
        (["result", "a", "--timeout", "soon"], ["soon", "60s"]),
        (["result", "a", "--timeout", "-1"], ["-1"]),
    ],
)
def test_usage_errors(bare: Tenuto, arguments: list[str], words: list[str]) -> None:
    assert bare(*arguments).said(2, *words).out == ""


def test_colours_only_where_they_are_wanted(bare: Tenuto) -> None:
    assert "\x1b" not in bare("rnu").err
    assert "\x1b[" in bare("rnu", FORCE_COLOR="1").err
    assert "\x1b" not in bare("rnu", FORCE_COLOR="1", NO_COLOR="1").err


def test_a_reader_that_goes_away(bare: Tenuto) -> None:
    command = f"{sys.executable} -m tenuto explain | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("CODE")
    assert done.stderr == ""


def test_a_mistake_of_ours_is_one_line_and_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("impossible")

    monkeypatch.setenv("TENUTO_HOME", str(tmp_path))
    monkeypatch.setattr("tenuto.cli.database.named_url", broken)
    assert main(["db", "status"]) == 70
    message = capsys.readouterr().err
    assert "unexpected ValueError: impossible" in message
    assert str(tmp_path / "errors.log") in message
    assert "Traceback" not in message
    assert "Traceback" in (tmp_path / "errors.log").read_text()
    with pytest.raises(ValueError, match="impossible"):
        main(["db", "status", "--debug"])


def test_flags_over_environment_over_file(bare: Tenuto, tmp_path: Path) -> None:
    (tmp_path / "tenuto.toml").write_text('db = "postgresql://file@127.0.0.1:1/from_file"\noutput = "json"\n')
    nested = tmp_path / "deep" / "er"
    nested.mkdir(parents=True)
    here = Tenuto(bare.variables, cwd=nested)
    here("list").said(5, "from_file")
    here("list", TENUTO_DB="postgresql://e@127.0.0.1:1/from_env").said(5, "from_env")
    here("list", "--db", "postgresql://f@127.0.0.1:1/from_flag", TENUTO_DB="x").said(5, "from_flag")
    assert here("version").data["tenuto"]
    assert here("version", TENUTO_OUTPUT="jsonl").out.count("\n") == 1
    here("version", TENUTO_OUTPUT="xml").said(2, "TENUTO_OUTPUT", "xml")
    here("list", TENUTO_SETTINGS="/nowhere.toml").said(2, "/nowhere.toml")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('dbb = "x"', ["unknown setting dbb", "did you mean db"]),
        ("db = 3", ["db: a text is expected"]),
        ("processes = 0", ["processes: a whole number"]),
        ("db = ", ["tenuto.toml"]),
        ("config = 1", ["config: a table"]),
    ],
)
def test_settings_that_cannot_be_used(bare: Tenuto, tmp_path: Path, text: str, words: list[str]) -> None:
    (tmp_path / "tenuto.toml").write_text(text)
    Tenuto(bare.variables, cwd=tmp_path)("list").said(2, *words)


def test_settings_in_pyproject(bare: Tenuto, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.tenuto]\noutput = "json"\n')
    assert Tenuto(bare.variables, cwd=tmp_path)("version").data["tenuto"]


def test_lint(bare: Tenuto, tmp_path: Path) -> None:
    bare("lint", FLOW).said(0, "1 file: 0 errors")
    (tmp_path / "a.tenuto").write_text("workflow a() {\n  initial state s { done -> nowhere }\n}\n")
    (tmp_path / "not_ours.yaml").write_text("services: {}\n")
    (tmp_path / "b.yaml").write_text("tenuto: 1\nworkflows: 3\n")
    bare("lint", str(tmp_path)).said(3, "2 files")
    found = bare("lint", str(tmp_path / "a.tenuto"), "--format", "json").said(3).data
    assert {"file", "line", "col", "end_line", "end_col", "code", "severity", "message"} <= set(found[0])
    assert any(item["code"].startswith("TEN") and "nowhere" in item["message"] for item in found)
    assert bare("lint", str(tmp_path / "a.tenuto"), "--format", "github").said(3).out.startswith("::error ")
    sarif = bare("lint", str(tmp_path / "a.tenuto"), "--format", "sarif").said(3).data
    assert sarif["version"] == "2.1.0"
    assert bare("lint", FLOW, "--ignore", "ALL", "--format", "json").said(0).data == []
    bare("lint", str(tmp_path / "c.tenuto")).said(2, "no such file")
    bare("lint", FLOW, "--format", "xml").said(2, "xml")


WITHOUT = 'activities:\n  a: { python: "m:a", timeout: 1s }\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"tenuto": 1\nactivities: { a: { python: "m:a", timeout: 1s, effect: pure } }\n', (0, "1 file: 0 errors")),
        ("'tenuto' : 1\nworkflows: 3\n", (3, "1 file: 1 error")),
        ('{ "tenuto": 1, "workflows": {} }\n', (0, "1 file")),
        ('{\n  "tenuto": 1,\n  "workflows": {}\n}\n', (0, "1 file")),
        (WITHOUT, (3, "1 file: 1 error", "TEN121 the format marker is missing")),
        (f"# ours\n{WITHOUT}".replace("\n", "\r\n"), (3, "1 file", "TEN121")),
        ("workflows:\n  w:\n    states:\n      a: { initial: true, final: true }\n", (3, "1 file", "TEN121")),
        ("workflows:\n  ios:\n    scripts:\n      - make\n", (0, "0 files")),
        (f"version: 2.1\n{WITHOUT}", (0, "0 files")),
        ("services:\n  workflows: {}\n  tenuto: {}\n", (0, "0 files")),
        ("jobs:\n  - a\n", (0, "0 files")),
    ],
)
def test_which_yaml_files_of_a_directory_are_workflow_files(
    bare: Tenuto, tmp_path: Path, text: str, said: tuple[Any, ...]
) -> None:
    """Those with the marker, and those that plainly lack it: these are told, not passed over."""
    (tmp_path / "a.yaml").write_bytes(text.encode())
    code, counted, *shown = said
    done = bare("lint", str(tmp_path)).said(code, counted)
    assert all(word in done.out for word in shown)


ASK = 'activity ask(text: string) { python "shop:ask" }'


def test_lint_is_configured_by_the_settings_nearest_to_the_file(bare: Tenuto, tmp_path: Path) -> None:
    (tmp_path / "deep" / "old").mkdir(parents=True)
    for folder in (tmp_path, tmp_path / "deep", tmp_path / "deep" / "old"):
        (folder / "a.tenuto").write_text(ASK + "\n")
    (tmp_path / "pyproject.toml").write_text('[tool.tenuto.lint]\nseverity = { TEN401 = "error" }\n')
    settings = tmp_path / "deep" / "tenuto.toml"
    settings.write_text('[lint]\nper-file-ignores = { "old/**" = ["TEN401"] }\n')
    bare("lint", str(tmp_path)).said(3, "3 files: 1 error, 1 warning")
    Tenuto(bare.variables, cwd=tmp_path)("lint").said(3, "3 files: 1 error, 1 warning")
    bare("lint", str(tmp_path), "--select", "TEN5").said(0, "0 errors, 0 warnings")
    bare("lint", str(tmp_path), "--ignore", "TEN4,TEN5").said(0, "0 errors, 0 warnings")
    bare("lint", str(tmp_path), "--ignore", "TEN999").said(2, "TEN999 is no code of a rule")
    settings.write_text('[lint]\nselect = ["TNE401"]\n')
    bare("lint", str(tmp_path)).said(2, "tenuto.toml: lint: select", "did you mean TEN401?")


def test_lint_fixes_what_is_certain(bare: Tenuto, tmp_path: Path) -> None:
    file = tmp_path / "a.tenuto"
    written = f"{ASK}  # tenuto: ignore TEN401, TEN403 -- people take their time\r\nerror Late\r\n".encode()
    file.write_bytes(written)
    shown = bare("lint", str(file), "--diff").said(0, "1 can be fixed").out
    assert "+activity ask" in shown
    assert file.read_bytes() == written
    bare("lint", str(file), "--fix").said(0, "0 warnings; 1 fixed")
    assert file.read_bytes() == written.replace(b", TEN403", b"")


def test_lint_says_how_much_there_is(bare: Tenuto, tmp_path: Path) -> None:
    file = tmp_path / "a.tenuto"
    file.write_text(f"{ASK}\n{ASK.replace('ask', 'tell')}\n")
    assert "     2  TEN401  an activity without a timeout" in bare("lint", str(file), "--statistics").said(0).out
    bare("lint", str(file), "--fail-on", "warning").said(3)
    bare("lint", str(file), "--fail-on", "never").said(0)


def test_explain(bare: Tenuto) -> None:
    assert "never given up" in bare("explain", "TEN401").said(0).out
    assert "An expression of another type" in bare("explain", "244").said(0).out
    assert "TEN401" in bare("explain", "TEN401").said(0).out
    assert bare("explain", "401", "-o", "json").data["code"] == "TEN401"
    bare("explain", "TEN999").said(4, "no code TEN999", "tenuto explain lists all")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["lint", FLOW],
        ["lint", str(HERE.parents[2] / "samples" / "support" / "support.yaml")],
        ["explain"],
        ["version"],
        ["graph", FLOW, "--workflow", "greeting"],
    ],
)
def test_quick_commands_load_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import json, sys; from tenuto.cli import main; code = main(json.loads(sys.argv[1]));"
        "heavy = {'psycopg', 'httpx', 'pydantic', 'structlog', 'asyncio.events'} & set(sys.modules);"
        "print(sorted(heavy), file=sys.stderr); sys.exit(bool(heavy) or code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(arguments)], cwd=HERE, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
