"""cel-spec's expressions, spoilt: whatever comes of them is a value or a refusal in words, typed or dynamic."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from tenuto_dsl.evaluation import DataError, Evaluator, Refused
from tenuto_interpreter.types import ANY, INT

from tests.cel.conformance import cases

_WORDS = re.compile(r"""\w+|"[^"]*"|'[^']*'|\s+|[^\w\s]""")
SOURCES = [case["expr"] for case in cases().values()]
TOKENS = sorted({word for source in SOURCES for word in _WORDS.findall(source)})
DATA = {"x": {"a": [1, 2.5, "s", None, True], "b": {}}, "msg": None, "n": 3}
EVALUATORS = (Evaluator(budget=20_000), Evaluator({"n": INT, "x": ANY}, budget=20_000))


@st.composite
def spoilt(draw: st.DrawFn) -> str:
    words = _WORDS.findall(draw(st.sampled_from(SOURCES)))
    for _ in range(draw(st.integers(0, 3))):
        if not words:
            break
        place = draw(st.integers(0, len(words) - 1))
        change = draw(st.integers(0, 2))
        if change == 0:
            words[place] = draw(st.sampled_from(TOKENS))
        elif change == 1:
            del words[place]
        else:
            words[place:place] = _WORDS.findall(draw(st.sampled_from(SOURCES)))[: draw(st.integers(1, 8))]
    return "".join(words)


@given(spoilt())
def test_a_value_or_a_refusal(source: str) -> None:
    for evaluate in EVALUATORS:
        refusal: Refused | DataError | None = None
        try:
            evaluate(source, DATA)
        except (Refused, DataError) as error:
            refusal = error
        assert refusal is None or str(refusal)
