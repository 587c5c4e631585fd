"""Carrying assignments from state to state, to a fixpoint.

For every state there are three sets of variables: what holds before its entry (the meet of all ways in), what holds
after its entry (so at every moment in it), and what holds when it is done. An edge taken because `do` finished starts
from the last; any other edge (error, cancel, signal, update, timer, condition) may interrupt the work anywhere, so it
starts from the second. On the way, the exits that surely run, the actions of the transition and the entries of the
states around the target are followed.

A state with children is done when a final child is entered; a parallel one when all its regions are, so their sets
join. What holds in a state holds in its descendants, because variables never lose their value.
"""

from __future__ import annotations

from collections import deque

from tenuto_dsl.check.assignment.blocks import NEVER, BlockFlow, Variables, expressions_of
from tenuto_dsl.check.assignment.witness import Edge, path_without
from tenuto_dsl.check.facts import Facts, StateFacts, WorkflowFacts
from tenuto_dsl.check.walk import idents_of
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import tree


def check_assignment(workflow: WorkflowFacts, facts: Facts, sink: Diagnostics) -> None:
    """Report every read of a variable that some path reaches before an assignment."""
    tracked = {v.name: v.slot for v in workflow.variables.values() if v.tracked}
    if tracked:
        graph = _Graph(workflow.states, facts, Variables(facts, tracked))
        graph.solve()
        graph.report(sink)


class _Graph:
    def __init__(self, states: list[StateFacts], facts: Facts, variables: Variables) -> None:
        self.states = states
        self.facts = facts
        self.variables = variables
        self.flow = BlockFlow(variables)
        self.before = [NEVER] * len(states)
        self.inside = [NEVER] * len(states)
        self.done = [NEVER] * len(states)
        self.edges: list[dict[Edge, int]] = [{} for _ in states]
        self.pending: deque[int] = deque()

    def solve(self) -> None:
        self.enter(0, Edge(0, None), 0)
        while self.pending:
            self.visit(self.pending.popleft(), self.flow)

    def report(self, sink: Diagnostics) -> None:
        for state in self.states:
            if self.before[state.index] == NEVER:
                continue
            told = 0

            def tell(node: tree.Node, missing: int, state: StateFacts = state) -> None:
                nonlocal told
                for name in self.variables.names(missing & ~told):
                    self.tell(state, name, node, sink)
                told |= missing

            flow = BlockFlow(self.variables, tell)
            self.visit(state.index, flow)
            # A fault that is caught may come from the entry itself, before it has assigned anything.
            faulty = any(map(_catches_faults, map(self.states.__getitem__, self.up(state.index, -1))))
            flow.run(state.body.exit, (self.before if faulty else self.inside)[state.index])

    def tell(self, state: StateFacts, name: str, node: tree.Node, sink: Diagnostics) -> None:
        way = path_without(self.variables.bits[name], state.index, self.states, self.edges)
        message = f"{name} is read here, but may have no value yet: it is not assigned on the path {way}"
        hint = f"assign {name} on that path, give it an initial value, or make its type optional"
        sink.error("TEN230", _span_of_read(node, name), message, hint)

    # -- one state ----------------------------------------------------------------------------------------------------

    def enter(self, index: int, edge: Edge, held: int) -> None:
        """Record a way into a state."""
        edges = self.edges[index]
        edges[edge] = edges.get(edge, NEVER) & held
        met = self.before[index] & held
        if met != self.before[index]:
            self.before[index] = met
            self.pending.append(index)

    def visit(self, index: int, flow: BlockFlow) -> None:
        state = self.states[index]
        inside = self.inside[index] = flow.run(state.body.entry, self.before[index])
        for child in state.regions or ([] if state.initial is None else [state.initial]):
            self.enter(child, Edge(index, None), inside)
        self.done[index] = self.completion(state, inside, flow)
        if self.completes_parent(state):
            assert state.parent is not None
            self.pending.append(state.parent)
        for expression in expressions_of(state.body.ending) if state.body.ending else ():
            flow.read(expression, inside)
        for transition in state.body.transitions:
            self.take(state, transition, flow)

    def completes_parent(self, state: StateFacts) -> bool:
        """Whether the parent's set of done depends on this state's, and has to be computed anew."""
        if state.parent is None or (state.kind != "final" and state.kind != "region"):
            return False
        parent = self.states[state.parent]
        return self.completion(parent, self.inside[parent.index], self.flow) != self.done[parent.index]

    def completion(self, state: StateFacts, inside: int, flow: BlockFlow) -> int:
        """What holds when the state is done."""
        done = flow.run(state.body.do, inside)
        for region in state.regions:
            done |= self.done[region]
        if state.children:
            met = NEVER
            for child in state.children:
                if self.states[child].kind == "final":
                    met &= self.before[child]
            done |= met
        return done

    # -- one transition -----------------------------------------------------------------------------------------------

    def take(self, state: StateFacts, transition: tree.Transition, flow: BlockFlow) -> None:
        trigger = transition.trigger
        inside = self.inside[state.index]
        held = self.done[state.index] if isinstance(trigger, tree.DoneTrigger) else inside
        if _is_of_faults(trigger):  # as for exits
            held = self.before[state.index]
        if held == NEVER:
            return
        flow.read(_time_of(trigger), inside)
        flow.read(transition.guard, held)
        held = flow.run(transition.work, held)
        target = self.facts.targets.get(transition.target) if transition.target is not None else None
        if target is None:
            flow.run(transition.actions, held)
            return
        domain = self.domain(state.index, target)
        if not self.contains(state.index, target):
            for left in self.up(state.index, domain):
                held = self.flow.run(self.states[left].body.exit, held)
        held = flow.run(transition.actions, held)
        edge = Edge(state.index, trigger_text(trigger))
        for entered in reversed(list(self.up(target, domain))):
            self.enter(entered, edge, held)
            if entered != target:
                held = self.flow.run(self.states[entered].body.entry, held)
                for region in self.states[entered].regions:
                    self.enter(region, edge, held)

    def up(self, index: int, domain: int) -> list[int]:
        """The state and its ancestors below `domain`, innermost first."""
        chain = []
        current: int | None = index
        while current is not None and current != domain:
            chain.append(current)
            current = self.states[current].parent
        return chain

    def contains(self, outer: int, inner: int) -> bool:
        return outer != inner and outer in self.up(inner, -1)

    def domain(self, source: int, target: int) -> int:
        """The innermost state that a transition does not leave; never a parallel one, as the machine has it."""
        stays = self.states[source].kind in ("root", "region")
        around = self.up(source, -1)[0 if stays else 1 :]
        inside = set(self.up(target, -1)[1:])
        return next((index for index in around if index in inside and not self.states[index].regions), 0)


