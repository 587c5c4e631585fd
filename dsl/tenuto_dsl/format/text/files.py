"""Whole files: declarations at the top level, and tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenuto_dsl.format.columns import render
from tenuto_dsl.format.comments import Comments, Reading
from tenuto_dsl.format.document import BLANK, HARD, LINE, Cell, Concat, Doc, concat, group, lay, nest
from tenuto_dsl.format.from_yaml import Blanks
from tenuto_dsl.format.text.activities import ActivityPrinter
from tenuto_dsl.format.text.items import entry
from tenuto_dsl.syntax import tree

_EQUALS = Cell("equals")
_LONG = (tree.ActivityDecl, tree.WorkflowDecl, tree.TestDecl)


def text_of(
    file: tree.File, comments: Comments, reading: Reading | None = None, blanks: Blanks | None = None
) -> str:  # fmt: skip
    """A file in the text form.

    `reading` is the source that it was read from, if that was of the text form too; `blanks`, if of the YAML form.
    """
    return FilePrinter(comments, reading, blanks).file(file)


class FilePrinter(ActivityPrinter):
    def file(self, file: tree.File) -> str:
        inside = self.comments.take(file).all()
        parts: list[Doc] = []
        before: tuple[tree.Declaration, bool] | None = None
        for declaration in file.declarations:
            item = entry(declaration, self.declaration)
            blank = before is not None and self.blank_before(item, before[0].span.line)
            doc = self.item(item)
            long = not isinstance(doc, str) and isinstance(declaration, _LONG) and _is_long(doc)
            if before is not None:
                apart = blank or long or before[1] or type(declaration) is not type(before[0])
                parts.append(BLANK if apart else HARD)
            parts.append(doc)
            before = (declaration, long)
        for comment in inside:
            if parts:
                parts.append(self._line_end(comment.span.line))
            parts.append(comment.text)
        return render(lay(Concat(tuple(parts)))) if parts else ""

    def declaration(self, node: tree.Declaration) -> Doc:
        return _DECLARATIONS[type(node)](self, node)

    def type_decl(self, node: tree.TypeDecl) -> Doc:
        return concat(
            "type ", self.name(node.name), " ", _EQUALS, "= ", self.type(node.type), self.doc_behind(node.doc)
        )

    def error_decl(self, node: tree.ErrorDecl) -> Doc:
        record: Doc = ""
        if node.fields:
            record = concat(" ", self.fields(node.fields))
        return concat("error ", self.name(node.name), record, self.doc_behind(node.doc))

    def config_decl(self, node: tree.ConfigDecl) -> Doc:
        default: Doc = "" if node.default is None else concat(" = ", self.doc(node.default))
        header = concat("config ", self.name(node.name), ": ", self.type(node.type))
        return concat(header, default, self.doc_behind(node.doc))

    # -- tests -----------------------------------------------------------------------------------------------------

    def test_decl(self, node: tree.TestDecl) -> Doc:
        items = [entry(step, self._test_step) for step in node.steps]
        workflow: Doc = "" if node.workflow is None else concat("for ", self.name(node.workflow), " ")
        return concat("test ", self.string(node.name), " ", workflow, self.braces(node, items))

    def _test_step(self, node: tree.TestStep) -> Doc:
        match node:
            case tree.GivenStep():
                more = concat(self.optional("id", node.id), self.optional("at", node.at))
                return concat("given ", self.args(node.args, node), more)
            case tree.ConfigStep():
                return concat("config ", self.name(node.name), " = ", self.doc(node.value))
            case tree.MockStep():
                return self._mock(node)
            case tree.TestSend():
                return concat("send ", self.name(node.signal), self.args(node.args), self.optional("to", node.to))
            case tree.TestUpdate():
                answer = " rejected" if node.rejected else self.optional("replies", node.replies)
                return concat("update ", self.name(node.update), self.args(node.args), answer)
            case tree.TestCancel():
                return "cancel"
            case tree.AdvanceStep():
                if node.duration is None:
                    return concat("advance", self.optional("until", node.until))
                return concat("advance ", self.guarded(node.duration, ("until",)))
            case tree.ExpectStep():
                return concat("expect ", self.doc(node.condition))

    def _mock(self, node: tree.MockStep) -> Doc:
        args: Doc = "" if node.args is None else self.args(node.args)
        first, *others = node.outcomes
        rest: list[Doc] = []
        for outcome in others:
            rest += [*self.lines_before(outcome), LINE, "then ", self._outcome(outcome)]
        return group("mock ", self.name(node.activity), args, " ", self._outcome(first), nest(*rest))

    def _outcome(self, node: tree.Outcome) -> Doc:
        return self.inline(node, self._bare_outcome(node))

    def _bare_outcome(self, node: tree.Outcome) -> Doc:
        if node.value is not None:
            return concat("returns ", self.doc(node.value))
        if node.error is not None:
            attempt = "attempt " if node.attempt else ""
            return concat(f"fails {attempt}", self.name(node.error), self.args(node.args) if node.args else "")
        return "hangs"


def _is_long(doc: Doc) -> bool:
    """Whether a document takes several lines."""
    return len(lay(doc)) > 1


_DECLARATIONS: dict[type, Callable[[FilePrinter, Any], Doc]] = {
    tree.Import: lambda printer, node: concat("import ", printer.string(node.path)),
    tree.TypeDecl: FilePrinter.type_decl,
    tree.ErrorDecl: FilePrinter.error_decl,
    tree.ConfigDecl: FilePrinter.config_decl,
    tree.ActivityDecl: FilePrinter.activity,
    tree.WorkflowDecl: FilePrinter.workflow,
    tree.TestDecl: FilePrinter.test_decl,
}
