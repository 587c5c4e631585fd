"""What is asked about documents: nothing here changes anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from lsprotocol import types
from tenuto_dsl.editor import colours, completion, folding, hints, signatures
from tenuto_dsl.editor.analysis import Analysis
from tenuto_dsl.editor.completion import Item
from tenuto_dsl.editor.hover import hover
from tenuto_dsl.editor.index import Occurrence
from tenuto_dsl.editor.index.symbols import Kind
from tenuto_dsl.editor.outline import Entry, outline
from tenuto_dsl.editor.positions import Lines, Place, within
from tenuto_dsl.syntax import tree

from tenuto.lsp import convert
from tenuto.lsp.documents import Documents

_K = types.CompletionItemKind
_ITEM_KINDS = {
    "keyword": _K.Keyword, "state": _K.EnumMember, "type": _K.Struct, "error": _K.Class, "config": _K.Constant,
    "activity": _K.Function, "workflow": _K.Module, "signal": _K.Event, "update": _K.Event, "variable": _K.Variable,
    "field": _K.Field, "parameter": _K.Property, "function": _K.Function, "method": _K.Method, "value": _K.EnumMember,
    "file": _K.File, "key": _K.Property,
}  # fmt: skip
_S = types.SymbolKind
_SYMBOL_KINDS: dict[Kind, types.SymbolKind] = {
    "type": _S.Struct, "field": _S.Field, "error": _S.Class, "config": _S.Constant, "activity": _S.Function,
    "workflow": _S.Module, "signal": _S.Event, "update": _S.Event, "query": _S.Method, "attribute": _S.Key,
    "variable": _S.Variable, "state": _S.EnumMember, "region": _S.Namespace, "property": _S.Property,
    "test": _S.Method, "import": _S.File,
}  # fmt: skip
_ROLES = {
    "declaration": types.DocumentHighlightKind.Write,
    "write": types.DocumentHighlightKind.Write,
    "read": types.DocumentHighlightKind.Read,
}


class Positioned(Protocol):
    """A request about a place in a document."""

    @property
    def text_document(self) -> types.TextDocumentIdentifier: ...

    @property
    def position(self) -> types.Position: ...


class Queries:
    """Answers of a workspace, in the protocol's terms. Documents that are not ours are answered with nothing."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self.snippets = False
        self.colours = colours.colours
        """What is coloured: names, or all there is to be coloured."""

    # -- where --------------------------------------------------------------------------------------------------------

    def analysis(self, identifier: types.TextDocumentIdentifier) -> Analysis | None:
        document = self.documents.get(identifier.uri)
        return None if document is None else self.documents.workspace.analysis(document.path)

    def at(self, params: Positioned) -> tuple[Analysis, Place] | None:
        analysis = self.analysis(params.text_document)
        if analysis is None:
            return None
        return analysis, convert.place_of(analysis.lines, params.position, self.documents)

    def typed_at(self, params: Positioned) -> tuple[str, Lines, Place] | None:
        """A place in the text alone: what is asked while somebody types does not wait for an analysis of all of it."""
        document = self.documents.get(params.text_document.uri)
        text = None if document is None else self.documents.workspace.text(document.path)
        if document is None or text is None:
            return None
        lines = Lines(text)
        return document.path, lines, convert.place_of(lines, params.position, self.documents)

    def occurrence(self, params: Positioned) -> Occurrence | None:
        found = self.at(params)
        return None if found is None else found[0].index.at(found[1])

    # -- one place ----------------------------------------------------------------------------------------------------

    def completion(self, params: types.CompletionParams) -> types.CompletionList | None:
        found = self.typed_at(params)
        if found is None:
            return None
        path, lines, place = found
        made = completion.complete(self.documents.workspace, path, place)
        begin = convert.position(lines, made.begin, self.documents)
        where = types.Range(begin, params.position)
        items = [self._item(item, number, where) for number, item in enumerate(made.items)]
        return types.CompletionList(is_incomplete=False, items=items)

    def _item(self, item: Item, number: int, where: types.Range) -> types.CompletionItem:
        snippet = item.snippet and self.snippets
        text = item.insert if item.insert is not None and (snippet or not item.snippet) else item.label
        return types.CompletionItem(
            item.label,
            kind=_ITEM_KINDS[item.kind],
            detail=item.detail or None,
            documentation=types.MarkupContent(types.MarkupKind.Markdown, item.doc) if item.doc else None,
            sort_text=f"{number:04}",
            insert_text_format=types.InsertTextFormat.Snippet if snippet else types.InsertTextFormat.PlainText,
            text_edit=types.TextEdit(where, text),
        )

    def hover(self, params: types.HoverParams) -> types.Hover | None:
        found = self.at(params)
        told = hover(*found) if found is not None else None
        if told is None or found is None:
            return None
        where = convert.range_of(found[0].lines, told.span, self.documents)
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, told.text), where)

    def signature(self, params: types.SignatureHelpParams) -> types.SignatureHelp | None:
        found = self.typed_at(params)
        if found is None:
            return None
        path, _, place = found
        made = signatures.signatures(self.documents.workspace, path, place)
        if not made:
            return None
        shown = [
            types.SignatureInformation(
                one.label,
                types.MarkupContent(types.MarkupKind.Markdown, one.doc) if one.doc else None,
                [types.ParameterInformation(part) for part in one.parameters],
                one.active,
            )
            for one in made
        ]
        return types.SignatureHelp(shown, 0, made[0].active)

    def definition(self, params: types.DefinitionParams) -> types.Location | None:
        found = self.occurrence(params)
        if found is None:
            return self._bound(params)
        if found.symbol.kind == "import":
            return self._imported(params, found)
        return convert.location(found.symbol.span, self.documents)

    def _imported(self, params: Positioned, found: Occurrence) -> types.Location | None:
        import posixpath

        analysis = self.analysis(params.text_document)
        if analysis is None:
            return None
        path = posixpath.normpath(posixpath.join(posixpath.dirname(analysis.name), found.symbol.name))
        if self.documents.workspace.text(path) is None:
            return None
        start = types.Position(0, 0)
        return types.Location(self.documents.uri_of(path), types.Range(start, start))

    def _bound(self, params: Positioned) -> types.Location | None:
        """The Python function that an activity is bound to."""
        from tenuto.lsp.python import defined

        found = self.at(params)
        for node in found[0].file.declarations if found is not None else ():
            binding = node.binding if isinstance(node, tree.ActivityDecl) else None
            if found is None or not isinstance(binding, tree.PythonBinding) or not within(found[1], binding.span):
                continue
            place = defined(binding.target, found[0].name, self.documents.folders)
            if place is None:
                return None
            path, (line, col) = place
            end = col + len(binding.target.rpartition(":")[2])
            return convert.location(tree.Span(path, line, col, line, end), self.documents)
        return None

    def references(self, params: types.ReferenceParams) -> list[types.Location]:
        found = self.occurrence(params)
        if found is None:
            return []
        return [
            convert.location(occurrence.span, self.documents)
            for occurrence in self.documents.workspace.occurrences(found.symbol)
            if params.context.include_declaration or occurrence.role != "declaration"
        ]

    def highlight(self, params: types.DocumentHighlightParams) -> list[types.DocumentHighlight]:
        found, at = self.occurrence(params), self.at(params)
        if found is None or at is None:
            return []
        return [
            types.DocumentHighlight(convert.range_of(at[0].lines, o.span, self.documents), _ROLES[o.role])
            for o in at[0].index.of(found.symbol)
        ]

    # -- whole documents ----------------------------------------------------------------------------------------------

    def symbols(self, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        analysis = self.analysis(params.text_document)
        return [] if analysis is None else [self._symbol(entry, analysis) for entry in outline(analysis)]

    def _symbol(self, entry: Entry, analysis: Analysis) -> types.DocumentSymbol:
        lines = analysis.lines
        return types.DocumentSymbol(
            entry.name or "…",
            _SYMBOL_KINDS[entry.kind],
            convert.range_of(lines, entry.span, self.documents),
            convert.range_of(lines, entry.name_span, self.documents),
            entry.detail or entry.kind,
            children=[self._symbol(child, analysis) for child in entry.children],
        )

    def workspace_symbols(self, params: types.WorkspaceSymbolParams) -> list[types.SymbolInformation]:
        return list(self._matching(params.query.casefold()))[:200]

    def _matching(self, query: str) -> Iterator[types.SymbolInformation]:
        for path in self.documents.workspace.files():
            text = self.documents.workspace.text(path)
            if text is None or not _may_hold(query, text.casefold()):  # reading a tree is dear, and files are many
                continue
            analysis = self.documents.workspace.analysis(path)
            if analysis is None:
                continue
            for symbol in analysis.index.declared():
                if symbol.kind in _SYMBOL_KINDS and symbol.kind != "field" and _matches(query, symbol.name.casefold()):
                    yield types.SymbolInformation(
                        convert.location(symbol.span, self.documents),
                        symbol.name,
                        _SYMBOL_KINDS[symbol.kind],
                        container_name=symbol.owner or path.rpartition("/")[2],
                    )

    def folding(self, params: types.FoldingRangeParams) -> list[types.FoldingRange]:
        analysis = self.analysis(params.text_document)
        kinds = {"comment": types.FoldingRangeKind.Comment, "imports": types.FoldingRangeKind.Imports}
        return [
            types.FoldingRange(first - 1, last - 1, kind=kinds.get(kind or ""))
            for first, last, kind in (folding.folds(analysis) if analysis is not None else ())
        ]

    def semantic_tokens(self, params: types.SemanticTokensParams) -> types.SemanticTokens:
        analysis = self.analysis(params.text_document)
        data: list[int] = []
        last_line = last_character = 0
        for line, col, length, kind, modifiers in self.colours(analysis) if analysis is not None else ():
            assert analysis is not None
            row, character = analysis.lines.to_client(line, col, self.documents.encoding)
            _, end = analysis.lines.to_client(line, col + length, self.documents.encoding)
            if row != last_line:
                last_character = 0
            data += [row - last_line, character - last_character, end - character, kind, modifiers]
            last_line, last_character = row, character
        return types.SemanticTokens(data)

    def inlay_hints(self, params: types.InlayHintParams) -> list[types.InlayHint]:
        analysis = self.analysis(params.text_document)
        if analysis is None:
            return []
        first, last = params.range.start.line + 1, params.range.end.line + 1
        kinds = {"type": types.InlayHintKind.Type, "parameter": types.InlayHintKind.Parameter}
        return [
            types.InlayHint(
                convert.position(analysis.lines, hint.place, self.documents),
                hint.text,
                kinds[hint.kind],
                padding_right=hint.kind == "parameter",
            )
            for hint in hints.hints(analysis)
            if first <= hint.place[0] <= last
        ]


def _matches(query: str, name: str) -> bool:
    """Whether the letters of a query come in a name in their order."""
    letters = iter(name)
    return all(letter in letters for letter in query)


def _may_hold(query: str, text: str) -> bool:
    return all(letter in text for letter in set(query))
