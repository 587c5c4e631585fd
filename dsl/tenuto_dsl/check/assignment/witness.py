"""The path that shows why a variable may have no value: states from the beginning to where it is read."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from tenuto_dsl.check.facts import StateFacts


@dataclass(frozen=True, slots=True)
class Edge:
    """A way into a state: from where, by which trigger (None: entered together with its parent)."""

    source: int
    trigger: str | None


def path_without(bit: int, index: int, states: list[StateFacts], edges: list[dict[Edge, int]]) -> str:
    """The shortest way to a state along which a variable is never assigned, as text.

    If it may be unassigned before the state, some edge does not carry it, and so on backwards to the workflow itself.
    """
    came: dict[int, tuple[int, str | None] | None] = {index: None}
    queue = deque([index])
    first = index
    while queue:
        current = queue.popleft()
        first = current
        if current == 0:
            break
        for edge, held in edges[current].items():
            if not held & bit and edge.source not in came:
                came[edge.source] = (current, edge.trigger)
                queue.append(edge.source)
    return _text(first, came, states)


def _text(first: int, came: dict[int, tuple[int, str | None] | None], states: list[StateFacts]) -> str:
    parts: list[str] = []
    step: tuple[int, str | None] | None = (first, None)
    current = first
    while step is not None:
        current, trigger = step
        following = came[current]
        entered_by_default = following is not None and following[1] is None
        if trigger is not None:
            parts.append("->" if trigger == "done" else f"-({trigger})->")
        if not entered_by_default:
            from_root = current == 0 and following is not None
            parts.append("any state" if from_root else states[current].path or states[0].name)
        step = following
    return " ".join(parts)
