"""The entries of the text form: a file, and a part of one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.source import MAX_SIZE, Source
from tenuto_dsl.syntax.text.actions import ACTIONS
from tenuto_dsl.syntax.text.brackets import report_surplus, settle
from tenuto_dsl.syntax.text.builder import Builder
from tenuto_dsl.syntax.text.parser import Parser
from tenuto_dsl.syntax.text.recovery import FileParser
from tenuto_dsl.syntax.text.scanner import scan


def parse_text(source: str, file: str, sink: Diagnostics) -> tree.File:
    """The tree of everything that could be read in a file of the text form."""
    if len(source) > MAX_SIZE:
        nowhere = tree.Span(file, 1, 1, 1, 1)
        sink.error("TEN108", nowhere, f"a file of more than {MAX_SIZE:,} characters")
        return tree.File((), "text", span=nowhere)
    text = Source(source.removeprefix("\ufeff"), file)
    scanned = scan(text, sink)
    settled = settle(text, scanned.tokens, scanned.lines_broken, sink)
    comments = list(scanned.comments)
    builder = _builder(text, sink, comments)
    declarations = FileParser(text, sink, settled, builder, scanned.lines_broken).run()
    report_surplus(text, settled.surplus, sink)
    return tree.File(declarations or (), "text", in_order(comments), span=text.span(0, len(text.text)))


def in_order(comments: Iterable[tree.Comment]) -> tuple[tree.Comment, ...]:
    return tuple(sorted(comments, key=lambda comment: (comment.span.line, comment.span.col)))


def parse_part(
    source: Source, sink: Diagnostics, start: str, first: int = 0, last: int | None = None,
    comments: list[tree.Comment] | None = None,
) -> Any:  # fmt: skip
    """What a lone part of the language builds (`STARTS` of the grammar); None, with a diagnostic, when it is none.

    Its comments are added to `comments`.
    """
    comments = [] if comments is None else comments
    before = len(sink)
    scanned = scan(source, sink, first, last)
    comments += scanned.comments
    settled = settle(source, scanned.tokens, set(), sink)
    report_surplus(source, settled.surplus, sink)
    if len(sink) > before:
        return None
    if not settled.tokens:
        last = len(source.text) if last is None else last
        words = "a type" if start == "type_only" else "an expression"
        sink.error("TEN101", source.span(first, last), f"expected {words}")
        return None
    return Parser(source, sink, start, settled.tokens, _builder(source, sink, comments)).run()


def _builder(source: Source, sink: Diagnostics, comments: list[tree.Comment]) -> Builder:
    def inner(first: int, last: int) -> tree.Expr | None:
        node: tree.Expr | None = parse_part(source, sink, "expression_only", first, last, comments)
        return node

    return Builder(source, sink, inner, ACTIONS)
