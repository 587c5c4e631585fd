"""What the server proposes to change: names, fixes, the form."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from tenuto_dsl.editor import actions
from tenuto_dsl.editor.rename import RefusedError, rename, renamed_at

from tenuto.lsp import convert
from tenuto.lsp.queries import Queries


class Refused(JsonRpcException):
    """A request that is not done, with its reason for the person who asked."""

    CODE = types.LSPErrorCodes.RequestFailed
    MESSAGE = "refused"


class Changes:
    def __init__(self, queries: Queries, rules_url: str | None = None) -> None:
        self.queries = queries
        self.documents = queries.documents
        self.rules_url = rules_url

    # -- renaming -----------------------------------------------------------------------------------------------------

    def prepare_rename(self, params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
        found = self.queries.at(params)
        if found is None:
            return None
        analysis, place = found
        try:
            occurrence = renamed_at(self.documents.workspace, analysis.name, place)
        except RefusedError as error:
            raise Refused(message=str(error)) from None
        where = convert.range_of(analysis.lines, occurrence.span, self.documents)
        return types.PrepareRenamePlaceholder(where, occurrence.symbol.name)

    def rename(self, params: types.RenameParams) -> types.WorkspaceEdit | None:
        found = self.queries.at(types.TextDocumentPositionParams(params.text_document, params.position))
        if found is None:
            return None
        analysis, place = found
        try:
            edits = rename(self.documents.workspace, analysis.name, place, params.new_name)
        except RefusedError as error:
            raise Refused(message=str(error)) from None
        return convert.workspace_edit(edits, self.documents)

    # -- fixes --------------------------------------------------------------------------------------------------------

    def code_actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        analysis = self.queries.analysis(params.text_document)
        if analysis is None:
            return []
        only: Sequence[types.CodeActionKind | str] | None = params.context.only
        wanted = {str(kind.value if isinstance(kind, types.CodeActionKind) else kind) for kind in only or ()}
        found: list[types.CodeAction] = []
        if not wanted or "quickfix" in wanted:
            first, last = params.range.start.line + 1, params.range.end.line + 1
            for action in actions.actions(analysis, first, last):
                edit = convert.workspace_edit({analysis.name: list(action.edits)}, self.documents)
                told = convert.diagnostic(action.diagnostic, analysis, self.documents, self.rules_url)
                kind = types.CodeActionKind.QuickFix
                found.append(
                    types.CodeAction(action.title, kind, [told], is_preferred=action.preferred or None, edit=edit)
                )
        if any(f"{kind}.".startswith("source.fixAll.") or kind == "source" for kind in wanted):
            found += self._fix_all(params)
        return found

    def _fix_all(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """Every certain fix of the file, as `tenuto lint --fix` applies them."""
        from tenuto_dsl.lint.fixes import fix_source

        analysis = self.queries.analysis(params.text_document)
        if analysis is None:
            return []
        fixed = fix_source(
            analysis.name, analysis.source, self.documents.config(analysis.name), self.documents.workspace.read
        )
        if fixed.source == analysis.source:
            return []
        edit = self._whole(analysis.name, analysis.source, fixed.source)
        title = f"apply {fixed.applied} certain fix{'' if fixed.applied == 1 else 'es'}"
        return [types.CodeAction(title, types.CodeActionKind.SourceFixAll, edit=edit)]

    def _whole(self, path: str, before: str, after: str) -> types.WorkspaceEdit:
        from tenuto_dsl.editor.formatting import changed_lines

        return convert.workspace_edit({path: changed_lines(path, before, after)}, self.documents)

    # -- form ---------------------------------------------------------------------------------------------------------

    def format(self, params: types.DocumentFormattingParams) -> list[types.TextEdit]:
        return self._formatted(params.text_document, None)

    def format_range(self, params: types.DocumentRangeFormattingParams) -> list[types.TextEdit]:
        return self._formatted(params.text_document, (params.range.start.line + 1, params.range.end.line + 1))

    def _formatted(
        self, identifier: types.TextDocumentIdentifier, lines: tuple[int, int] | None
    ) -> list[types.TextEdit]:
        from tenuto_dsl.editor.formatting import formatted

        analysis = self.queries.analysis(identifier)
        if analysis is None:
            return []
        return convert.text_edits(formatted(analysis, lines), analysis.lines, self.documents)
