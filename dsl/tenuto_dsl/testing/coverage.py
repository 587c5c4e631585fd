"""Which states were entered and which transitions taken, of the workflows that tests ran or should have run.

A state that is always left at once counts as entered; the workflow itself, and regions, which nobody can avoid, are
not counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from tenuto_interpreter.ir import Transition
from tenuto_interpreter.machine import Observe

from tenuto_dsl.compiler import Compiled
from tenuto_dsl.syntax.tree import Span


@dataclass(frozen=True, slots=True)
class Covered:
    """A state or a transition of a workflow. `name`: the path of the state, or `path: on approve -> charging`."""

    workflow: str
    kind: Literal["state", "transition"]
    name: str
    span: Span
    taken: bool


class Coverage:
    """Collects what runs tell, of all tests of a suite together. `counted` workflows count though nothing runs them."""

    def __init__(self, programs: Mapping[str, Compiled], counted: Iterable[str] = ()) -> None:
        self.programs = programs
        self.seen: dict[str, set[tuple[int, int]]] = {name: set() for name in counted}

    def observer(self, workflow: str) -> Observe:
        """Who is told of the states and transitions of a workflow's runs."""
        add = self.seen.setdefault(workflow, set()).add
        return lambda state, index: add((state, index))

    def items(self) -> list[Covered]:
        """States and transitions of every workflow that was run or counts, in the order of the source."""
        found = []
        for name, seen in self.seen.items():
            compiled = self.programs[name]
            states = compiled.program.states
            for index, state in enumerate(states):
                if state.kind in ("plain", "final"):
                    taken = (index, -1) in seen
                    found.append(Covered(name, "state", state.path, compiled.source_map.states[index], taken))
                for number, transition in enumerate(state.transitions):
                    span = compiled.source_map.transitions[index][number]
                    text = describe(transition, [each.path for each in states])
                    title = f"{state.path}: {text}" if state.path else text
                    found.append(Covered(name, "transition", title, span, (index, number) in seen))
        return found


def describe(transition: Transition, paths: list[str]) -> str:
    """A transition as people know it: `on approve -> charging`."""
    kind = transition.trigger
    text: str = kind
    if kind == "signal":
        text = f"on {transition.name}"
    elif kind == "update":
        text = f"on update {transition.name}"
    elif kind in ("error", "cancel"):
        codes = " | ".join(transition.codes)
        text = f"on {kind} {codes}".rstrip()
    if transition.guard is not None and kind != "when":
        text += " when …"
    if transition.work is not None:
        text += " do …"
    if transition.target is not None:
        target = paths[transition.target]
        text += f" -> history({target})" if transition.history else f" -> {target}"
    elif transition.work is None:
        text += " { … }" if transition.actions is not None else " {}"
    return text
