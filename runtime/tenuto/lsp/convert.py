"""Places, diagnostics and edits as the protocol has them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from lsprotocol import types
from tenuto_dsl.diagnostics import CODES, Diagnostic
from tenuto_dsl.editor.analysis import Analysis
from tenuto_dsl.editor.positions import Lines, Place
from tenuto_dsl.editor.rename import Edit
from tenuto_dsl.syntax.tree import Import, Span

from tenuto.lsp.documents import Documents

_SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Information,
}
_UNNECESSARY = frozenset(("TEN310", "TEN311", "TEN327"))
_UNUSED = re.compile(r"\b(unused|never used|not used|nobody)\b")
_ELSEWHERE = re.compile(r"(?:in (?P<file>[^\s,]+), )?(?:at |in |first at |see )?\(?line (?P<line>\d+)")


def position(lines: Lines, place: Place, documents: Documents) -> types.Position:
    return types.Position(*lines.to_client(*place, documents.encoding))


def range_of(lines: Lines, span: Span, documents: Documents) -> types.Range:
    return types.Range(
        position(lines, (span.line, span.col), documents), position(lines, (span.end_line, span.end_col), documents)
    )


def place_of(lines: Lines, where: types.Position, documents: Documents) -> Place:
    return lines.from_client(where.line, where.character, documents.encoding)


def location(span: Span, documents: Documents) -> types.Location:
    """A place in any file; its text is needed to count in the client's units."""
    lines = Lines(documents.workspace.text(span.file) or "")
    return types.Location(documents.uri_of(span.file), range_of(lines, span, documents))


def text_edits(edits: Iterable[Edit], lines: Lines, documents: Documents) -> list[types.TextEdit]:
    return [types.TextEdit(range_of(lines, edit.span, documents), _with_line_ends(edit, documents)) for edit in edits]


def _with_line_ends(edit: Edit, documents: Documents) -> str:
    """What an edit writes, with the line ends of the document: some clients put it in as it is."""
    document = documents.at(edit.span.file)
    if document is None or "\r\n" not in document.text:
        return edit.text
    return edit.text.replace("\n", "\r\n")


def workspace_edit(edits: Mapping[str, list[Edit]], documents: Documents) -> types.WorkspaceEdit:
    """Edits of several files; a client that knows no versions of documents gets them by address alone."""
    changes: list[types.TextDocumentEdit] = []
    plain: dict[str, list[types.TextEdit]] = {}
    for path, found in edits.items():
        lines = Lines(documents.workspace.text(path) or "")
        document = documents.at(path)
        identifier = types.OptionalVersionedTextDocumentIdentifier(
            documents.uri_of(path), document.version if document is not None else None
        )
        made = text_edits(found, lines, documents)
        changes.append(types.TextDocumentEdit(identifier, list(made)))
        plain[identifier.uri] = made
    if not documents.versioned_edits:
        return types.WorkspaceEdit(changes=plain)
    return types.WorkspaceEdit(document_changes=list(changes))


# -- diagnostics ------------------------------------------------------------------------------------------------------


def diagnostics(analysis: Analysis, documents: Documents, rules_url: str | None) -> list[types.Diagnostic]:
    """Of a file; what is wrong in a file that it imports is told at the import, unless that file is open itself."""
    found = [
        diagnostic(item, analysis, documents, rules_url)
        for item in analysis.diagnostics
        if item.span.file == analysis.name
    ]
    elsewhere: dict[str, list[Diagnostic]] = {}
    for item in analysis.diagnostics:
        if item.span.file != analysis.name and item.severity == "error" and documents.at(item.span.file) is None:
            elsewhere.setdefault(item.span.file, []).append(item)
    for path, items in elsewhere.items():
        found.append(_of_import(path, items, analysis, documents))
    return found


def diagnostic(item: Diagnostic, analysis: Analysis, documents: Documents, rules_url: str | None) -> types.Diagnostic:
    message = item.message if item.hint is None else f"{item.message}\n{item.hint}"
    span = item.span
    if (span.line, span.col) == (span.end_line, span.end_col):  # clients show nothing of an empty range
        span = Span(span.file, span.line, max(span.col - 1, 1), span.end_line, max(span.end_col, 2))
    unused = item.code in _UNNECESSARY or _UNUSED.search(CODES[item.code])
    return types.Diagnostic(
        range_of(analysis.lines, span, documents),
        message,
        _SEVERITIES[item.severity],
        code=item.code,
        code_description=types.CodeDescription(f"{rules_url}#{item.code.lower()}") if rules_url else None,
        source="tenuto",
        tags=[types.DiagnosticTag.Unnecessary] if unused else None,
        related_information=_related(item, documents),
    )


def _related(item: Diagnostic, documents: Documents) -> list[types.DiagnosticRelatedInformation] | None:
    """The other place that a message speaks of, as in `declared already, at line 3`."""
    match = _ELSEWHERE.search(item.message) or _ELSEWHERE.search(item.hint or "")
    if match is None:
        return None
    path = match["file"] or item.span.file
    text = documents.workspace.text(path)
    number = int(match["line"])
    if text is None or number == item.span.line:
        return None
    line = Lines(text).line(number)
    start = len(line) - len(line.lstrip()) + 1
    where = Span(path, number, start, number, max(len(line) + 1, start))
    return [types.DiagnosticRelatedInformation(location(where, documents), "here")]


def _of_import(path: str, items: list[Diagnostic], analysis: Analysis, documents: Documents) -> types.Diagnostic:
    name = path.rpartition("/")[2]
    node = next(
        (n for n in analysis.file.declarations if isinstance(n, Import) and n.path.rpartition("/")[2] == name), None
    )
    span = node.span if node is not None else Span(analysis.name, 1, 1, 1, 2)
    count = "an error" if len(items) == 1 else f"{len(items)} errors"
    return types.Diagnostic(
        range_of(analysis.lines, span, documents),
        f"{count} in {name}: {items[0].message}",
        types.DiagnosticSeverity.Error,
        code=items[0].code,
        source="tenuto",
        related_information=[
            types.DiagnosticRelatedInformation(location(item.span, documents), item.message) for item in items[:10]
        ],
    )
