"""TEN305, TEN306: every level of states says where it begins, once."""

from __future__ import annotations

from tenuto_dsl.check.facts import Facts, StateFacts, WorkflowFacts
from tenuto_dsl.diagnostics import Diagnostics, Fix
from tenuto_dsl.syntax import tree


def _mark(state: StateFacts) -> Fix | None:
    """`initial` before the word `state`: certain in the text form, where a plain state begins with that word."""
    span = state.node.span
    if state.kind != "plain" or not span.file.endswith(".tenuto"):
        return None
    here = tree.Span(span.file, span.line, span.col, span.line, span.col)
    return Fix(f"mark {state.name} as initial", here, "initial ")


def check(workflow: WorkflowFacts, _facts: Facts, sink: Diagnostics) -> None:
    for state in workflow.states:
        children = [workflow.states[child] for child in state.children]
        marked = [c for c in children if isinstance(c.node, tree.State) and c.node.kind == "initial"]
        if children and not marked and not state.regions:
            first = next((c for c in children if c.kind != "final"), children[0])
            where = f"{state.path}" if state.path else "the workflow"
            hint = f"mark one as `initial`, such as {first.name}"
            sink.error("TEN305", first.span, f"{where} has states, but none of them is `initial`", hint, _mark(first))
        for other in marked[1:]:
            sink.error("TEN306", other.span, f"{other.name} cannot be initial too: {marked[0].name} already is")
