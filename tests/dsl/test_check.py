"""The checker against files that say themselves what is wrong with them.

A file in `tests/language/check_err` holds chunks separated by lines of `###`. Each chunk is a source of its own; a line
that must be complained about ends with `#! CODE part of the message`, once for each complaint. Everything reported has
to be expected, and everything expected reported.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tenuto_dsl.compiler import compile_source
from tenuto_dsl.diagnostics import CODES, Diagnostics
from tenuto_dsl.format.converter import convert_source

ERRORS = Path(__file__).parent.parent / "language" / "check_err"


def chunks(folder: Path = ERRORS) -> list[tuple[str, str]]:
    found = []
    for path in sorted(folder.glob("*.tenuto")):
        parts = re.split(r"^###\n", path.read_text(), flags=re.MULTILINE)
        found += [(f"{path.stem}_{number}.tenuto", part) for number, part in enumerate(parts)]
    return found


def expected_in(source: str) -> list[tuple[int, str, str]]:
    found = []
    for number, line in enumerate(source.splitlines(), 1):
        for complaint in line.split("#!")[1:]:
            code, _, text = complaint.strip().partition(" ")
            found.append((number, code, text.strip()))
    return found


@pytest.mark.parametrize(("name", "source"), chunks(), ids=[name for name, _ in chunks()])
def test_reports_exactly_what_the_file_expects(name: str, source: str) -> None:
    sink = Diagnostics()
    compile_source(name, source, sink)
    assert compare(source, sink) == ([], [])


def compare(source: str, sink: Diagnostics) -> tuple[list[str], list[str]]:
    """What was expected and not reported, and what was reported and not expected."""
    reported = [(d.span.line, d.code, d.message) for d in sink.items]
    missing = []
    for line, code, text in expected_in(source):
        fitting = [r for r in reported if r[0] == line and r[1] == code and text in r[2]]
        if fitting:
            reported.remove(fitting[0])
        else:
            missing.append(f"{line}: {code} {text}")
    return missing, [f"{line}: {code} {message}" for line, code, message in reported]


def test_every_code_used_is_registered() -> None:
    package = Path(__file__).parent.parent.parent / "dsl" / "tenuto_dsl"
    sources = [path.read_text() for path in package.rglob("*.py") if "codes" not in path.parts]
    used = {code for source in sources for code in re.findall(r'"(TEN[0-9]{3})"', source)}
    assert used - CODES.keys() == set()


def test_the_fix_for_a_missing_initial_state_is_applied_by_inserting() -> None:
    source = "workflow w() {\n  state a { after 1s -> b }\n  final state b {}\n}\n"
    sink = Diagnostics()
    compile_source("w.tenuto", source, sink)
    [item] = sink.items
    assert item.fix is not None
    lines = source.splitlines()
    line, col = item.fix.span.line - 1, item.fix.span.col - 1
    lines[line] = lines[line][:col] + item.fix.text + lines[line][col:]
    fixed = Diagnostics()
    assert compile_source("w.tenuto", "\n".join(lines) + "\n", fixed)
    assert fixed.items == []


@pytest.mark.parametrize(
    ("step", "hint"),
    [
        ("wait 5", "write 5s, 5m, 5h or 5d"),
        ("let x = None", "did you mean null?"),
        ("let x = True", "did you mean true?"),
        ("let x = len([1])", "write x.size()"),
        ("let x = str(1)", "write string(x)"),
        ('n = "5"', "write 5"),
        ('n = "five"', None),
        ('n = "n"', "this is a text; the value of n is written without quotes"),
        ("let x: integer = 1", "did you mean int?"),
        ("let x: Boolean = true", "did you mean bool?"),
        ('if "yes" {}', "write true or false"),
    ],
)
def test_a_habit_from_another_language_is_answered_with_ours(step: str, hint: str | None) -> None:
    sink = Diagnostics()
    compile_source("w.tenuto", f"workflow w() {{ var n: int = 0; do {{ {step} }} }}", sink)
    assert [d.hint for d in sink.items] == [hint]


@pytest.mark.parametrize(
    ("step", "message", "hint"),
    [
        ("args: { x: n }", "expected int, found string", "this is a text; the value of n is written ${n}"),
        (
            'args: { x: "${n}" }, as: a, into: n',
            "a step has `as` or `into`, not both",
            "`as` names a new local, `into` assigns a variable",
        ),
    ],
)
def test_habits_in_yaml(step: str, message: str, hint: str) -> None:
    source = f"""tenuto: 1
activities: {{ get: {{ params: {{ x: int }}, returns: int, timeout: 1s }} }}
workflows:
  w:
    vars: {{ n: {{ type: int, value: 0 }} }}
    do: [{{ call: get, {step} }}]
"""
    sink = Diagnostics()
    compile_source("w.yaml", source, sink)
    assert [(d.message, d.hint) for d in sink.items] == [(message, hint)]


FLOWS = chunks()[[name for name, _ in chunks()].index("flows_0.tenuto")]


def test_the_yaml_form_is_checked_alike() -> None:
    """Of many small workflows that are right or wrong in one place: the same codes."""
    name, source = FLOWS
    text = Diagnostics()
    compile_source(name, source, text)
    unread = Diagnostics()
    written = convert_source(source, name, "text", "yaml", unread)
    assert written is not None, unread.items
    yaml = Diagnostics()
    compile_source("flows.yaml", written, yaml)
    assert sorted(item.code for item in yaml.items) == sorted(item.code for item in text.items)
    assert len(text) > 50


def test_a_number_that_is_too_large_is_said_once() -> None:
    sink = Diagnostics()
    compile_source("w.tenuto", "workflow w() -> int { do { return 9223372036854775808 } }\n", sink)
    assert [item.code for item in sink.items] == ["TEN106"]
