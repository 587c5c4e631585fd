"""Points, sizes and rectangles of a drawing, in pixels; y grows downwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Size:
    width: float
    height: float

    def turned(self) -> Size:
        return Size(self.height, self.width)


@dataclass(frozen=True, slots=True)
class Rect:
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def moved(self, dx: float, dy: float) -> Rect:
        return Rect(self.x + dx, self.y + dy, self.width, self.height)

    def turned(self) -> Rect:
        return Rect(self.y, self.x, self.height, self.width)

    def overlaps(self, other: Rect, margin: float = 0.0) -> bool:
        return (
            self.x < other.right - margin
            and other.x < self.right - margin
            and self.y < other.bottom - margin
            and other.y < self.bottom - margin
        )

    def holds(self, other: Rect, margin: float = 0.01) -> bool:
        return (
            self.x - margin <= other.x
            and self.y - margin <= other.y
            and other.right <= self.right + margin
            and other.bottom <= self.bottom + margin
        )
