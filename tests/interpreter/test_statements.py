"""Where the parameters of an SQL statement stand, and where what looks like one is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tenuto_interpreter.statements import parameters, pieces


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ("select :a, :b_2 + :a", ["a", "b_2"]),
        ("select ':a', \":b\", ':c''d :e', :f", ["f"]),
        ("select E'it\\'s :a', :b", ["b"]),
        ("select :a::int, x::text -- :no\n, :b /* :no\n */", ["a", "b"]),
        ("select $$ :no $$, $q$ $$ :no $q$, :yes", ["yes"]),
        ("select list[1:n], list[:m]", ["m"]),
        ("select 1", []),
    ],
)
def test_parameters(statement: str, names: list[str]) -> None:
    assert parameters(statement) == names


@given(st.text(alphabet="':\"$-/*ae\\ \n[]1", max_size=40))
def test_no_piece_is_lost(statement: str) -> None:
    assert "".join(text + ("" if name is None else f":{name}") for text, name in pieces(statement)) == statement
