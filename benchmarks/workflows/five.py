"""The activity of `five.tenuto`."""

from __future__ import annotations

import tenuto


@tenuto.activity
def add(total: int, i: int) -> int:
    return total + i
