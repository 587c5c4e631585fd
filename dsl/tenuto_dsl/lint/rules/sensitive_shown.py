"""TEN501: a sensitive value where everybody reads it

A value whose type is `sensitive` is put into a log line, an error's message, a search attribute, or the id of a run.
Logs are shipped, messages are shown, ids stand in URLs: none of these is masked.

Bad:

```tenuto bad
activity open(card: sensitive string) { python "bank:open"; timeout 10s; effect keyed }
workflow w(card: sensitive string) {
  do { call open(card: card); log "opened with ${card}" }
}
```

Good:

```tenuto good
activity open(card: sensitive string) { python "bank:open"; timeout 10s; effect keyed }
workflow w(card: sensitive string) {
  do { call open(card: card); log "opened" }
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tenuto_dsl.lint.paths import is_sensitive, type_of_path
from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree

_SAFE = {"size", "sha256", "hash", "has"}
"""What these make of a value does not give it away."""


@workflow_rule("TEN501")
def check(view: WorkflowView, report: Report) -> None:
    for where, node in _shown(view):
        for inner in _visible(node):
            if isinstance(inner, (tree.Ident, tree.Select, tree.Index)) and is_sensitive(
                view, type_of_path(view, inner)
            ):
                report(inner.span, f"this is sensitive, and {where}", "leave it out, or give its hash")
                break


def _shown(view: WorkflowView) -> Iterator[tuple[str, tree.Expr]]:
    yield from (("logs are read by many", step.value) for step in view.all(tree.LogStep))
    for fail in view.all(tree.FailStep):
        for arg in fail.args:
            if arg.name is not None and arg.name.text == "message":
                yield "messages of errors are shown", arg.value
    yield from (("attributes are searched and listed", item.value) for item in view.all(tree.AttributeDecl))
    yield from (("ids stand in URLs and logs", s.id) for s in view.all(tree.StartStep) if s.id is not None)


def _visible(node: tree.Node) -> Iterator[tree.Node]:
    """The parts of an expression whose value can be told from its own."""
    if isinstance(node, tree.Binary) and node.operator in ("==", "!=", "<", "<=", ">", ">=", "in", "&&", "||"):
        return
    if isinstance(node, tree.Call) and node.function.text in _SAFE:
        return
    yield node
    for part in _parts(node):
        yield from _visible(part)


def _parts(node: tree.Node) -> tuple[tree.Node, ...]:
    match node:
        case tree.Select(operand=operand) | tree.Unary(operand=operand):
            return (operand,)
        case tree.Index(operand=operand, index=index):
            return (operand, index)
        case tree.Call(target=target, args=args):
            return args if target is None else (target, *args)
        case tree.Binary(left=left, right=right) | tree.Conditional(then=left, otherwise=right):
            return (left, right)
        case tree.Interpolation(parts=parts):
            return tuple(part for part in parts if not isinstance(part, str))
        case tree.ListExpr(items=items):
            return items
        case tree.MapExpr(entries=entries):
            return tuple(entry.value for entry in entries)
        case _:
            return ()
