"""`tenuto run`: results, failures, refusals, interruption."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.runtime.cli.calling import ACTS, FLOW, Done, Tenuto


def greet(tenuto: Tenuto, *arguments: str, input: object = None, **variables: str) -> Done:
    given = json.dumps(input if input is not None else {"name": "Ada"})
    return tenuto(
        "run", FLOW, "--workflow", "greeting", "--activities", ACTS, "--input", given, *arguments, **variables
    )


def test_the_result_is_data_and_the_progress_is_not(tenuto: Tenuto) -> None:
    done = greet(tenuto).said(0, "state greeting", "greet begun", "greet done", "completed")
    assert done.data == {"text": "Hello, Ada."}
    assert "\x1b" not in done.err
    assert greet(tenuto, "-o", "jsonl").out == '{"text":"Hello, Ada."}\n'


def test_the_input_may_be_a_file_or_standard_input(tenuto: Tenuto, tmp_path: Path) -> None:
    (tmp_path / "input.json").write_text('{"name": "Grace"}')
    command = ["run", FLOW, "--workflow", "greeting", "--activities", ACTS, "--input"]
    assert tenuto(*command, f"@{tmp_path}/input.json").said(0).data == {"text": "Hello, Grace."}
    with tenuto.popen(*command, "@-", stdin=subprocess.PIPE) as process:
        out, _ = process.communicate('{"name": "Edsger"}', timeout=60)
    assert json.loads(out) == {"text": "Hello, Edsger."}


def test_config_by_flag_by_environment_and_by_file(tenuto: Tenuto, tmp_path: Path) -> None:
    assert greet(tenuto, "--config", "greeting_word=Salve").data == {"text": "Salve, Ada."}
    assert greet(tenuto, TENUTO_CONFIG_greeting_word="Ave").data == {"text": "Ave, Ada."}
    (tmp_path / "tenuto.toml").write_text('[config]\ngreeting_word = "Moin"\n')
    assert greet(tenuto, TENUTO_SETTINGS=f"{tmp_path}/tenuto.toml").data == {"text": "Moin, Ada."}
    greet(tenuto, "--config", "greting_word=x").said(2, "greting_word", "did you mean greeting_word")


def test_a_workflow_that_fails(tenuto: Tenuto) -> None:
    done = greet(tenuto, input={"name": "Bob"}).said(1, "greet failed: Refused: not him", "failed: Refused")
    assert done.out == ""
    assert "\x1b" not in done.err


def test_an_exception_is_told_with_its_place_and_its_traceback_only_when_wanted(tenuto: Tenuto) -> None:
    command = ["run", FLOW, "--workflow", "stumbler", "--activities", ACTS, "--id", "s-1", "--input", '{"key": "x"}']
    place = "(acts.py:17 in stumble)"
    tenuto(*command).said(1, f"stumble failed: KeyError: 'x' {place}", f"s-1 failed: KeyError: 'x' {place}")
    assert "where       acts.py:17 in stumble" in tenuto("show", "s-1").said(0).out
    assert f"KeyError: 'x' {place}" in tenuto("history", "s-1").said(0).out
    done = tenuto(*command, "--debug")
    assert done.code == 1
    assert "Traceback" in done.err


def test_a_workflow_that_is_parked_and_then_repaired(tenuto: Tenuto) -> None:
    command = ["run", FLOW, "--workflow", "divider", "--activities", ACTS, "--id", "d-1"]
    tenuto(*command, "--input", '{"by": 0}').said(1, "d-1 is parked", "division by zero", "tenuto retry d-1")
    assert tenuto("list", "--status", "parked", "-o", "json").data[0]["workflow_id"] == "d-1"
    tenuto("result", "d-1").said(1, "d-1 is parked: division by zero", "tenuto retry d-1")
    shown = tenuto("show", "d-1").said(0).out
    assert "parked      division by zero (at dividing.do)\n" in shown
    assert "to do       repair the cause, then: tenuto retry d-1; or give it up: tenuto terminate d-1" in shown
    tenuto("cancel", "d-1", "--reason", "typo").said(
        0, "asked to cancel", "d-1 is parked: it cancels once it goes on", "tenuto retry d-1", "tenuto terminate d-1"
    )
    tenuto("retry", "d-1").said(0)


@pytest.mark.parametrize(
    ("input", "words"),
    [
        ({"name": 3}, ["name: expected string, found 3"]),
        ({}, ["name: expected string, found nothing: it is missing"]),
        ({"name": "Ada", "times": "two"}, ["times: expected int"]),
        ({"nam": "Ada"}, ["nam", "did you mean name"]),
        ([1], ["an object is expected"]),
    ],
)
def test_an_input_of_another_type(tenuto: Tenuto, input: object, words: list[str]) -> None:
    assert greet(tenuto, input=input).said(2, *words).out == ""
    assert tenuto("list", "-o", "json").data == []


def test_what_is_no_json(bare: Tenuto) -> None:
    command = ["run", FLOW, "--workflow", "greeting", "--activities", ACTS, "--input"]
    bare(*command, "{name: Ada}").said(2, "--input: not JSON", "line 1, column 2", "quote JSON for the shell")
    bare(*command, "@inptu.json").said(2, "no such file: inptu.json")
    assert not Path(bare.variables["TENUTO_HOME"]).exists()


def test_files_that_cannot_be_run(bare: Tenuto, tmp_path: Path) -> None:
    bare("run", "flwo.tenuto").said(2, "flwo.tenuto: no such file", "did you mean flow.tenuto")
    broken = tmp_path / "broken.tenuto"
    broken.write_text("workflow w( {\n}\n")
    done = bare("run", str(broken)).said(3, "broken.tenuto:1:", "TEN1", "error")
    assert done.out == ""
    empty = tmp_path / "empty.tenuto"
    empty.write_text("type T = string\n")
    bare("run", str(empty)).said(2, "has no workflow in it")
    binary = tmp_path / "binary.tenuto"
    binary.write_bytes(b"\xff\xfe\x00\x01")
    bare("run", str(binary)).said(3, "binary.tenuto")


def test_workflows_are_chosen_by_name(bare: Tenuto) -> None:
    bare("run", FLOW, "--activities", ACTS).said(2, "several workflows: greeting, talk", "--workflow NAME")
    bare("run", FLOW, "--workflow", "greting").said(2, "no workflow greting", "did you mean greeting")


def test_two_files_that_declare_one_workflow_differently(tenuto: Tenuto, tmp_path: Path) -> None:
    (tmp_path / "a.tenuto").write_text("workflow twice() -> int { do { return 1 } }")
    (tmp_path / "b.tenuto").write_text("workflow twice() -> int { do { return 2 } }")
    for command in (["deploy", str(tmp_path)], ["daemon", "--workflows", str(tmp_path)]):
        tenuto(*command).said(3, f"{tmp_path}/a.tenuto and {tmp_path}/b.tenuto declare workflow twice differently")
    assert tenuto("list", "-o", "json").data == []
    (tmp_path / "b.tenuto").write_text("workflow twice() -> int { do { return 1 } }")
    tenuto("deploy", str(tmp_path)).said(0)


TWO_NOTIFY = """
activity first() -> string { python "m1:notify"; timeout 5s; effect pure }
activity second() -> string { python "m2:notify"; timeout 5s; effect pure }
workflow both() -> [string] { do { let a = call first(); let b = call second(); return [a, b] } }
"""


@pytest.mark.parametrize("form", ["tenuto", "yaml"])
def test_two_modules_with_activities_of_one_name(tenuto: Tenuto, tmp_path: Path, form: str) -> None:
    """A binding names the module; the name alone is nobody's."""
    for module in ("m1", "m2"):
        text = f"import tenuto\n\n@tenuto.activity\ndef notify() -> str:\n    return {module!r}\n"
        (tmp_path / f"{module}.py").write_text(text)
    files = ["--activities", str(tmp_path / "m1.py"), "--activities", str(tmp_path / "m2.py")]
    unbound = TWO_NOTIFY.replace('python "m1:notify"; ', "").replace("first", "notify")
    for name, text in (("w", TWO_NOTIFY), ("unbound", unbound)):
        (tmp_path / f"{name}.tenuto").write_text(text)
        if form == "yaml":
            tenuto("convert", str(tmp_path / f"{name}.tenuto"), "-o", str(tmp_path / f"{name}.yaml")).said(0)
    assert tenuto("run", str(tmp_path / f"w.{form}"), *files).said(0).data == ["m1", "m2"]
    done = tenuto("run", str(tmp_path / f"unbound.{form}"), *files)
    done.said(2, "two activities are named 'notify'", "m1.py", "m2.py", "module:function")


