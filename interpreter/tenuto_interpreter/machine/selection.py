"""Which transitions an event enables: innermost state first, document order within a state, one for each branch.

A branch is a way from an innermost active state up to the root. The first transition that takes the event ends the
search on that branch; so does a state that defers the message, or a reaction of the same transition still at work. Of
two chosen transitions that would leave the same states, the inner one wins, then the earlier.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenuto_interpreter.ir import Transition
from tenuto_interpreter.machine.states import Chosen, domain_of, inside, leaves_of
from tenuto_interpreter.machine.turn import Turn

Match = Callable[[Transition], bool]


def guard_holds(turn: Turn, source: int, transition: Transition, frame: list[Any]) -> bool:
    if transition.guard is None:
        return True
    return bool(turn.value(transition.guard, frame, turn.exe.states[source].path))


def busy(turn: Turn, source: int, index: int) -> bool:
    """Whether the durable reaction of this transition is at work."""
    return any(
        fiber.role == "work" and fiber.state == source and fiber.transition == index and not fiber.leaving
        for fiber in turn.snap.fibers.values()
    )


def choose(turn: Turn, matches: Match, binding: Any, message: str | None) -> tuple[list[Chosen], bool]:
    """The transitions to take for an event, and whether somebody wants it later.

    `message` is the name by which states defer the event, "" for cancellation, None for what cannot be deferred.
    """
    chosen: list[Chosen] = []
    wanted_later = False
    for leaf in leaves_of(turn, turn.snap.active):
        found, blocked = _on_branch(turn, turn.exe.ancestors[leaf], matches, binding, message)
        wanted_later = wanted_later or blocked
        if found is not None and all((c.source, c.index) != (found.source, found.index) for c in chosen):
            chosen.append(found)
    if message is not None:
        kept = [c for c in chosen if not _would_break_deferral(turn, c, message)]
        wanted_later = wanted_later or len(kept) < len(chosen)
        chosen = kept
    return (_without_conflicts(turn, chosen) if len(chosen) > 1 else chosen), wanted_later


def first_up(turn: Turn, state: int, matches: Match, binding: Any) -> Chosen | None:
    """The transition for something that happened in a state: the first, from that state up, that takes it."""
    return _on_branch(turn, turn.exe.ancestors[state], matches, binding, None)[0]


def _on_branch(
    turn: Turn, branch: tuple[int, ...], matches: Match, binding: Any, message: str | None
) -> tuple[Chosen | None, bool]:
    for source in branch:
        state = turn.exe.states[source]
        for index, transition in enumerate(state.transitions):
            if matches(transition):
                frame = [binding] if transition.binding else []
                if guard_holds(turn, source, transition, frame):
                    if transition.work is not None and busy(turn, source, index):
                        return None, True
                    return Chosen(source, index, frame), False
        if message is not None and defers(turn, source, message):
            return None, True
    return None, False


def defers(turn: Turn, source: int, message: str) -> bool:
    state = turn.exe.states[source]
    return message in state.defers if message else state.defers_cancel


def _would_break_deferral(turn: Turn, chosen: Chosen, message: str) -> bool:
    """Whether a state in another branch defers the very message, and taking it would leave that state, or take the
    message from under it."""
    transition = turn.exe.states[chosen.source].transitions[chosen.index]
    above = chosen.source if transition.target is None else domain_of(turn, chosen.source, transition.target)
    return any(defers(turn, s, message) for s in inside(turn, above) if not turn.exe.within(chosen.source, s))


def _without_conflicts(turn: Turn, chosen: list[Chosen]) -> list[Chosen]:
    """`~state` stands for the idle state of the reactions of a state: one that begins leaves it, as does who leaves the
    state around."""
    kept: list[tuple[Chosen, set[int]]] = []
    for candidate in chosen:
        transition = turn.exe.states[candidate.source].transitions[candidate.index]
        leaves: set[int] = set()
        if transition.work is not None:
            leaves = {~candidate.source}
        elif transition.target is not None:
            left = inside(turn, domain_of(turn, candidate.source, transition.target))
            leaves = {*left, *(~state for state in left)}
        rivals = [k for k in kept if k[1] & leaves]
        if all(candidate.source != k[0].source and turn.exe.within(candidate.source, k[0].source) for k in rivals):
            kept = [k for k in kept if k not in rivals]
            kept.append((candidate, leaves))
    return [candidate for candidate, _ in kept]
