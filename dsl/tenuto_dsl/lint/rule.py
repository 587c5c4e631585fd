"""What a rule is: a code, a default, and a function over a view of the source.

A rule is a module of `tenuto_dsl.lint.rules` with one decorated function. Its docstring is its documentation: the first
line is `CODE: title`, then what it finds, why that hurts, and examples; `tenuto explain` and docs/rules.md show it, and
the tests hold its examples to it.

    @activity_rule("TEN401")
    def check(activity: ActivityView, report: Report) -> None: …
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from tenuto_interpreter.frozen import frozen

from tenuto_dsl.diagnostics import Diagnostic, Diagnostics, Fix, Hint, Severity, said
from tenuto_dsl.lint.views import ActivityView, FileView, WorkflowView
from tenuto_dsl.syntax.tree import Span

Subject: TypeAlias = Literal["file", "activity", "workflow"]


@frozen
class Rule:
    """`default`: whether it counts without being selected."""

    code: str
    subject: Subject
    severity: Severity
    default: bool
    check: Callable[[Any, Report], None]


@frozen
class Report:
    """Takes the findings of one rule: `report(span, message, hint)`."""

    code: str
    severity: Severity
    sink: Diagnostics

    def __call__(self, span: Span, message: str, hint: Hint = None, fix: Fix | None = None) -> None:
        self.sink.add(Diagnostic(self.code, self.severity, message, span, said(hint, span), fix))


def file_rule(
    code: str, severity: Severity = "warning", *, default: bool = True
) -> Callable[[Callable[[FileView, Report], None]], Rule]:
    """A rule that looks at a whole file at once."""
    return lambda check: Rule(code, "file", severity, default, check)


def activity_rule(
    code: str, severity: Severity = "warning", *, default: bool = True
) -> Callable[[Callable[[ActivityView, Report], None]], Rule]:
    """A rule that looks at one activity."""
    return lambda check: Rule(code, "activity", severity, default, check)


def workflow_rule(
    code: str, severity: Severity = "warning", *, default: bool = True
) -> Callable[[Callable[[WorkflowView, Report], None]], Rule]:
    """A rule that looks at one workflow."""
    return lambda check: Rule(code, "workflow", severity, default, check)
