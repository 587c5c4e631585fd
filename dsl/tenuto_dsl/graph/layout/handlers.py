"""Arrows from an enclosing state to one inside: they begin at its border, beside the channel above their target.

All that begin on one side above one rank form a block at that edge of the layout. In it each has a row: its label, and
under it the line from the border, which turns down at the arrow's own place. The innermost has the topmost row, so none
crosses another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tenuto_dsl.graph.layout.geometry import Point, Rect, Size
from tenuto_dsl.graph.layout.layered import Item
from tenuto_dsl.graph.layout.ports import APART

_BESIDE = 7.0
_UNDER = 3.0
_BETWEEN = 5.0
_SLIM = 3.0


@dataclass(slots=True)
class Block:
    """`keys` from the innermost to the outermost; `under` is from a label to its line."""

    rank: int
    side: int
    under: float
    keys: list[str] = field(default_factory=list)
    labels: dict[str, Size] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"handlers {self.rank} {self.side}"

    def item(self) -> Item:
        far = max(n * APART + _BESIDE + self.labels[key].width for n, key in enumerate(self.keys))
        ports = {key: self.side * n * APART for n, key in enumerate(self.keys)}
        left, right = (_SLIM, far) if self.side > 0 else (far, _SLIM)
        return Item(self.name, self.rank, left, right, self._height(len(self.keys)), ports, self.side, hidden=True)

    def _height(self, rows: int) -> float:
        heights = [self.labels[key].height + self.under for key in self.keys[:rows]]
        return sum(heights) + _BETWEEN * max(0, rows - 1)

    def drawn(self, key: str, box: Rect, anchor: float, border: float) -> tuple[list[Point], Rect]:
        """The line of an arrow from the border to where its way through the layout begins, and its label."""
        number = self.keys.index(key)
        size = self.labels[key]
        x = anchor + self.side * number * APART
        y = box.y + self._height(number + 1)
        left = x + _BESIDE if self.side > 0 else x - _BESIDE - size.width
        return [(border, y), (x, y)], Rect(left, y - self.under - size.height, size.width, size.height)

    def beside(self, turn: float, border: float, label: Rect) -> Rect:
        """The label of the outermost arrow when its line turns down elsewhere: not past that."""
        if self.side < 0:
            return replace(label, x=max(border + _BESIDE, min(label.x, turn - _BESIDE - label.width)))
        return replace(label, x=min(border - _BESIDE - label.width, max(label.x, turn + _BESIDE)))


def blocks_of(wanted: Sequence[tuple[str, int, float, Size]], *, turned: bool) -> list[Block]:
    """Blocks for (key, rank of the target, place of the target from 0 at the left to 1, size of the label).

    In a chart to the right all come from one side: the header is at the other."""
    found: dict[tuple[int, int], Block] = {}
    for key, rank, place, size in sorted(wanted, key=lambda w: abs(w[2] - 0.5)):
        side = 1 if turned or place >= 0.5 else -1
        block = found.setdefault((rank, side), Block(rank - 1, side, _BESIDE if turned else _UNDER))
        block.keys.append(key)
        block.labels[key] = size
    return list(found.values())
