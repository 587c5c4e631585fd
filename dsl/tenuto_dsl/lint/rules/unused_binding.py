"""TEN705: an `as` that is not used

The payload of a message, or an error, is given a name that is never read.

Bad:

```tenuto bad transitions
on approve as a -> other
```

Good:

```tenuto good transitions
on approve -> other
```
"""

from __future__ import annotations

from tenuto_dsl.diagnostics import Fix
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.views import WorkflowView, nodes_below
from tenuto_dsl.syntax import tree


@workflow_rule("TEN705", "info")
def check(view: WorkflowView, report: Report) -> None:
    for transition in view.all(tree.Transition):
        trigger = transition.trigger
        if isinstance(trigger, (tree.SignalTrigger, tree.UpdateTrigger, tree.ErrorTrigger)) and trigger.binding:
            _report(trigger.binding, trigger.as_span, transition, report)
    for catch in view.all(tree.Catch):
        if catch.binding is not None:
            _report(catch.binding, catch.as_span, catch, report)


def _report(binding: tree.Name, as_span: tree.Span | None, scope: tree.Node, report: Report) -> None:
    if not any(isinstance(node, tree.Ident) and node.name == binding.text for node in nodes_below(scope)):
        report(binding.span, f"{binding.text} is not used", None, _removal(binding, as_span))


def _removal(binding: tree.Name, as_span: tree.Span | None) -> Fix | None:
    """` as name`: certain in the text form when it is written as everybody writes it; in YAML, where `as_span` is."""
    span = binding.span
    if not span.is_yaml and span.col > len(" as "):
        as_span = tree.Span(span.file, span.line, span.col - len(" as "), span.end_line, span.end_col)
    return None if as_span is None else Fix(f"remove `as {binding.text}`", as_span, "")
