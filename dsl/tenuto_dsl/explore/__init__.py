"""Model checking: every way a workflow's runs can go, by the machine that runs them, in virtual time.

    for subject in read_subjects(name, source, sink):
        report = explore(subject)

From its starts a run is taken through all that can happen to it: outcomes of calls, messages, cancellation, time.
States that are the same to whoever asks what comes next are followed once. What is found has a shortest trace, and
where it can be said so, a `test` that shows it.

The files, in the order in which they use each other: `atoms` and `flow` (which values decide anything), `asked` and
`canonical` (which states are the same), `values` (which values are tried), `subject` (a workflow made ready), `moves`
(what can happen), `search` (breadth first), `judge` (what is wrong), `tell` and `scenario` (a trace for people, and as
a test).
Nothing here reads a clock: whether time is up is asked of whoever explores.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from tenuto_dsl.compiler import read_from_disk
from tenuto_dsl.explore.judge import findings_in, property_node, unread_in, unseen_in
from tenuto_dsl.explore.report import Bounds, Finding, Happened, Report, Unread, Unseen
from tenuto_dsl.explore.scenario import scenario
from tenuto_dsl.explore.search import Space, search
from tenuto_dsl.explore.subject import Subject, read_subjects
from tenuto_dsl.explore.tell import told
from tenuto_dsl.imports import Reader


def explore(
    subject: Subject, bounds: Bounds | None = None, expired: Callable[[], bool] = lambda: False,
    reader: Reader = read_from_disk,
) -> Report:  # fmt: skip
    """Everything that was found out about a workflow within bounds."""
    space = search(subject, bounds or Bounds(), expired)
    findings = tuple(_with_words(space, each, reader) for each in findings_in(space))
    return Report(
        workflow=subject.program.name,
        file=subject.file,
        starts=space.starts,
        states=len(space.nodes),
        moves=space.moves,
        ends=sum(node.closed is not None for node in space.nodes),
        bounded=tuple(space.bounded),
        assumed=tuple(space.notes.found),
        findings=findings,
        unseen=tuple(unseen_in(space)),
        unread=tuple(dataclasses.replace(each, steps=told(subject, each.trace)) for each in unread_in(space)),
    )


def _with_words(space: Space, finding: Finding, reader: Reader) -> Finding:
    """A finding with its trace in words, and its test."""
    subject = space.subject
    value = property_node(space, finding.name).value if finding.kind == "property" else None
    test = scenario(subject, finding, value, reader)
    why_not = "" if test is not None else "a test cannot say this order of events"
    return dataclasses.replace(finding, steps=told(subject, finding.trace), test=test or "", why_not=why_not)


__all__ = ["Bounds", "Finding", "Happened", "Report", "Subject", "Unread", "Unseen", "explore", "read_subjects"]
