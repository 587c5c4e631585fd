"""A small interpreter of SCXML, written from the pseudo-code of the specification (appendix D), to hold the machine
against: what is selected, left and entered, in which order. It knows nothing of the machine.

What is ours and not SCXML's is in `Interpreter.tell`: messages that enable nothing wait, and are offered again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field


@dataclass
class Edge:
    """A transition. `event` is None for an eventless one; `guard` is asked with the interpreter."""

    name: str
    source: int
    event: str | None
    guard: Callable[[Interpreter], bool]
    target: int | None = None
    history: bool = False
    internal: bool = False


@dataclass
class Node:
    """`kind`: scxml, state, parallel or final. Nodes are numbered in document order."""

    kind: str
    parent: int | None
    children: list[int] = field(default_factory=list)
    initial: int | None = None
    edges: list[Edge] = field(default_factory=list)


class NeverRests(Exception):
    """More microsteps than a chart that comes to rest needs."""


class Interpreter:
    """`trace` lists what was left (-n), executed (the transition's name) and entered (+n), in order."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes
        self.configuration: set[int] = set()
        self.history_value: dict[int, list[int]] = {}
        self.internal_queue: deque[str] = deque()
        self.mailbox: list[str] = []
        self.running = True
        self.executed = 0
        self.microsteps = 0
        self.trace: list[str] = []
        start = Edge("", 0, None, lambda _: True, nodes[0].initial, internal=True)
        self.configuration.add(0)
        self.enter_states([start])
        self.run_to_rest()

    def tell(self, event: str) -> None:
        self.mailbox.append(event)
        self.run_to_rest()

    def run_to_rest(self) -> None:
        self.microsteps = 0
        while self.running:
            self.macrostep()
            for index, event in enumerate(self.mailbox):
                enabled = self.select_transitions(event) if self.running else []
                if enabled:
                    del self.mailbox[index]
                    self.microstep(enabled)
                    break
            else:
                return

    def macrostep(self) -> None:
        while self.running:
            enabled = self.select_transitions(None)
            if not enabled:
                if not self.internal_queue:
                    return
                enabled = self.select_transitions(self.internal_queue.popleft())
            if enabled:
                self.microstep(enabled)

    # -- the tree ------------------------------------------------------------------------------------------------------

    def proper_ancestors(self, state: int, upto: int | None = None) -> list[int]:
        found = []
        parent = self.nodes[state].parent
        while parent is not None and parent != upto:
            found.append(parent)
            parent = self.nodes[parent].parent
        return found

    def is_descendant(self, state: int, of: int) -> bool:
        return of in self.proper_ancestors(state)

    def is_compound(self, state: int) -> bool:
        return self.nodes[state].kind in ("scxml", "state") and bool(self.nodes[state].children)

    def is_in_final_state(self, state: int) -> bool:
        node = self.nodes[state]
        if node.kind == "parallel":
            return all(self.is_in_final_state(child) for child in node.children)
        return any(self.nodes[child].kind == "final" and child in self.configuration for child in node.children)

    # -- selection -----------------------------------------------------------------------------------------------------

    def select_transitions(self, event: str | None) -> list[Edge]:
        enabled: list[Edge] = []
        for atomic in sorted(s for s in self.configuration if not self.nodes[s].children):
            for state in [atomic, *self.proper_ancestors(atomic)]:
                found = next((e for e in self.nodes[state].edges if e.event == event and e.guard(self)), None)
                if found is not None:
                    if found not in enabled:
                        enabled.append(found)
                    break
        return self.remove_conflicting(enabled)

    def remove_conflicting(self, enabled: list[Edge]) -> list[Edge]:
        filtered: list[Edge] = []
        for t1 in enabled:
            preempted = False
            to_remove = []
            for t2 in filtered:
                if self.exit_set([t1]) & self.exit_set([t2]):
                    if self.is_descendant(t1.source, t2.source):
                        to_remove.append(t2)
                    else:
                        preempted = True
                        break
            if not preempted:
                filtered = [t for t in filtered if t not in to_remove] + [t1]
        return filtered

    # -- the microstep -------------------------------------------------------------------------------------------------

    def microstep(self, enabled: list[Edge]) -> None:
        self.microsteps += 1
        if self.microsteps > 60:
            raise NeverRests
        self.exit_states(enabled)
        for edge in enabled:
            self.trace.append(edge.name)
            self.executed += 1
        self.enter_states(enabled)

    def effective_targets(self, edge: Edge) -> list[int]:
        if edge.target is None:
            return []
        return self.history_value.get(edge.target, [edge.target]) if edge.history else [edge.target]

    def domain(self, edge: Edge) -> int | None:
        targets = self.effective_targets(edge)
        if not targets:
            return None
        inside = all(self.is_descendant(target, edge.source) for target in targets)
        if edge.internal and self.is_compound(edge.source) and inside:
            return edge.source
        for ancestor in self.proper_ancestors(edge.source):
            if self.is_compound(ancestor) and all(self.is_descendant(target, ancestor) for target in targets):
                return ancestor
        return 0

    def exit_set(self, edges: Iterable[Edge]) -> set[int]:
        left: set[int] = set()
        for edge in edges:
            domain = self.domain(edge)
            if domain is not None:
                left |= {s for s in self.configuration if self.is_descendant(s, domain)}
        return left

    def exit_states(self, enabled: list[Edge]) -> None:
        to_exit = sorted(self.exit_set(enabled), reverse=True)
        for state in to_exit:
            atomic = [s for s in self.configuration if not self.nodes[s].children]
            self.history_value[state] = [s for s in atomic if s == state or self.is_descendant(s, state)]
        for state in to_exit:
            self.trace.append(f"-{state}")
            self.configuration.discard(state)

    def enter_states(self, enabled: list[Edge]) -> None:
        to_enter: set[int] = set()
        for edge in enabled:
            domain = self.domain(edge)
            for target in self.effective_targets(edge):
                self.add_descendants(target, to_enter)
            for target in self.effective_targets(edge):
                self.add_ancestors(target, domain, to_enter)
        for state in sorted(to_enter):
            node = self.nodes[state]
            self.configuration.add(state)
            self.trace.append(f"+{state}")
            if node.kind == "final":
                assert node.parent is not None
                if self.nodes[node.parent].kind == "scxml":
                    self.running = False
                    continue
                self.internal_queue.append(f"done.{node.parent}")
                grandparent = self.nodes[node.parent].parent
                assert grandparent is not None
                if self.nodes[grandparent].kind == "parallel" and self.is_in_final_state(grandparent):
                    self.internal_queue.append(f"done.{grandparent}")

    def add_descendants(self, state: int, to_enter: set[int]) -> None:
        node = self.nodes[state]
        to_enter.add(state)
        if node.kind == "parallel":
            self.add_regions(state, to_enter)
        elif node.initial is not None:
            self.add_descendants(node.initial, to_enter)
            self.add_ancestors(node.initial, state, to_enter)

    def add_ancestors(self, state: int, domain: int | None, to_enter: set[int]) -> None:
        for ancestor in self.proper_ancestors(state, domain):
            to_enter.add(ancestor)
            if self.nodes[ancestor].kind == "parallel":
                self.add_regions(ancestor, to_enter)

    def add_regions(self, parallel: int, to_enter: set[int]) -> None:
        for child in self.nodes[parallel].children:
            if not any(s == child or self.is_descendant(s, child) for s in to_enter):
                self.add_descendants(child, to_enter)
