"""`tenuto test`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from tenuto.cli.compiling import find_files, render
from tenuto.cli.stop import Exit, Stop, usage
from tenuto.cli.terminal import coloured, tell

if TYPE_CHECKING:
    from tenuto_dsl import Diagnostics
    from tenuto_dsl.testing import Coverage, Result

Form = Literal["text", "json", "junit"]


@dataclass(frozen=True, slots=True)
class Ran:
    """A test that ran. `seconds` are real ones, not those of its world."""

    file: str
    source: str
    result: Result
    seconds: float

    @property
    def ok(self) -> bool:
        return self.result.failed is None


def run_tests(
    files: Annotated[list[Path], Parameter(negative="", name="FILE")],
    /,
    *,
    filter: Annotated[str | None, Parameter(name=["--filter", "-k"])] = None,
    coverage: bool = True,
    fail_under: float | None = None,
    format: Annotated[Form, Parameter(name=["--output", "-o", "--format"])] = "text",
    fail_fast: Annotated[bool, Parameter(name=["--fail-fast", "-x"], negative="")] = False,
) -> int:
    """Run the tests in workflow files, in virtual time.

    Exit code 1 when a test fails, 3 when a file has errors, 2 when there is no test to run.

    Parameters
    ----------
    files
        Workflow files (.tenuto, .yaml, .yml), or directories to look through.
    filter
        Only tests with this text in their name, their file's or their workflow's, whatever its case.
    coverage
        Say which states and transitions the tests have not seen.
    fail_under
        Fail when the tests have seen less than so many percent of the states and transitions.
    format
        text (for people), json (one document) or junit (XML, for continuous integration).
    fail_fast
        Stop at the first test that fails, and measure nothing.
    """
    from tenuto_dsl import Diagnostics

    from tenuto.cli import testing

    if fail_under is not None and not 0 <= fail_under <= 100:
        raise usage("--fail-under takes percent, from 0 to 100")
    sink = Diagnostics()
    reporter = testing.REPORTERS[format](sys.stdout)
    ran: list[Ran] = []
    measured: list[Coverage] = []
    begun = time.perf_counter()
    stopped = False
    for each in (each for file in find_files(files) for each in _run(file.as_posix(), filter, sink)):
        if isinstance(each, Ran):
            reporter.test(each)
            ran.append(each)
            stopped = fail_fast and not each.ok
        else:
            measured.append(each)
        if stopped:
            break
    errors = sum(item.severity == "error" for item in sink.items)
    if errors:
        found = [item for item in sink.items if item.severity == "error"]
        print(render(found, "text", colour=coloured(sys.stderr)), file=sys.stderr)  # noqa: T201
    if not ran and not errors:
        if filter:
            raise usage(f"no test has {filter!r} in its name", "without -k, all tests of the files run")
        raise usage("no test was found", 'tests stand in workflow files: `test "…" { … }`')
    covered = testing.Measured.of(measured)
    if ran or format != "text":  # people are not told that none of none has passed
        reporter.end(ran, covered if coverage and not stopped else None, time.perf_counter() - begun)
    if errors:
        raise Stop(Exit.LINT_ERRORS, f"{errors} error{'s' if errors > 1 else ''}; what is wrong was not tested")
    if not all(each.ok for each in ran):
        return int(Exit.WORKFLOW_FAILED)
    if fail_under is not None and covered.percent < fail_under:
        tell(f"{covered.percent:.1f} % of states and transitions were seen, less than {fail_under:g} %")
        return int(Exit.WORKFLOW_FAILED)
    return int(Exit.OK)


def _run(name: str, filter: str | None, sink: Diagnostics) -> Iterator[Ran | Coverage]:
    """Every test of a file as it has run, then what they have covered together."""
    from tenuto_dsl.compiler import read_from_disk
    from tenuto_dsl.imports import read
    from tenuto_dsl.syntax.tree import Span
    from tenuto_dsl.testing import Runner, plan_source

    source = read(name, read_from_disk, Span(name, 1, 1, 1, 1), sink, "TEN131")
    suite = plan_source(name, source, sink) if source is not None else None
    if source is None or suite is None:
        return
    wanted = (filter or "").casefold()
    plans = [each for each in suite.plans if wanted in f"{each.name}\n{name}\n{each.workflow}".casefold()]
    if not plans and filter:
        return
    runner = Runner(suite, part=bool(filter))
    for plan in plans:
        begun = time.perf_counter()
        result = runner.run(plan)
        yield Ran(name, source, result, time.perf_counter() - begun)
    yield runner.coverage
