"""TEN507: a sensitive value where its type does not say so

A value whose type is `sensitive` is put into a variable, an argument or a result whose own type is not. From there
it is shown like any other: what is hidden is found by types, and further on nobody knows what it was. Mark the type
that takes it.

Bad:

```tenuto bad
activity open(card: string) { python "bank:open"; timeout 10s; effect keyed }
workflow w(card: sensitive string) {
  do { call open(card: card) }
}
```

Good:

```tenuto good
activity open(card: sensitive string) { python "bank:open"; timeout 10s; effect keyed }
workflow w(card: sensitive string) {
  do { call open(card: card) }
}
```
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from tenuto_interpreter.types import Record, Type

from tenuto_dsl.check.facts import Parameter
from tenuto_dsl.lint.paths import holds_sensitive, is_sensitive, sensitive_in, type_of_path, without_null
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree

Taken: TypeAlias = tuple[str, Type | None, tree.Expr | tree.CallStep]


@workflow_rule("TEN507")
def check(view: WorkflowView, report: Report) -> None:
    for taker, type_, value in _taken(view):
        for name, node in _lost(view, taker, type_, value):
            message = f"this is sensitive, and the type of {name} does not say so"
            report(node.span, message, "make that type `sensitive`")


def _taken(view: WorkflowView) -> Iterator[Taken]:
    """What takes a value, of which type, and the value."""
    declared = view.declarations
    for step in view.all(tree.AssignStep):
        if not step.path and isinstance(step.value, tree.CallStep | tree.Expr):
            yield step.name.text, view.names.get(step.name.text), step.value
    for variable in view.node.variables:
        if variable.value is not None:
            yield variable.name.text, view.names.get(variable.name.text), variable.value
    for call in view.all(tree.CallStep):
        callee = declared.activities.get(call.callee.text) or declared.workflows.get(call.callee.text)
        yield from _args(callee.params if callee is not None else (), call.args)
    for start in view.all(tree.StartStep):
        started = declared.workflows.get(start.workflow.text)
        yield from _args(started.params if started is not None else (), start.args)
    for send in view.all(tree.SendStep):
        for signal in declared.signal_senders(send.signal.text)[:1]:
            yield from _args(signal.params, send.args)
    for again in view.all(tree.ContinueStep):
        own = declared.workflows.get(view.name)
        yield from _args(own.params if own is not None else (), again.args)
    for fail in view.all(tree.FailStep):
        error = declared.errors.get(fail.error.text)
        fields = dict(error.fields) if error is not None else {}
        for arg in fail.args:
            if arg.name is not None and arg.name.text in fields:
                yield arg.name.text, fields[arg.name.text], arg.value
    returns = declared.workflows[view.name].returns if view.name in declared.workflows else None
    for end in view.all(tree.ReturnStep):
        if end.value is not None and returns is not None:
            yield "the result", returns, end.value


def _args(params: Sequence[Parameter], args: Sequence[tree.Arg]) -> Iterator[Taken]:
    by_name = {param.name: param for param in params}
    for place, arg in enumerate(args):
        param = by_name.get(arg.name.text) if arg.name is not None else params[place] if place < len(params) else None
        if param is not None:
            yield param.name, param.type, arg.value


def _lost(
    view: WorkflowView, taker: str, type_: Type | None, value: tree.Expr | tree.CallStep
) -> Iterator[tuple[str, tree.Node]]:
    """The parts of a value that are sensitive, and what takes them without saying so."""
    if type_ is None or is_sensitive(view, type_):
        return
    into = without_null(view, type_)
    if isinstance(value, tree.CallStep):
        activity = view.declarations.activities.get(value.callee.text)
        given = activity.returns if activity is not None else None
        if given is not None and _forgotten(view, given, into):
            yield taker, value.callee
    elif isinstance(value, tree.MapExpr) and isinstance(into, Record):
        for entry in value.entries:
            if isinstance(entry.key, tree.Literal_) and isinstance(entry.key.value, str):
                yield from _lost(view, entry.key.value, into.field(entry.key.value), entry.value)
    elif (known := type_of_path(view, value)) is not None:
        if _forgotten(view, known, into):
            yield taker, value
    elif not holds_sensitive(view, type_):
        found = sensitive_in(view, value)
        if found is not None:
            yield taker, found


def _forgotten(view: WorkflowView, given: Type, into: Type) -> bool:
    """Whether what is sensitive in a value has no mark where it goes; both are compared one record deep."""
    if is_sensitive(view, given):
        return not is_sensitive(view, into)
    source = without_null(view, given)
    if not isinstance(source, Record) or not isinstance(into, Record):
        return holds_sensitive(view, given) and not holds_sensitive(view, into)
    pairs = ((field.type, into.field(field.name)) for field in source.fields)
    return any(kept is not None and is_sensitive(view, type_) and not is_sensitive(view, kept) for type_, kept in pairs)