def test_activities_that_are_missing(bare: Tenuto, tmp_path: Path) -> None:
    alone = tmp_path / "flow.tenuto"
    alone.write_text((bare.cwd / FLOW).read_text())
    command = ["run", str(alone), "--workflow", "greeting", "--input", '{"name": "Ada"}']
    bare(*command).said(2, "activity greet", "no module named 'acts'", "--activities MODULE|FILE")
    bare(*command, "--activities", "nowhere.py").said(2, "nowhere.py: no such file")
    bare(*command, "--activities", "no.such.module").said(2, "no.such.module")
    (tmp_path / "bad.py").write_text("import nothing_like_it\n")
    bare(*command, "--activities", str(tmp_path / "bad.py")).said(2, "bad.py", "nothing_like_it")


def test_it_stops_waiting(tenuto: Tenuto) -> None:
    command = ["run", FLOW, "--workflow", "talk", "--activities", ACTS, "--input", '{"name": "Ada"}']
    tenuto(*command, "--id", "t-1", "--timeout", "0.3").said(6, "t-1 has not ended within 0.3 s", "not lost")
    tenuto(*command, "--timeout", "soon").said(2, "--timeout")


def test_interrupted_it_says_how_to_go_on(tenuto: Tenuto) -> None:
    command = ["run", FLOW, "--workflow", "talk", "--activities", ACTS, "--id", "t-2"]
    with tenuto.running(*command, "--input", '{"name": "Ada"}', until="state waiting") as run:
        run.signal(signal.SIGINT)
        run.end().said(130, "interrupted", "t-2 is kept", "--id t-2", "tenuto cancel t-2")
    tenuto("signal", "t-2", "reply", '{"text": "here"}').said(0)
    assert tenuto(*command).said(0, "carrying on t-2").data == {"answer": "here"}


