"""What a run did by itself between two of its events: found out by replaying them, since history records events.

A machine is deterministic, so the events alone tell which transitions it took, which states it left and entered, which
timer it was that fired, and when a call is to be tried again. What cannot be replayed (a history whose beginning was
pruned, or that a newer version wrote) is told without them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tenuto_interpreter import events as e
from tenuto_interpreter.machine import Executable, Fault, Snapshot
from tenuto_interpreter.machine.migration import Refused, follow

from tenuto.cli.steps import Line, next_attempt
from tenuto.cli.terminal import one_line
from tenuto.client.timers import NameOf, timer_text

Find = Callable[[str], Executable]

_PHASES = ("leaving", "compensating")


class Between:
    """Follows a run from its beginning. `find` gives the program of a definition, by its digest in hexadecimal."""

    def __init__(self, exe: Executable | None, find: Find) -> None:
        self._exe = exe
        self._find = find
        self._snapshot = Snapshot.new()

    @property
    def follows(self) -> bool:
        """Whether it still knows where the run is."""
        return self._exe is not None

    def give_up(self) -> None:
        """What comes next cannot be replayed."""
        self._exe = None

    def timer(self, event: e.Event, name: NameOf) -> str:
        """What the timer was for that an event is about; empty for any other event."""
        if self._exe is None or not isinstance(event, e.TimerFired):
            return ""
        return timer_text(self._exe.program, self._snapshot, event.timer, name)

    def take(self, event: e.Event, name: NameOf) -> Iterator[Line]:
        """Go on by one event, and tell what the run made of it."""
        if self._exe is None:
            return
        seen: list[tuple[int, int]] = []
        before, old = self._snapshot, self._exe
        try:
            self._exe, self._snapshot, _ = follow(
                self._find, old, before, event, lambda state, index: seen.append((state, index))
            )
        except (AssertionError, Fault, Refused, LookupError):
            self._exe = None
            return
        yield from self._transitions(seen)
        yield from self._states(old, before, seen)
        if self._snapshot.status in _PHASES and before.status != self._snapshot.status:
            yield Line(self._snapshot.status, "state")
        again = next_attempt(event, self._snapshot, name)
        if again is not None:
            yield again

    def _transitions(self, seen: list[tuple[int, int]]) -> Iterator[Line]:
        from tenuto_dsl.testing.coverage import describe

        assert self._exe is not None
        states = self._exe.states
        paths = [state.path for state in states]
        for source, index in seen:
            if index >= 0:
                where = f"{states[source].path}: " if states[source].path else ""
                yield Line(one_line(where + describe(states[source].transitions[index], paths)), "state")

    def _states(self, old: Executable, before: Snapshot, seen: list[tuple[int, int]]) -> Iterator[Line]:
        """The innermost states that were left and entered; one that a transition came back to was both."""
        assert self._exe is not None
        entered = [state for state, index in seen if index < 0]
        came_again = set(entered) if self._exe is old else set()
        was, now = old.state_names(before.active), self._exe.state_names(self._snapshot.active)
        again = {self._exe.states[state].path for state in came_again}
        left = [path for path in was if path not in now or path in again]
        came = [path for path in now if path not in was or path in again]
        told = [f"{word} {', '.join(map(one_line, paths))}" for word, paths in (("left", left), ("in", came)) if paths]
        if told:
            yield Line(", ".join(told), "state")
