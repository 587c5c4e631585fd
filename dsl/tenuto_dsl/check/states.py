"""The tree of states: numbered as the intermediate representation wants it, and looked up by the names authors write.

*Numbers.* Document order, parents before children, the workflow itself is 0. A state's path is dotted and names the
regions it passes through.

*Targets.* A transition names a state as it would in a statechart: its first name is looked for among the siblings of
the state that the transition stands in, then that state's own children, then the children of each ancestor outwards;
further names walk down from there. A name that is both a sibling and a child is ambiguous. A path that starts at the
root always works.
"""

from __future__ import annotations

from tenuto_dsl.check.facts import StateFacts
from tenuto_dsl.diagnostics import Diagnostics, nearest
from tenuto_dsl.syntax import tree


def number_states(workflow: tree.WorkflowDecl, sink: Diagnostics) -> list[StateFacts]:
    """All states of a workflow. Of two with one name at one level, the first is found by name; both are checked."""
    states = [StateFacts(0, workflow.name.text, "", "root", None, workflow)]
    _number_children(states, 0, sink)
    return states


def _number_children(states: list[StateFacts], parent: int, sink: Diagnostics) -> None:
    facts = states[parent]
    first: dict[str, tree.Name] = {}
    nodes: list[tree.State | tree.Region] = [*facts.body.states, *facts.body.regions]
    for node in nodes:
        name = node.name.text
        if name in first:
            line = first[name].span.line
            what = "state" if isinstance(node, tree.State) else "region"
            sink.error("TEN304", node.name.span, f"the {what} {name} is declared twice here: first at line {line}")
        first.setdefault(name, node.name)
        index = len(states)
        path = f"{facts.path}.{name}" if facts.path else name
        if isinstance(node, tree.Region):
            states.append(StateFacts(index, name, path, "region", parent, node))
            facts.regions.append(index)
        else:
            states.append(StateFacts(index, name, path, "final" if node.kind == "final" else "plain", parent, node))
            facts.children.append(index)
            if node.kind == "initial" and facts.initial is None:
                facts.initial = index
        _number_children(states, index, sink)


class StateNames:
    """Finds the state that a path means, seen from where it is written."""

    def __init__(self, states: list[StateFacts]) -> None:
        self.states = states

    def child(self, parent: int, name: str) -> int | None:
        facts = self.states[parent]
        return next((i for i in (*facts.children, *facts.regions) if self.states[i].name == name), None)

    def ancestors(self, index: int) -> list[int]:
        """The ancestors of a state, innermost first, without itself."""
        found = []
        parent = self.states[index].parent
        while parent is not None:
            found.append(parent)
            parent = self.states[parent].parent
        return found

    def resolve(self, path: tree.Path, seen_from: int, sink: Diagnostics) -> int | None:
        """The state a path names, or None after a diagnostic that says what is wrong with it."""
        if not path.names:
            return None  # the parser has said that it could not be read
        head, *rest = path.names
        start = self._start(head, seen_from, sink)
        if start is None:
            return None
        for name in rest:
            below = self.child(start, name.text)
            if below is None:
                inside = [self.states[i].name for i in (*self.states[start].children, *self.states[start].regions)]
                hint = _did_you_mean(name.text, inside)
                sink.error("TEN301", name.span, f"{self.states[start].path} has no state {name.text}", hint)
                return None
            start = below
        return start

    def _start(self, head: tree.Name, seen_from: int, sink: Diagnostics) -> int | None:
        scopes = self.ancestors(seen_from)
        own = self.child(seen_from, head.text)
        if scopes:
            sibling = self.child(scopes[0], head.text)
            if sibling is not None and own is not None:
                paths = f"{self.states[sibling].path} and {self.states[own].path}"
                sink.error("TEN302", head.span, f"{head.text} may mean {paths}", "write the path from the root")
                return None
            if sibling is not None:
                return sibling
        if own is not None:
            return own
        for scope in scopes[1:]:
            found = self.child(scope, head.text)
            if found is not None:
                return found
        message = f"no state {head.text} can be reached by that name from here"
        sink.error("TEN301", head.span, message, self._hint(head))
        return None

    def _hint(self, head: tree.Name) -> str | None:
        elsewhere = [s.path for s in self.states[1:] if s.name == head.text and s.kind != "region"]
        if elsewhere:
            return f"write its path: {elsewhere[0]}"
        return _did_you_mean(head.text, [s.name for s in self.states[1:] if s.kind != "region"])

    def called(self) -> dict[str, str]:
        """The path of a state by everything `active("…")` may call it: its path, or the end of it that is its alone."""
        called: dict[str, set[str]] = {}
        for state in self.states[1:]:
            names = state.path.split(".")
            for start in range(len(names)):
                called.setdefault(".".join(names[start:]), set()).add(state.path)
        unique = {name: next(iter(paths)) for name, paths in called.items() if len(paths) == 1}
        return unique | {state.path: state.path for state in self.states[1:]}


def _did_you_mean(name: str, candidates: list[str]) -> str | None:
    found = nearest(name, candidates)
    return f"did you mean {found}?" if found else None
