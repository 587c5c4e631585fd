"""Comments that silence a rule, and why each has to say why.

    call charge(order)      # tenuto: ignore TEN412 -- the ledger is reconciled every night
    # tenuto: ignore-file TEN7 -- generated from the price list

A comment at the end of a line is about that line; one that has its line to itself is about the next line with anything
else on it. Reasons are required: the next reader must be able to tell a decision from an accident. What silences
nothing any more is reported, with its removal as the fix.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tenuto_dsl.diagnostics import Diagnostic, Diagnostics, Fix, nearest
from tenuto_dsl.lint.config import CHECKER_WARNINGS, why_not
from tenuto_dsl.lint.rules import all_rules
from tenuto_dsl.syntax import tree

MARK = "tenuto:"
_COMMENT = re.compile(r"#+[ \t]*tenuto:[ \t]*(?P<verb>[\w-]*)(?P<codes>.*?)(?P<tail>--(?P<reason>.*))?$")
_WORD = re.compile(r"[^\s,]+")
_VERBS = ("ignore", "ignore-file")


@dataclass(slots=True)
class Suppression:
    """`line` is the line it is about; None for the whole file."""

    comment: tree.Comment
    line: int | None
    codes: tuple[str, ...]
    reason: str
    used: set[str] = field(default_factory=set)

    def takes(self, item: Diagnostic) -> bool:
        if self.line is not None and self.line != item.span.line:
            return False
        fitting = [code for code in self.codes if item.code.startswith(code)]
        self.used.update(fitting)
        return bool(fitting)


def suppressions_in(comments: Sequence[tree.Comment], source: str, sink: Diagnostics) -> list[Suppression]:
    """The suppressions of a file; those that mean nothing are reported."""
    lines = source.split("\n")
    found = []
    for comment in comments:
        match = _COMMENT.match(comment.text) if MARK in comment.text else None
        if match is None:
            continue
        codes = tuple(_WORD.findall(match["codes"]))
        reason = (match["reason"] or "").strip()
        if _is_understood(match["verb"], codes, reason, comment, sink):
            line = None if match["verb"] == "ignore-file" else _subject(comment, lines)
            found.append(Suppression(comment, line, codes, reason))
    return found


def _is_understood(verb: str, codes: Sequence[str], reason: str, comment: tree.Comment, sink: Diagnostics) -> bool:
    if verb not in _VERBS:
        near = nearest(verb, _VERBS)
        hint = f"did you mean {near}?" if near else "write `# tenuto: ignore TEN401 -- reason`"
        sink.error("TEN141", comment.span, f"{verb or 'this'} is nothing a comment can ask for", hint)
        return False
    if not codes:
        message = "this suppression names no code"
        sink.error("TEN141", comment.span, message, "say what is silenced: `# tenuto: ignore TEN401 -- reason`")
        return False
    known = {*all_rules(), *CHECKER_WARNINGS}
    for code in codes:
        if not (code.startswith("TEN") and any(name.startswith(code) for name in known)):
            sink.error("TEN141", comment.span, why_not(code, known))
            return False
    if not reason:
        hint = "say why, after two dashes: `# tenuto: ignore TEN401 -- it ends by itself`"
        sink.error("TEN140", comment.span, "this suppression gives no reason", hint)
        return False
    return True


def _subject(comment: tree.Comment, lines: Sequence[str]) -> int:
    line = comment.span.line
    if not comment.trailing:
        line += 1
        while line <= len(lines) and (not lines[line - 1].strip() or lines[line - 1].lstrip().startswith("#")):
            line += 1
    return line


def silence(items: Iterable[Diagnostic], suppressions: Sequence[Suppression], file: str) -> list[Diagnostic]:
    """The diagnostics that no suppression takes. Errors of the language are never taken."""
    rules = all_rules()
    kept = []
    for item in items:
        may = item.span.file == file and (item.code in rules or item.severity != "error")
        # Every suppression is asked: two that name one code are both in use.
        taken = [suppression for suppression in suppressions if may and suppression.takes(item)]
        if not taken:
            kept.append(item)
    return kept


def report_unused(suppressions: Sequence[Suppression], active: frozenset[str], source: str, sink: Diagnostics) -> None:
    """TEN142 for codes that silenced nothing, of rules that were asked at all."""
    lines = source.split("\n")
    for suppression in suppressions:
        unused = [
            code for code in suppression.codes
            if code not in suppression.used and any(name.startswith(code) for name in active)
        ]  # fmt: skip
        if unused:
            what = ", ".join(unused)
            fix = _removal(suppression, unused, lines)
            sink.warning("TEN142", suppression.comment.span, f"nothing here is reported as {what} any more", None, fix)


def _removal(suppression: Suppression, unused: Sequence[str], lines: Sequence[str]) -> Fix:
    span = suppression.comment.span
    kept = [code for code in suppression.codes if code not in unused]
    if kept:
        verb = "ignore-file" if suppression.line is None else "ignore"
        text = f"# tenuto: {verb} {', '.join(kept)} -- {suppression.reason}"
        return Fix(f"take {', '.join(unused)} out of the comment", span, text)
    before = lines[span.line - 1][: span.col - 1]
    if before.strip():
        start = len(before.rstrip()) + 1
        where = tree.Span(span.file, span.line, start, span.end_line, span.end_col)
    else:
        where = tree.Span(span.file, span.line, 1, span.line + 1, 1)
    return Fix("remove the comment", where, "")
