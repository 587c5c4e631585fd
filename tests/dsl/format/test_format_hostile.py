"""What is nested as deeply as may be is formatted; what is nested deeper is a diagnostic: never a crash."""

from __future__ import annotations

import pytest
from tenuto_dsl import Diagnostics
from tenuto_dsl.format.converter import convert_source
from tenuto_dsl.format.formatter import format_source

STEP = "workflow w() {{ do {{ x = {} }} }}\n"
DEEP = {
    "parentheses": STEP.format("(" * 55 + "1" + ")" * 55),
    "sum": STEP.format("+".join(["1"] * 99)),
    "negations": STEP.format("!" * 98 + "a"),
    "conditionals": STEP.format("a ? b : " * 97 + "c"),
    "lists": STEP.format("[" * 50 + "]" * 50),
    "maps": STEP.format('{"a":' * 50 + "1" + "}" * 50),
    "blocks": "workflow w() { do {" + "if a {" * 50 + "}" * 50 + "} }\n",
    "states": "workflow w() {" + "".join(f"state s{i} {{" for i in range(50)) + "}" * 51 + "\n",
    "else if": "workflow w() { do { if a {} " + "else if b { x = 1 } " * 59 + "} }\n",
}


@pytest.mark.parametrize("name", DEEP)
def test_deep_files_are_formatted(name: str) -> None:
    sink = Diagnostics()
    once = format_source(DEEP[name], "made", "text", sink)
    assert once is not None, sink.items
    assert format_source(once, "made", "text", sink) == once


@pytest.mark.parametrize("name", DEEP)
def test_deep_files_are_converted_or_refused(name: str) -> None:
    """YAML nests by one level for each list and each map, and so reaches its limit before."""
    sink = Diagnostics()
    if convert_source(DEEP[name], "made", "text", "yaml", sink) is None:
        assert [item.code for item in sink.items] == ["TEN151"]


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (STEP.format("(" * 30_000 + "1" + ")" * 30_000), "TEN109"),
        (STEP.format("+".join(["1"] * 3_000)), "TEN109"),
        ("[" * 100_000, "TEN109"),
        ("# a comment\n" * 100_000, "TEN108"),
    ],
    ids=["parentheses", "sum", "brackets", "size"],
)
def test_what_is_too_much_is_a_diagnostic(source: str, code: str) -> None:
    sink = Diagnostics()
    assert format_source(source, "made", "text", sink) is None
    assert sink.items[0].code == code
