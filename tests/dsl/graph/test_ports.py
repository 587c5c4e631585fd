"""Where lines touch a box: within its side, apart from each other, and never on a line that cannot move."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from tenuto_dsl.graph.layout.ports import APART, Wish, settle


@st.composite
def sides(draw: st.DrawFn) -> tuple[list[Wish], float]:
    """Wishes at a side from 0 to its length; those that are fixed are as far apart as the inside of a box puts them."""
    fixed = draw(st.lists(st.integers(0, 20), unique=True, max_size=5))
    free = draw(st.integers(0 if fixed else 1, 8))
    coming = st.floats(-500, 1500)
    wishes = [Wish(f"fixed {n}", draw(coming), fixed=24.0 * place) for n, place in enumerate(fixed)]
    wishes += [Wish(f"free {n}", draw(coming), draw(st.sampled_from([1.0, 10.0]))) for n in range(free)]
    return draw(st.permutations(wishes)), 24.0 * 20


@given(sides())
def test_all_have_room(side: tuple[list[Wish], float]) -> None:
    wishes, length = side
    found = settle(wishes, 0.0, length)
    assert found.keys() == {wish.key for wish in wishes}
    assert all(found[wish.key] == wish.fixed for wish in wishes if wish.fixed is not None)
    assert all(-0.01 <= x <= length + 0.01 for x in found.values())
    nearest = min((b - a for a, b in pairwise(sorted(found.values()))), default=APART)
    assert nearest >= min(APART, 24.0 * 0.375) - 0.01
    free = sorted((wish for wish in wishes if wish.fixed is None), key=lambda wish: wish.x)
    assert [found[wish.key] for wish in free] == sorted(found[wish.key] for wish in free)


def test_a_line_goes_round_one_that_cannot_move() -> None:
    wishes = [Wish("inner", 10.0, fixed=100.0), Wish("outer", 60.0)]
    assert settle(wishes, 0.0, 200.0) == {"inner": 100.0, "outer": 114.0}


def test_a_line_that_finds_no_room_on_its_side_takes_the_other() -> None:
    wishes = [Wish("a", 10.0, fixed=5.0), Wish("b", 0.0, fixed=20.0), Wish("c", 12.0)]
    assert settle(wishes, 0.0, 100.0)["c"] == 34.0