def trigger_text(trigger: tree.Trigger) -> str:
    """The trigger as a path shows it."""
    match trigger:
        case tree.DoneTrigger():
            return "done"
        case tree.SignalTrigger():
            return f"on {trigger.signal.text}"
        case tree.UpdateTrigger():
            return f"on update {trigger.update.text}"
        case tree.ErrorTrigger():
            return " ".join(["on error", " | ".join(code.text for code in trigger.codes)]).rstrip()
        case tree.CancelTrigger():
            return "on cancel"
        case tree.AfterTrigger():
            return "after"
        case tree.AtTrigger():
            return "at"
        case tree.EveryTrigger():
            return "every"
        case tree.WhenTrigger():
            return "when"


def _is_of_faults(trigger: tree.Trigger) -> bool:
    return isinstance(trigger, tree.ErrorTrigger) and any(code.text == "Fault" for code in trigger.codes)


def _catches_faults(state: StateFacts) -> bool:
    return any(_is_of_faults(transition.trigger) for transition in state.body.transitions)


def _time_of(trigger: tree.Trigger) -> tree.Expr | None:
    match trigger:
        case tree.AfterTrigger():
            return trigger.duration
        case tree.AtTrigger():
            return trigger.time
        case tree.EveryTrigger():
            return trigger.schedule
        case _:
            return None


def _span_of_read(node: tree.Node, name: str) -> tree.Span:
    """Where the name stands in an expression; the expression as a whole when it cannot be told."""
    return next((ident.span for ident in idents_of(node) if ident.name == name), node.span)
