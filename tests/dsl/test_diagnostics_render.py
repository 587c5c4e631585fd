"""The four forms in which diagnostics are read."""

from __future__ import annotations

import json

import pytest
from tenuto_dsl.diagnostics import Diagnostic, Diagnostics, Fix, nearest
from tenuto_dsl.diagnostics.render import RENDERERS, render_github, render_json, render_sarif, render_text
from tenuto_dsl.syntax.tree import Span


def one(line: str, col: int, end_col: int, message: str = "wrong", **more: object) -> str:
    span = Span("f.tenuto", 1, col, 1, end_col)
    return render_text([Diagnostic("TEN101", "error", message, span, **more)], {"f.tenuto": line})  # type: ignore[arg-type]


def test_the_caret_stands_below_what_is_meant() -> None:
    assert one("let x = ?", 9, 10).split("\n") == [
        "f.tenuto:1:9: TEN101 wrong",
        "    1 | let x = ?",
        "      |         ^",
    ]


@pytest.mark.parametrize(
    ("line", "col", "end_col"), [("\tx = 漢字 + y", 11, 12), ("e\u0301\u0301 = y", 7, 8), ("漢字漢字y", 5, 6)]
)
def test_tabs_and_wide_characters_are_aligned(line: str, col: int, end_col: int) -> None:
    import unicodedata

    _, shown, marks = one(line, col, end_col).split("\n")
    shown, marks = shown[8:], marks[8:]
    before = shown[: shown.index("y")]
    width = sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in before)
    assert marks == " " * width + "^"


def test_a_hostile_source_cannot_drive_the_terminal() -> None:
    text = one("a\x1b[31m\u202eb\x07\x9b", 1, 2, "say \x1b]0;pwned\x07", hint="\u2066x")
    assert all(c == "\n" or c.isprintable() for c in text)
    assert "\\u{1b}" in text


def test_long_lines_are_cut_around_the_place() -> None:
    text = one("x" * 5000 + "y" + "x" * 5000, 5001, 5002)
    shown, marks = text.split("\n")[1:3]
    assert len(shown) < 200
    assert shown[marks.index("^")] == "y"


def test_lines_end_where_the_parser_says_they_do() -> None:
    span = Span("f", 2, 1, 2, 2)
    text = render_text([Diagnostic("TEN101", "error", "m", span)], {"f": "a\u2028b\x0cc\r\nsecond"})
    assert "2 | second" in text


def test_a_place_outside_of_the_source_is_no_error() -> None:
    for line, col in ((0, 0), (99, 1), (1, 99)):
        span = Span("f", line, col, line, col)
        for render in RENDERERS.values():
            assert render([Diagnostic("TEN101", "error", "m", span)], {"f": "x"})


def test_colours_are_asked_for() -> None:
    diagnostic = Diagnostic("TEN101", "warning", "m", Span("f", 1, 1, 1, 2))
    assert "\x1b[" not in render_text([diagnostic], {"f": "x"})
    assert "\x1b[" in render_text([diagnostic], {"f": "x"}, colour=True)


FIXED = Diagnostic(
    "TEN101",
    "error",
    'a "b"\n::error::',
    Span("dir/a:b,c%.tenuto", 2, 3, 2, 4),
    "do it",
    Fix("do", Span("f", 2, 3, 2, 3), "x"),
)


def test_json_is_a_list_of_flat_objects() -> None:
    [data] = json.loads(render_json([FIXED], {}))
    assert {k: data[k] for k in ("file", "line", "col", "end_line", "end_col", "code", "severity", "hint")} == {
        "file": "dir/a:b,c%.tenuto", "line": 2, "col": 3, "end_line": 2, "end_col": 4, "code": "TEN101",
        "severity": "error", "hint": "do it",
    }  # fmt: skip
    assert data["fix"]["text"] == "x"
    [bare] = json.loads(render_json([Diagnostic("TEN101", "info", "m", Span("f", 1, 1, 1, 1))], {}))
    assert "hint" not in bare
    assert "fix" not in bare


def test_github_commands_cannot_be_forged() -> None:
    text = render_github([FIXED], {})
    assert text.count("\n") == 0
    assert text.startswith("::error file=dir/a%3Ab%2Cc%25.tenuto,line=2,endLine=2,col=3,endColumn=4,title=TEN101::")
    assert "%0A::error::" in text


def test_sarif_has_what_the_schema_requires() -> None:
    log = json.loads(render_sarif([FIXED, FIXED], {}))
    assert log["version"] == "2.1.0"
    [run] = log["runs"]
    assert run["tool"]["driver"]["name"]
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    for result in run["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]
        assert result["message"]["text"]
        [location] = result["locations"]
        uri = location["physicalLocation"]["artifactLocation"]["uri"]
        assert uri == "dir/a%3Ab%2Cc%25.tenuto"
        region = location["physicalLocation"]["region"]
        assert min(region.values()) >= 1
        assert region["endColumn"] > region["startColumn"]


def test_the_same_is_said_once_and_in_order() -> None:
    sink = Diagnostics()
    late, early = Span("a", 2, 1, 2, 2), Span("a", 1, 5, 1, 6)
    sink.error("TEN101", late, "m")
    sink.error("TEN101", early, "m")
    sink.error("TEN101", late, "m")
    assert [d.span for d in sink.items] == [early, late]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("inital", "initial"),
        ("Chagre", "charge"),
        ("chargeBack", "charge_back"),
        ("zzz", None),
        ("", None),
        ("x" * 999, None),
    ],
)
def test_nearest(name: str, meant: str | None) -> None:
    assert nearest(name, ["initial", "charge", "charge_back", "final"]) == meant


@pytest.mark.parametrize(
    ("name", "candidates", "meant"),
    [
        ("end", ["entry", "exit", "defer"], None),
        ("args", ["regions", "states", "return"], None),
        ("TEN9999", ["TEN729", "TEN702"], None),
        ("nofile.yaml", ["01_no_initial.yaml", "05_misspelt_activity.yaml"], None),
        ("config", ["id-conflict", "input"], None),
        ("customer", ["customer_id", "cost"], "customer_id"),
        ("canceled", ["cancel", "called"], "cancel"),
        ("to", ["do", "as"], None),
        ("retires", ["retries", "raises"], "retries"),
        ("timeot", ["timeout", "params"], "timeout"),
    ],
)
def test_a_guess_that_is_far_off_is_not_made(name: str, candidates: list[str], meant: str | None) -> None:
    assert nearest(name, candidates) == meant


def test_a_long_line_is_cut_where_it_is_seen() -> None:
    line = "a" * 300 + "X" + "b" * 300
    item = Diagnostic("TEN101", "error", "m", Span("w", 1, 301, 1, 302))
    _, shown, marks = render_text([item], {"w": line}).splitlines()[:3]
    assert shown.partition(" | ")[2][0] == shown[-1] == "…"
    assert shown[marks.index("^")] == "X"
    assert "…" not in render_text([item], {"w": "a" * 300 + "X"}).splitlines()[1][-1]
