"""What is wrong in a space that was searched, and what never happened in it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tenuto_interpreter.commands import ReportViolation

from tenuto_dsl.compiler import Compiled
from tenuto_dsl.explore.report import Finding, FindingKind, Unread, Unseen
from tenuto_dsl.explore.search import Node, Space
from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.tree import Span
from tenuto_dsl.testing.coverage import describe

MOST_FINDINGS = 10
"""Of one kind."""


def findings_in(space: Space) -> list[Finding]:
    """What is wrong, properties first; each with its trace."""
    subject = space.subject
    found = [
        _made(space, "property", declared.name, _violated(declared.kind), number)
        for declared in subject.program.properties
        if (number := space.violations.get(declared.name)) is not None
    ]
    found += _faults(space)
    dead = [node for node in space.nodes if node.quiet]
    for node in _one_each(space, dead):
        states = _states(space, node)
        message = f"in {states} the run waits for nothing, and has not ended"
        found.append(_made(space, "deadlock", states, message, node.number))
    stuck = _endless(space, {node.number for node in dead})
    if stuck is not None:
        states = _states(space, stuck)
        message = f"from {states} no end can be reached any more, with the values that were tried"
        found.append(_made(space, "endless", states, message, stuck.number))
    found += _hopeless(space)
    return found


def _violated(kind: str) -> str:
    return {
        "never": "this must never be true, and is",
        "always": "this must always be true, and is not",
        "eventually": "the run has ended, and this was true at no time",
    }[kind]


def _faults(space: Space) -> list[Finding]:
    """Each fault once: of one place, and of one reason whatever the values in it."""
    found: dict[tuple[str, str], Finding] = {}
    for number in space.faults:
        parked = space.nodes[number].parked
        assert parked is not None
        reason, place = parked
        key = (place, re.sub(r"[0-9]+|\"[^\"]*\"|'[^']*'", "…", reason))
        if key not in found and _room(space, len(found)):
            kind: FindingKind = "undo" if place.startswith("undo") else "fault"
            found[key] = _made(space, kind, place or "the workflow", f"the run is parked: {reason}", number)
    return list(found.values())


def _one_each(space: Space, nodes: Iterable[Node]) -> list[Node]:
    """The first of those that stand in the same states."""
    found: dict[str, Node] = {}
    for node in nodes:
        states = _states(space, node)
        if states not in found and _room(space, len(found)):
            found[states] = node
    return list(found.values())


def _room(space: Space, shown: int) -> bool:
    """Whether another finding of a kind is shown; the report says when one is not."""
    if shown >= MOST_FINDINGS:
        space.bounded[f"more than {MOST_FINDINGS} findings of one kind, of which the first are shown"] = None
    return shown < MOST_FINDINGS


def _states(space: Space, node: Node) -> str:
    names = space.subject.exe.state_names(list(node.active))
    return ", ".join(name for name in names if name) or "the workflow"


# -- what can still happen ---------------------------------------------------------------------------------------------


def _able(space: Space, goals: Iterable[int]) -> set[int]:
    """The states from which a goal can be reached, without a cancellation."""
    before: dict[int, list[int]] = {}
    for node in space.nodes:
        for number in node.next:
            before.setdefault(number, []).append(node.number)
    able = set(goals)
    pending = list(able)
    while pending:
        for number in before.get(pending.pop(), ()):
            if number not in able:
                able.add(number)
                pending.append(number)
    return able


def _excused(space: Space) -> set[int]:
    """Where the search knows no more: what was not followed, and what waits for an operator."""
    return {node.number for node in space.nodes if node.cut or node.parked is not None}


def _endless(space: Space, dead: set[int]) -> Node | None:
    """The first state from which no end can be reached, in a workflow that has an end."""
    ends = {node.number for node in space.nodes if node.closed in ("completed", "failed", "cancelled")}
    able = _able(space, ends)
    starts = [node.number for node in space.nodes if node.parent < 0]
    if not any(start in able for start in starts) and not _has_end(space.subject.compiled):
        return None
    able = _able(space, ends | dead | _excused(space))
    return next((node for node in space.nodes if node.number not in able), None)


def _has_end(compiled: Compiled) -> bool:
    program = compiled.program
    if any(state.ending is not None and state.ending.kind != "continue" for state in program.states):
        return True
    return any(code[0] == "return" for block in program.blocks for code in block.code)


def _hopeless(space: Space) -> list[Finding]:
    """`eventually` of runs that do not end: where it has not come true and no longer can."""
    found = []
    ends = {node.number for node in space.nodes if node.closed is not None and node.closed != "continued"}
    for declared in space.subject.program.properties:
        if declared.kind != "eventually" or declared.name in space.violations:
            continue
        true = space.fulfilled.get(declared.name, set())
        able = _able(space, true | ends | _excused(space) | {node.number for node in space.nodes if node.quiet})
        stuck = next((node for node in space.nodes if node.number not in able), None)
        if stuck is not None:
            message = "this has not been true, and no longer can be, with the values that were tried"
            found.append(_made(space, "property", declared.name, message, stuck.number))
    return found


# -- places ------------------------------------------------------------------------------------------------------------


def _made(space: Space, kind: FindingKind, name: str, message: str, number: int) -> Finding:
    trace = space.trace(number)
    for length, one in enumerate(trace, 1):
        if kind == "property" and any(isinstance(c, ReportViolation) and c.name == name for c in one.commands):
            trace = trace[:length]
            break
    return Finding(kind, name, message, _span(space, kind, name), trace)


def _span(space: Space, kind: FindingKind, name: str) -> Span:
    compiled = space.subject.compiled
    node = workflow_node(space)
    if kind == "property":
        return property_node(space, name).span
    for number, block in enumerate(compiled.program.blocks):
        spans = compiled.source_map.code[number]
        if block.place == name and spans:
            return spans[0]
    first = name.split(", ")[0]
    for number, state in enumerate(compiled.program.states):
        if state.path == first and number:
            return compiled.source_map.states[number]
    return node.name.span


def workflow_node(space: Space) -> tree.WorkflowDecl:
    declarations = space.subject.checked.file.declarations
    return next(
        node for node in declarations
        if isinstance(node, tree.WorkflowDecl) and node.name.text == space.subject.program.name
    )  # fmt: skip


def property_node(space: Space, name: str) -> tree.PropertyDecl:
    return next(node for node in workflow_node(space).properties if node.name.text == name)


def unseen_in(space: Space) -> list[Unseen]:
    """The states no run has entered and the transitions none has taken, in the order of the source."""
    compiled = space.subject.compiled
    states = compiled.program.states
    found = []
    for index, state in enumerate(states):
        if state.kind in ("plain", "final") and (index, -1) not in space.taken:
            found.append(Unseen("state", state.path, compiled.source_map.states[index]))
        for number, transition in enumerate(state.transitions):
            if (index, number) not in space.taken:
                text = describe(transition, [each.path for each in states])
                title = f"{state.path}: {text}" if state.path else text
                found.append(Unseen("transition", title, compiled.source_map.transitions[index][number]))
    return found


def unread_in(space: Space) -> list[Unread]:
    """The messages that can be left in the mailbox of a run that has ended, in the order in which that was seen."""
    node = workflow_node(space)
    declared: list[tree.SignalDecl | tree.UpdateDecl] = [*node.signals, *node.updates]
    spans = {message.name.text: message.span for message in declared}
    return [
        Unread(name, space.nodes[number].closed or "", spans.get(name, node.name.span), space.trace(number))
        for name, number in space.unread.items()
    ]