def test_killed_it_is_carried_on(tenuto: Tenuto) -> None:
    command = ["run", FLOW, "--workflow", "sleeper", "--activities", ACTS, "--id", "s-1"]
    with tenuto.running(*command, "--input", '{"seconds": 0.5}', until="nap begun") as run:
        os.kill(run.process.pid, signal.SIGKILL)
        run.end()
    assert tenuto(*command, timeout=90).said(0, "carrying on s-1").data == "rested"


def test_a_completed_run_is_not_started_anew_in_silence(tenuto: Tenuto) -> None:
    first = greet(tenuto, "--id", "c-1").said(0).data
    assert tenuto("list", "-o", "json").data[0]["status"] == "completed"
    again = tenuto("run", FLOW, "--workflow", "greeting", "--activities", ACTS, "--id", "c-1")
    assert again.said(0, "c-1 has completed: this is its result").data == first
    greet(tenuto, "--id", "c-1").said(2, "'c-1' has ended", "--id-reuse allow_duplicate")
    greet(tenuto, "--id", "c-1", "--id-reuse", "allow_duplicate").said(0, "another run, the one before was completed")
    greet(tenuto, "--id", "c-2", input={"name": "Bob"}).said(1)
    greet(tenuto, "--id", "c-2").said(0, "another run, the one before was failed")


def test_an_id_of_another_workflow(tenuto: Tenuto) -> None:
    tenuto("deploy", FLOW).said(0)
    tenuto("start", "talk", "--id", "x-1", "--input", '{"name": "Ada"}').said(0)
    greet(tenuto, "--id", "x-1").said(2, "x-1 belongs to a run of talk")
