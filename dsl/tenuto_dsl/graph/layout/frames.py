"""The frame of a state that holds others: its header, the room around its inside, and how both share the width.

Lines that come in at the top run past the header, so it takes the first place between them that is wide enough. In a
chart to the right the header lies beside the lines, at the start of the other axis, and is never in their way.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tenuto_dsl.graph.layout.geometry import Rect, Size

if TYPE_CHECKING:
    from tenuto_dsl.graph.layout.compound import Sizes
    from tenuto_dsl.graph.model import Vertex

PAD = 18.0
_BESIDE = 12.0


@dataclass(frozen=True, slots=True)
class Frame:
    """`origin` is where the inside begins."""

    size: Size
    header: Rect
    origin: tuple[float, float]


def framed(vertex: Vertex, inner: Size, tops: Sequence[float], sizes: Sizes) -> Frame:
    """The frame around an inside of that size, into which lines come from the top at those places."""
    header = sizes.header(vertex)
    if sizes.turned:
        left = header.width + PAD if header.width else PAD
        height = max(inner.height + 2 * PAD, header.height)
        return Frame(Size(left + inner.width + PAD, height), Rect(0, 0, header.width, header.height), (left, PAD))
    top = header.height + 6.0 if header.height else PAD
    width = max(inner.width + 2 * PAD, header.width)
    left = (width - inner.width) / 2
    lines = sorted(left + x for x in tops)
    shift = 0.0
    if not lines or lines[0] >= header.width + _BESIDE:
        place = 0.0
    else:
        ends = [*lines, width]
        gaps = [(a + _BESIDE, b - a) for a, b in itertools.pairwise(ends)]
        wide = [start for start, room in gaps if room >= header.width + 2 * _BESIDE]
        place = wide[0] if wide else 0.0
        shift = 0.0 if wide else header.width + _BESIDE - lines[0]
    size = Size(width + shift, top + inner.height + PAD)
    return Frame(size, Rect(place, 0, header.width, header.height), (left + shift, top))
