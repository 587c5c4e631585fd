"""`tenuto check`."""

from __future__ import annotations

import gc
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from tenuto.cli.compiling import find_files, render
from tenuto.cli.options import Budget
from tenuto.cli.stop import Exit, Stop, did_you_mean, usage
from tenuto.cli.terminal import coloured

if TYPE_CHECKING:
    from tenuto_dsl import Diagnostics
    from tenuto_dsl.explore import Report, Subject

Form = Literal["text", "json"]


@dataclass(frozen=True, slots=True)
class Checked:
    """A workflow that was explored. `seconds` are real ones."""

    source: str
    report: Report
    seconds: float


def check(
    files: Annotated[list[Path], Parameter(negative="", name="FILE")],
    /,
    *,
    workflow: Annotated[str | None, Parameter(show_default=False)] = None,
    states: int = 5_000,
    depth: int = 1_000,
    time: Budget = 30.0,
    output: Annotated[Form, Parameter(name=["--output", "-o"])] = "text",
) -> int:
    """Explore every way the runs of a workflow can go: model checking, in virtual time.

    Exit code 1 when something is wrong (a property, a fault, a run that cannot end), 3 when a file has errors.

    Parameters
    ----------
    files
        Workflow files (.tenuto, .yaml, .yml), or directories to look through.
    workflow
        Only the workflow of this name.
    states
        States of one workflow to look at before giving up.
    depth
        Events from the start to follow.
    time
        Time to spend on one workflow, in seconds or as 1m30s.
    output
        text (for people) or json (one document).
    """
    from tenuto_dsl import Diagnostics

    from tenuto.cli import checking

    if states < 1 or depth < 1:
        raise usage("--states and --depth take a number from 1 on")
    gc.set_threshold(200_000, 20, 20)  # snapshots hold no cycles, and there are many
    sink = Diagnostics()
    reporter = checking.REPORTERS[output](sys.stdout)
    subjects = [each for file in find_files(files) for each in _subjects(file.as_posix(), sink)]
    found = [item for item in sink.items if item.severity == "error"]
    if found:
        print(render(found, "text", colour=coloured(sys.stderr)), file=sys.stderr)  # noqa: T201
    wanted = [each for each in subjects if workflow in (None, each.program.name)]
    if not wanted and not found:
        names = sorted({each.program.name for each in subjects})
        if workflow is not None and names:
            raise usage(f"there is no workflow {workflow} here", did_you_mean(workflow, names))
        raise usage("no workflow was found")
    checked = []
    for subject in wanted:
        checked.append(_explored(subject, states, depth, time))
        reporter.workflow(checked[-1])
    reporter.end(checked)
    if found:
        raise Stop(
            Exit.LINT_ERRORS, f"{len(found)} error{'s' if len(found) > 1 else ''}; what is wrong was not checked"
        )
    return int(Exit.WORKFLOW_FAILED if any(each.report.findings for each in checked) else Exit.OK)


def _explored(subject: Subject, states: int, depth: int, budget: float) -> Checked:
    from tenuto_dsl.explore import Bounds, explore

    begun = time.perf_counter()
    report = explore(subject, Bounds(states, depth), lambda: time.perf_counter() - begun > budget)
    return Checked(subject.source, report, time.perf_counter() - begun)


def _subjects(name: str, sink: Diagnostics) -> list[Subject]:
    from tenuto_dsl.compiler import read_from_disk
    from tenuto_dsl.explore import read_subjects
    from tenuto_dsl.imports import read
    from tenuto_dsl.syntax.tree import Span

    source = read(name, read_from_disk, Span(name, 1, 1, 1, 1), sink, "TEN131")
    return [] if source is None else read_subjects(name, source, sink)
