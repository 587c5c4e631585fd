"""From the checked facts of a workflow to its chart."""

from __future__ import annotations

from dataclasses import replace

from tenuto_dsl.check.facts import StateFacts, WorkflowFacts
from tenuto_dsl.check.files import CheckedFile
from tenuto_dsl.graph.expressions import expression_text
from tenuto_dsl.graph.main_path import main_arrows
from tenuto_dsl.graph.model import Arrow, Chart, Outcome, Vertex, tone_of
from tenuto_dsl.graph.rows import actions_of, operations_of, rows_of, trigger_of
from tenuto_dsl.syntax import tree


def chart_of(checked: CheckedFile, workflow: WorkflowFacts) -> Chart:
    """The chart of a workflow. A transition whose target is not known (there is a diagnostic) is left out."""
    workflows = frozenset(checked.declarations.workflows)
    states = workflow.states
    root = _vertex(states, 0, workflows)
    arrows = []
    for state in states:
        for number, transition in enumerate(state.body.transitions):
            target = checked.facts.targets.get(transition.target) if transition.target is not None else None
            if transition.target is not None and target is not None:
                arrows.append(_arrow(state, number, transition, states[target], workflows))
    if not root.inner:
        root, arrows = _single(root)
    main = main_arrows(root, arrows)
    vertices = {vertex.path: vertex for vertex in Chart("", "", root, ()).vertices()}
    marked = tuple(
        replace(a, main=a.id in main, tone=tone_of(a.kind, vertices[a.target], main=a.id in main)) for a in arrows
    )
    return Chart(workflow.node.name.text, _first_sentence(workflow.node.doc), root, marked)


def _vertex(states: list[StateFacts], index: int, workflows: frozenset[str]) -> Vertex:
    facts = states[index]
    parent = None if facts.parent is None else states[facts.parent]
    ending, outcome = _ending(facts)
    return Vertex(
        path=facts.path,
        name=facts.name,
        kind=facts.kind,
        line=facts.span.line,
        initial=parent is not None and parent.initial == index,
        outcome=outcome,
        ending=ending,
        doc=_first_sentence(facts.node.doc),
        rows=rows_of(facts, workflows),
        states=tuple(_vertex(states, child, workflows) for child in facts.children),
        regions=tuple(_vertex(states, region, workflows) for region in facts.regions),
    )


def _single(root: Vertex) -> tuple[Vertex, list[Arrow]]:
    """A workflow that is one `do`: drawn as a state that leads to an end."""
    state = Vertex("do", "do", "plain", root.line, initial=True, rows=root.rows)
    end = Vertex("end", "end", "final", root.line, outcome="return")
    arrow = Arrow("do#0", "do", "end", "done", "done", "", (), history=False, main=True, line=root.line)
    return replace(root, rows=(), states=(state, end)), [arrow]


def _ending(facts: StateFacts) -> tuple[str, Outcome | None]:
    if facts.kind != "final":
        return "", None
    match facts.body.ending:
        case tree.ReturnStep(value):
            return ("return" if value is None else f"return {expression_text(value, 60)}"), "return"
        case tree.FailStep(error):
            return f"fail {error.text}", "cancel" if error.text == "Cancelled" else "fail"
        case tree.ContinueStep():
            return "continue as new", "continue"
        case _:
            return "", "complete"


def _arrow(
    state: StateFacts, number: int, transition: tree.Transition, target: StateFacts, workflows: frozenset[str]
) -> Arrow:
    kind, trigger = trigger_of(transition.trigger)
    guard = "" if transition.guard is None else expression_text(transition.guard)
    if kind == "when":
        trigger, guard = f"when {guard}", ""
    actions = [] if transition.actions is None else actions_of(transition.actions)
    if transition.work is not None:
        actions += [f"do {row.text}" for row in operations_of(transition.work, workflows)]
    history = transition.target is not None and transition.target.history
    source = state.path
    if state.kind == "region" and not target.path.startswith(f"{source}."):
        source = source.rpartition(".")[0]  # it leaves the other regions as well: drawn from the state they are in
    return Arrow(
        id=f"{state.path or 'workflow'}#{number}",
        source=source,
        target=target.path,
        kind=kind,
        trigger=trigger,
        guard=guard,
        actions=tuple(actions),
        history=history,
        main=False,
        line=transition.span.line,
    )


def _first_sentence(doc: str | None) -> str:
    text = " ".join((doc or "").split())
    end = text.find(". ")
    return text if end < 0 else text[: end + 1]
