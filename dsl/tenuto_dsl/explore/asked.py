"""What a program asks of a run beside its values: counts of calls, the clock, whether an undo can be computed.

Each says how much of it states must be told apart by (`canonical`): no more than the program can tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tenuto_interpreter.ir import Expr, Program
from tenuto_interpreter.machine import Snapshot

from tenuto_dsl.explore.atoms import may_fault, nodes_of
from tenuto_dsl.explore.flow import Flow
from tenuto_dsl.explore.report import Notes

MOST_CALLS = 8
"""Calls that are counted where a property calculates with counts, unless it names a larger number."""

_COMPARISONS = ("less", "greater", "equal")


class Counting:
    """How counts of calls are told apart: by differences where properties compare them with each other only, up to
    the largest constant where they compare them with constants only, else exactly, up to a bound."""

    def __init__(self, program: Program, notes: Notes) -> None:
        self.notes = notes
        self.names: dict[str, None] = {}
        self.cap = 0
        self.most = MOST_CALLS
        pairs = constants = False
        alone = 0
        for declared in program.properties:
            for node in nodes_of(program.expressions[declared.value]):
                if _is_count(node):
                    self.names[node[2][1]] = None
                    alone += 1
                if node[0] == "const" and type(node[1]) is int:
                    self.most = max(self.most, node[1] + 1)
                if not _is_comparison(node):
                    continue
                one, other = node[-2], node[-1]
                if _is_count(one) and _is_count(other):
                    pairs = True
                    alone -= 2
                elif _is_count(one) or _is_count(other):
                    constant = other if _is_count(one) else one
                    if constant[0] == "const" and type(constant[1]) is int:
                        constants = True
                        alone -= 1
                        self.cap = max(self.cap, constant[1] + 1)
        self.exact = alone > 0 or (pairs and constants)
        self.by_differences = pairs

    def key(self, counts: Mapping[str, int]) -> tuple[int, ...]:
        values = [counts.get(name, 0) for name in self.names]
        if self.exact:
            if any(value > self.most for value in values):
                self.notes.add(f"more than {self.most} calls of one name are taken as so many")
            return tuple(min(value, self.most) for value in values)
        if self.by_differences:
            least = min(values, default=0)
            return tuple(value - least for value in values)
        return tuple(min(value, self.cap) for value in values)


class Clock:
    """Whether it matters for how long a run has been open, when the latest tick was, and what the clock shows.

    That moments are compared needs none of it: stored ones are told apart by how far off they are.
    """

    def __init__(self, flow: Flow) -> None:
        self.started = "started_at" in flow.clock
        self.fired = "fired_at" in flow.clock
        self.shown = "shown" in flow.clock

    def key(self, snap: Snapshot, at: int) -> tuple[Any, ...]:
        found: list[Any] = []
        if self.started:
            found.append(snap.started_at - at)
        if self.fired:
            found.append(None if snap.fired_at is None else snap.fired_at - at)
        if self.shown:
            found.append(at)
        return tuple(found)


def undo_can_fault(program: Program) -> frozenset[int]:
    """The calls whose undo has arguments that can fail to be computed."""
    return frozenset(
        number for number, call in enumerate(program.calls)
        if call.undo is not None and any(may_fault(program.expressions[e]) for e in call.undo.args)
    )  # fmt: skip


def _is_count(node: Any) -> bool:
    return isinstance(node, tuple) and node[:2] == ("do", "calls")


def _is_comparison(node: Expr) -> bool:
    if node[0] in ("eq", "ne"):
        return True
    return node[0] == "do" and len(node) == 4 and str(node[1]).startswith(_COMPARISONS)
