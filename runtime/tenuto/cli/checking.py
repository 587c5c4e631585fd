"""Reports of model checking: for people as workflows are done, and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from tenuto.cli.terminal import inert, one_line, paint

if TYPE_CHECKING:
    from tenuto_dsl.explore import Finding, Report, Unseen
    from tenuto_dsl.syntax.tree import Span

    from tenuto.cli.check import Checked


class Reporter(Protocol):
    """Told of each workflow when it was explored, and of all of them at the end."""

    def workflow(self, checked: Checked) -> None: ...

    def end(self, checked: Sequence[Checked]) -> None: ...


class Text:
    """For people: a line for each workflow, what is wrong below it, with a trace and a test to paste."""

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.file = ""

    def line(self, text: str) -> None:
        self.out.write(text + "\n")

    def workflow(self, checked: Checked) -> None:
        report = checked.report
        if report.file != self.file:
            self.file = report.file
            self.line(paint(inert(report.file), "bold", self.out))
        verdict = paint("FAIL", "bold red", self.out) if report.findings else paint("ok  ", "green", self.out)
        counts = f"{seen(report)}, {report.moves:,} events"
        self.line(f"  {verdict}  {report.workflow}  {counts}  {paint(f'{checked.seconds:.2f} s', 'dim', self.out)}")
        for finding in report.findings:
            self.finding(finding)
        for text in report.bounded:
            self.line(f"        bounded: {one_line(text)}")
        for text in report.assumed:
            self.line(f"        assuming: {one_line(text)}")
        if report.unseen:
            how = "never" if report.whole and not report.assumed else "not seen within the bounds"
            for item in report.unseen:
                self.line(f"        {how}: {inert(_place(item.span))}: {_unseen(item)}")
        for unread in report.unread:
            text = f"{one_line(unread.name)} may wait in the mailbox when the run has {unread.ended}"
            self.line(f"        unread: {inert(_place(unread.span))}: {text}")
            self.steps(unread.steps)
        self.out.flush()

    def finding(self, finding: Finding) -> None:
        self.line(f"        {inert(_place(finding.span))}: {_title(finding)}: {one_line(finding.message, 400)}")
        self.steps(finding.steps)
        if finding.test:
            self.line("        as a test:")
            for text in finding.test.rstrip("\n").split("\n"):
                self.line(paint(f"          {one_line(text, 2000)}", "cyan", self.out).rstrip())
        else:
            self.line(f"        no test shows it: {finding.why_not}")

    def steps(self, steps: Sequence[str]) -> None:
        for step in steps:
            self.line(paint(f"          {one_line(step, 400)}", "dim", self.out))

    def end(self, checked: Sequence[Checked]) -> None:
        wrong = sum(len(each.report.findings) for each in checked)
        states = sum(each.report.states for each in checked)
        seconds = sum(each.seconds for each in checked)
        verdict = f"{wrong} finding{'' if wrong == 1 else 's'}" if wrong else "nothing was found"
        many = f"{len(checked)} workflow{'' if len(checked) == 1 else 's'}"
        self.line(
            paint(f"{many}, {states:,} states: {verdict}  {seconds:.2f} s", "bold red" if wrong else "green", self.out)
        )


def seen(report: Report) -> str:
    """Whether every state was seen, in words."""
    if report.whole:
        return f"all {report.states:,} states seen{', with what is assumed' if report.assumed else ''}"
    return f"{report.states:,} states seen, not all"


def _title(finding: Finding) -> str:
    words = {"property": "property", "fault": "fault in", "undo": "fault in the", "deadlock": "deadlock in",
             "endless": "no way out of"}  # fmt: skip
    return f"{words[finding.kind]} {one_line(finding.name)}"


def _unseen(item: Unseen) -> str:
    return f"{'state ' if item.kind == 'state' else ''}{one_line(item.name)}"


class Json:
    """One document: workflows, each with its figures, findings and what was never seen."""

    def __init__(self, out: TextIO) -> None:
        self.out = out

    def workflow(self, checked: Checked) -> None:
        """Nothing yet."""

    def end(self, checked: Sequence[Checked]) -> None:
        import orjson

        document = {"workflows": [_workflow(each) for each in checked]}
        self.out.write(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n")


def _workflow(checked: Checked) -> dict[str, Any]:
    report = checked.report
    return {
        "file": report.file,
        "workflow": report.workflow,
        "outcome": "failed" if report.findings else "passed",
        "whole": report.whole,
        "bounded": list(report.bounded),
        "assumed": list(report.assumed),
        "starts": report.starts,
        "states": report.states,
        "events": report.moves,
        "ends": report.ends,
        "seconds": round(checked.seconds, 6),
        "findings": [
            {"kind": each.kind, "name": each.name, "message": each.message, **_span(each.span),
             "trace": list(each.steps), "test": each.test or None}
            for each in report.findings
        ],
        "unseen": [{"kind": each.kind, "name": each.name, **_span(each.span)} for each in report.unseen],
        "unread": [
            {"name": each.name, "ended": each.ended, **_span(each.span), "trace": list(each.steps)}
            for each in report.unread
        ],
    }  # fmt: skip


def _span(span: Span) -> dict[str, Any]:
    return {"file": span.file, "line": span.line, "col": span.col}


REPORTERS: dict[str, Callable[[TextIO], Reporter]] = {"text": Text, "json": Json}


def _place(span: Span) -> str:
    return f"{span.file}:{span.line}:{span.col}"
