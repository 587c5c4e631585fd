"""Quick fixes: the certain remedies of diagnostics, names that were meant, and declarations that are missing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tenuto_dsl.diagnostics import Diagnostic
from tenuto_dsl.editor.analysis import Analysis
from tenuto_dsl.editor.rename import Edit
from tenuto_dsl.lint.config import CHECKER_WARNINGS
from tenuto_dsl.lint.rules import all_rules
from tenuto_dsl.syntax import tree

_MEANT = re.compile(r"did you mean [`\"]?(?P<name>[\w.]+)[`\"]?\?")


@dataclass(frozen=True, slots=True)
class Action:
    """`preferred`: the one that is most likely wanted. The edits are of the file at hand."""

    title: str
    edits: tuple[Edit, ...]
    diagnostic: Diagnostic
    preferred: bool = False


def actions(analysis: Analysis, first: int, last: int) -> list[Action]:
    """What can be done about the diagnostics between two lines."""
    here = [d for d in analysis.diagnostics if d.span.file == analysis.name and d.span.line <= last]
    return [action for item in here if item.span.end_line >= first for action in _for(analysis, item)]


def _for(analysis: Analysis, item: Diagnostic) -> Iterator[Action]:
    if item.fix is not None:
        yield Action(item.fix.title, (Edit(item.fix.span, item.fix.text),), item, preferred=True)
    else:
        meant = _MEANT.search(item.hint or "")
        written = analysis.lines.slice(item.span)
        if meant is not None and re.fullmatch(r"[`\"']?[\w.]+[`\"']?", written):
            quote = written[0] if written[0] in "\"'" else ""
            text = f"{quote}{meant['name']}{quote}"
            yield Action(f"change to `{meant['name']}`", (Edit(item.span, text),), item, preferred=True)
    yield from _missing(analysis, item)
    if item.code in all_rules() or item.code in CHECKER_WARNINGS:
        yield _silence(analysis, item)


def _silence(analysis: Analysis, item: Diagnostic) -> Action:
    """A comment on the line before; the reason is for the author to give."""
    line = analysis.lines.line(item.span.line)
    indent = line[: len(line) - len(line.lstrip())]
    comment = f"{indent}# tenuto: ignore {item.code} -- because …\n"
    return Action(f"silence {item.code} here, with a reason", (_insert(analysis, item.span.line, comment),), item)


def _missing(analysis: Analysis, item: Diagnostic) -> Iterator[Action]:
    name = analysis.lines.slice(item.span).strip("\"'")
    if not re.fullmatch(r"[A-Za-z_]\w*", name):
        return
    text = analysis.form == "text"
    match item.code:
        case "TEN301":
            yield from _state(analysis, item, name)
        case "TEN202":
            made = f"error {name}\n" if text else f"  {name}: null\n"
            yield _declare(analysis, item, f"declare the error {name}", made, "errors", tree.ErrorDecl)
        case "TEN201" if "workflow" not in item.message.split(name)[0] or "activity" in item.message:
            yield from _activity(analysis, item, name)
        case "TEN203" if item.message.startswith("no "):
            kind = "update" if "update" in item.message else "signal"
            yield from _message(analysis, item, name, kind)


def _declare(analysis: Analysis, item: Diagnostic, title: str, made: str, key: str, kind: type) -> Action:
    """After the last declaration of its kind, else before the first workflow; in YAML under its key."""
    if analysis.form == "yaml":
        return Action(title, (_under_key(analysis, key, made, 0),), item)
    after = [node for node in analysis.file.declarations if isinstance(node, kind)]
    if after:
        return Action(title, (_insert(analysis, after[-1].span.end_line + 1, made),), item)
    before = [node for node in analysis.file.declarations if isinstance(node, tree.ActivityDecl | tree.WorkflowDecl)]
    line = before[0].span.line if before else 1
    return Action(title, (_insert(analysis, line, f"{made}\n"),), item)


def _activity(analysis: Analysis, item: Diagnostic, name: str) -> Iterator[Action]:
    call = next((n for n in _calls(analysis) if n.span == item.span), None)
    names = call.names if call is not None else ()
    if analysis.form == "text":
        params = ", ".join(f"{argument}: any" for argument in names)
        made = f'activity {name}({params}) {{\n  python  "activities:{name}"\n  timeout 30s\n  effect  idempotent\n}}\n'
    else:
        params = ", ".join(f"{argument}: any" for argument in names)
        made = f"  {name}:\n    params: {{ {params} }}\n    python: activities:{name}\n"
        made += "    timeout: 30s\n    effect: idempotent\n"
    yield _declare(analysis, item, f"declare the activity {name}", made, "activities", tree.ActivityDecl)


@dataclass(frozen=True, slots=True)
class _Call:
    """Where a callee is named, and its arguments' names."""

    span: tree.Span
    names: tuple[str, ...]


