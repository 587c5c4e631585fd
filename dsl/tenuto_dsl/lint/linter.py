"""Linting a source: check it, ask the rules, let comments silence what they give a reason for.

A rule may trust what it looks at: it is asked only about files that were read as a whole, and only about workflows and
activities without errors. Who has mistakes to mend is not told about taste.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace

from tenuto_dsl.check.trace import Trace
from tenuto_dsl.compiler import Checked, check_source, read_from_disk
from tenuto_dsl.diagnostics import Diagnostic, Diagnostics
from tenuto_dsl.imports import Reader
from tenuto_dsl.lint.config import CHECKER_WARNINGS, DEFAULT, LintConfig
from tenuto_dsl.lint.rule import Report, Rule
from tenuto_dsl.lint.rules import all_rules
from tenuto_dsl.lint.suppressions import report_unused, silence, suppressions_in
from tenuto_dsl.lint.views import ActivityView, FileView, View, WorkflowView
from tenuto_dsl.syntax import tree


def lint_source(
    name: str,
    source: str,
    sink: Diagnostics,
    config: LintConfig = DEFAULT,
    reader: Reader = read_from_disk,
    *,
    trace: Trace | None = None,
) -> Checked:
    """`check_source`, and the rules: what `tenuto lint` and an editor show."""
    found = Diagnostics()
    checked = check_source(name, source, found, reader, trace=trace)
    lint_checked(name, source, checked, found, sink, config)
    return checked


def lint_checked(
    name: str, source: str, checked: Checked, found: Diagnostics, sink: Diagnostics, config: LintConfig = DEFAULT
) -> None:
    """What is shown of a file that was checked: `found` holds what the checker said, and gets what the rules say."""
    ignored = config.ignored_in(name)
    rules = [rule for code, rule in all_rules().items() if config.is_selected(code) and code not in ignored]
    if checked.whole:
        _ask(rules, checked, [item.span for item in found.items if item.severity == "error"], found)
    suppressions = suppressions_in(checked.file.comments, source, found)
    kept = silence(found.items, suppressions, name)
    if not found.has_errors:
        active = frozenset(rule.code for rule in rules) | (CHECKER_WARNINGS - ignored)
        unused = Diagnostics()
        report_unused(suppressions, active, source, unused)
        kept += unused.items
    for item in _chosen(kept, ignored, config):
        sink.add(item)


def _ask(rules: Iterable[Rule], checked: Checked, errors: list[tree.Span], sink: Diagnostics) -> None:
    file, facts = checked.file, checked.facts
    own = {id(node) for node in file.declarations} - _mistaken(file, errors)
    activities = [
        ActivityView(activity, facts.declarations, facts.facts)
        for activity in facts.declarations.activities.values()
        if id(activity.node) in own
    ]
    workflows = [
        WorkflowView(workflow, facts.declarations, facts.facts)
        for workflow in facts.workflows
        if id(workflow.node) in own
    ]
    whole = FileView(file, facts.declarations, facts.facts, activities, workflows, checked.imported_files)
    subjects: dict[str, list[View]] = {
        "file": [] if errors else [whole],
        "activity": list(activities),
        "workflow": list(workflows),
    }
    for rule in rules:
        report = Report(rule.code, rule.severity, sink)
        for subject in subjects[rule.subject]:
            rule.check(subject, report)


def _mistaken(file: tree.File, errors: Iterable[tree.Span]) -> set[int]:
    """The declarations with an error in them, by identity.

    In YAML the span of one is its key: it ends where the next begins.
    """
    declared = sorted(file.declarations, key=lambda node: (node.span.line, node.span.col))
    starts = [(node.span.line, node.span.col) for node in declared]
    found = set()
    for error in errors:
        place = (error.line, error.col)
        node = declared[position - 1] if (position := bisect_right(starts, place)) else None
        if node is None or error.file != node.span.file:
            continue
        if file.form == "yaml" or place < (node.span.end_line, node.span.end_col):
            found.add(id(node))
    return found


def _chosen(items: Iterable[Diagnostic], ignored: frozenset[str], config: LintConfig) -> Iterable[Diagnostic]:
    """Without what is ignored, at the severity that was chosen."""
    rules = all_rules()
    for item in items:
        optional = item.code in rules or item.severity != "error"
        if optional and item.code in ignored:
            continue
        level = config.severity.get(item.code) if optional else None
        yield item if level is None else replace(item, severity=level)
