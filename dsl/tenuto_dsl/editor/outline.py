"""The outline of a file: declarations, and in a workflow its messages, variables and states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tenuto_dsl.editor.analysis import Analysis
from tenuto_dsl.editor.index.symbols import Kind
from tenuto_dsl.editor.positions import Lines
from tenuto_dsl.syntax import tree


@dataclass(slots=True)
class Entry:
    """`name_span` is within `span`, which covers the whole declaration."""

    kind: Kind
    name: str
    detail: str
    span: tree.Span
    name_span: tree.Span
    children: list[Entry] = field(default_factory=list)


def outline(analysis: Analysis) -> list[Entry]:
    lines = analysis.lines
    found = []
    for node in analysis.file.declarations:
        match node:
            case tree.Import(path=path):
                found.append(Entry("import", path, "", node.span, node.span))
            case tree.TypeDecl(name=name):
                found.append(_entry("type", name, node))
            case tree.ErrorDecl(name=name):
                found.append(_entry("error", name, node))
            case tree.ConfigDecl(name=name):
                found.append(_entry("config", name, node))
            case tree.ActivityDecl(name=name):
                found.append(_entry("activity", name, node))
            case tree.WorkflowDecl(name=name):
                entry = _entry("workflow", name, node)
                entry.children = [*_members(node), *_states(node.body)]
                found.append(entry)
            case tree.TestDecl(name=title):
                found.append(Entry("test", title, "", node.span, node.span))
    if analysis.form == "yaml":
        _stretch(found, lines)
    return found


def _entry(kind: Kind, name: tree.Name, node: tree.Node, detail: str = "") -> Entry:
    span = node.span if _covers(node.span, name.span) else name.span
    return Entry(kind, name.text, detail, span, name.span)


def _covers(outer: tree.Span, inner: tree.Span) -> bool:
    return (outer.line, outer.col) <= (inner.line, inner.col) and (inner.end_line, inner.end_col) <= (
        outer.end_line,
        outer.end_col,
    )


def _members(node: tree.WorkflowDecl) -> Iterator[Entry]:
    for signal in node.signals:
        yield _entry("signal", signal.name, signal)
    for update in node.updates:
        yield _entry("update", update.name, update)
    for query in node.queries:
        yield _entry("query", query.name, query)
    for attribute in node.attributes:
        yield _entry("attribute", attribute.name, attribute)
    for variable in node.variables:
        yield _entry("variable", variable.name, variable)
    for claim in node.properties:
        yield _entry("property", claim.name, claim, claim.kind)


def _states(body: tree.StateBody) -> Iterator[Entry]:
    for state in body.states:
        entry = _entry("state", state.name, state, "" if state.kind == "plain" else state.kind)
        entry.children = [*_states(state.body)]
        yield entry
    for region in body.regions:
        entry = _entry("region", region.name, region)
        entry.children = [*_states(region.body)]
        yield entry


def _stretch(entries: list[Entry], lines: Lines) -> None:
    """In YAML a declaration's node is its key; it reaches to the last line that is indented deeper."""
    for entry in entries:
        span = entry.name_span
        indent = span.col - 1
        end = span.line
        for number in range(span.line + 1, len(lines.starts) + 1):
            text = lines.line(number)
            if not text.strip():
                continue
            if len(text) - len(text.lstrip(" ")) <= indent:
                break
            end = number
        entry.span = tree.Span(span.file, span.line, span.col, end, max(len(lines.line(end)) + 1, span.end_col))
        _stretch(entry.children, lines)