def _calls(analysis: Analysis) -> Iterator[_Call]:
    for node, _scope in analysis.trace.scopes.items():  # noqa: PERF102  # a table of ours, without keys()
        step = node.value if isinstance(node, tree.LetStep | tree.AssignStep) else node
        if isinstance(step, tree.CallStep):
            yield _Call(step.callee.span, _names(step.args))
            if step.undo is not None:
                yield _Call(step.undo.callee.span, _names(step.undo.args))


def _names(args: Sequence[tree.Arg]) -> tuple[str, ...]:
    return tuple(arg.name.text for arg in args if arg.name is not None)


def _state(analysis: Analysis, item: Diagnostic, name: str) -> Iterator[Action]:
    """Beside the state in which the transition stands."""
    for workflow in analysis.checked.facts.workflows:
        for state in workflow.states:
            for transition in state.body.transitions:
                target = transition.target
                if target is None or target.path.names[:1] == () or target.path.names[0].span != item.span:
                    continue
                node = state.node
                if analysis.form == "text":
                    indent = " " * (node.span.col - 1 if state.index else node.span.col + 1)
                    line = node.span.end_line + 1 if state.index else node.span.end_line
                    yield Action(
                        f"add the state {name}", (_insert(analysis, line, f"{indent}state {name} {{}}\n"),), item
                    )
                elif state.index:
                    indent = " " * (node.name.span.col - 1)
                    edit = _insert(analysis, node.name.span.line, f"{indent}{name}: {{}}\n")
                    yield Action(f"add the state {name}", (edit,), item)
                return


def _message(analysis: Analysis, item: Diagnostic, name: str, kind: str) -> Iterator[Action]:
    workflow = next(
        (w.node for w in analysis.checked.facts.workflows if _spans(analysis, w.node, item.span.line)), None
    )
    if workflow is None:
        return
    title = f"declare the {kind} {name}"
    if analysis.form == "text":
        members = [*workflow.signals, *workflow.updates]
        line = members[-1].span.end_line + 1 if members else workflow.span.line + 1
        yield Action(title, (_insert(analysis, line, f"  {kind} {name}()\n"),), item)
        return
    made = f"      {name}: {{}}\n"
    yield Action(title, (_under_key(analysis, f"{kind}s", made, workflow.name.span.line),), item)


def _spans(analysis: Analysis, node: tree.WorkflowDecl, line: int) -> bool:
    if analysis.form == "text":
        return node.span.line <= line <= node.span.end_line
    later = [
        d.name.span.line
        for d in analysis.file.declarations
        if isinstance(d, tree.WorkflowDecl) and d.name.span.line > node.name.span.line
    ]
    return node.name.span.line <= line < min(later, default=line + 1)


def _insert(analysis: Analysis, line: int, text: str) -> Edit:
    """A text of whole lines before a line; at the end of a file that does not end with a line, after one."""
    if line > len(analysis.lines.starts):
        last = len(analysis.lines.starts)
        end = len(analysis.lines.line(last)) + 1
        return Edit(tree.Span(analysis.name, last, end, last, end), "\n" + text)
    return Edit(tree.Span(analysis.name, line, 1, line, 1), text)


def _under_key(analysis: Analysis, key: str, made: str, after: int) -> Edit:
    """Under a key of the file, or of the workflow that begins at a line; the key is added when it is not there."""
    depth = 4 if after else 0
    for number in range(after + 1, len(analysis.lines.starts) + 1):
        text = analysis.lines.line(number)
        if re.fullmatch(rf" {{{depth}}}{key}:\s*(#.*)?", text):
            return _insert(analysis, number + 1, made)
    if after:
        return _insert(analysis, after + 1, f"    {key}:\n{made}")
    first = next(
        (n for n in range(1, len(analysis.lines.starts) + 1) if analysis.lines.line(n).startswith("workflows:")),
        len(analysis.lines.starts),
    )
    return _insert(analysis, first, f"{key}:\n{made}\n")
