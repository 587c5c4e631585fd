"""The main path: the way through a workflow when all goes well, which a drawing keeps straight.

At each level of nesting it is the way from the initial state to an end on which most happens: work that gets done and
messages that come count for it, deadlines against it, failures most of all. Steps back are no part of it, so there is
such a way. The enclosing level is decided first, because it tells by which state an inner level is entered and left.
"""

from __future__ import annotations

from collections.abc import Sequence

from tenuto_dsl.graph.model import Arrow, Outcome, TriggerKind, Vertex

_GAIN: dict[TriggerKind, int] = {
    "done": 10, "signal": 8, "when": 8, "update": 6, "every": 2, "after": -5, "at": -5, "error": -200, "cancel": -400,
}  # fmt: skip
_GUARDED_DONE = 0
"""A `done` with a guard is the special case of the `done` below it."""

_BEST: tuple[Outcome, ...] = ("return", "continue", "complete")


def main_arrows(root: Vertex, arrows: Sequence[Arrow]) -> frozenset[str]:
    """The ids of the arrows on the main path."""
    found: set[str] = set()
    _follow(root, list(arrows), None, None, found)
    return frozenset(found)


def _follow(owner: Vertex, arrows: list[Arrow], entry: str | None, leaving: str | None, found: set[str]) -> None:
    """Mark the main path inside of a state that is entered at the path `entry`, if one is named, and whose main way out
    begins at the path `leaving`."""
    for region in owner.regions:
        _follow(region, arrows, _within(region, entry), _within(region, leaving), found)
    start = next((s for s in owner.states if _within(s, entry)), None)
    start = start or next((s for s in owner.states if s.initial), owner.states[0] if owner.states else None)
    if start is None:
        return
    path = _fullest(owner, arrows, start, leaving)
    found.update(arrow.id for arrow in path)
    here, came_by = start, entry
    for arrow in path:
        _follow(here, arrows, came_by, arrow.source, found)
        here = next(s for s in owner.states if _within(s, arrow.target))
        came_by = arrow.target
    _follow(here, arrows, came_by, leaving, found)


def _within(state: Vertex, path: str | None) -> str | None:
    """The path, when it is this state's or of one inside; else None."""
    return path if path is not None and (path == state.path or path.startswith(f"{state.path}.")) else None


def _fullest(owner: Vertex, arrows: Sequence[Arrow], start: Vertex, leaving: str | None) -> list[Arrow]:
    """The longest way by gain over the states of one level, without its steps back; of two alike, that which comes
    first in the file."""
    places = {arrow.id: place for place, arrow in enumerate(arrows)}

    def rank(gain: int, way: list[Arrow]) -> tuple[int, list[int]]:
        return gain, [-places[arrow.id] for arrow in way]

    steps: dict[str, list[tuple[int, Arrow, str]]] = {state.path: [] for state in owner.states}
    by_path = {state.path: state for state in owner.states}
    for arrow in arrows:
        source, target = _member(owner, arrow.source, by_path), _member(owner, arrow.target, by_path)
        if source is not None and target is not None and source != target:
            gain = _GUARDED_DONE if arrow.kind == "done" and arrow.guard else _GAIN[arrow.kind]
            steps[source].append((gain, arrow, target))
    best: dict[str, tuple[int, list[Arrow]]] = {start.path: (0, [])}
    for path in _forwards(start.path, steps):
        gain, way = best[path]
        for more, arrow, target in steps[path]:
            answer = (gain + more, [*way, arrow])
            if target not in best or rank(*answer) > rank(*best[target]):
                best[target] = answer
    return _choose(owner, best, leaving)


def _forwards(start: str, steps: dict[str, list[tuple[int, Arrow, str]]]) -> list[str]:
    """The states that can be reached, each behind all that lead to it; steps back are taken out."""
    open_: set[str] = {start}
    closed: list[str] = []
    seen = {start}
    kept: dict[str, list[tuple[int, Arrow, str]]] = {start: []}
    stack = [(start, iter(sorted(steps[start], key=lambda step: -step[0])))]
    while stack:
        path, rest = stack[-1]
        for step in rest:
            if step[2] in open_:
                continue
            kept[path].append(step)
            if step[2] not in seen:
                seen.add(step[2])
                open_.add(step[2])
                kept[step[2]] = []
                stack.append((step[2], iter(sorted(steps[step[2]], key=lambda step: -step[0]))))
                break
        else:
            stack.pop()
            open_.discard(path)
            closed.append(path)
    steps.update(kept)
    return closed[::-1]


def _member(owner: Vertex, path: str, by_path: dict[str, Vertex]) -> str | None:
    """The state of this level that holds the path."""
    if owner.path and not path.startswith(f"{owner.path}."):
        return None
    depth = owner.path.count(".") + 1 if owner.path else 0
    own = ".".join(path.split(".")[: depth + 1])
    return own if own in by_path else None


def _choose(owner: Vertex, best: dict[str, tuple[int, list[Arrow]]], leaving: str | None) -> list[Arrow]:
    """The way to the best end there is; without any, the way to where most has happened without a failure."""
    if leaving is not None:
        goal = next((s for s in owner.states if _within(s, leaving)), None)
        if goal is not None and goal.path in best:
            return best[goal.path][1]
    for outcome in _BEST:
        ends = [best[s.path] for s in owner.states if s.outcome == outcome and s.path in best]
        if ends:
            return max(ends, key=lambda end: end[0])[1]
    return max(best.values(), key=lambda end: end[0])[1]
