"""What a step costs does not depend on where its snapshot comes from: kept in memory, or read back from its bytes.

In memory two variables may hold one object; read back they hold equal ones.
"""

from __future__ import annotations

import pytest
from tenuto_interpreter.events import SignalReceived
from tenuto_interpreter.machine import Snapshot, step

from .written import run

LONG = "x" * 500_000


@pytest.mark.parametrize(
    "condition",
    [
        "a == b", "!(a != b)", "a <= b", "a in [b]", "a in {b: 1}", "sets.contains([a], [b])", "[a] == [b]",
        "c == d", "c in [d]",
    ],
)  # fmt: skip
def test_two_names_of_one_text_cost_what_two_equal_texts_do(condition: str) -> None:
    source = f"""workflow w(a: string) {{
      var b: string = a
      var c: any = a
      var d: any = a
      var held: bool = false
      signal ask(times: int)
      on ask as m {{ held = lists.range(m.times).all(i, {condition}) }}
      initial state s {{ after 1d -> e }}
      final state e {{ }}
    }}"""
    made = run(source, a=LONG)
    read = Snapshot.decode(made.snapshot.encode())
    ends = []
    for times in (1, 5_000):
        event = SignalReceived(made.at, "m", "ask", {"times": times})
        one, other = step(made.exe, made.snapshot, event), step(made.exe, read, event)
        assert one[0].encode() == other[0].encode()
        assert one[1] == other[1]
        ends.append(one[0].parked is None)
    assert ends == [True, False]
