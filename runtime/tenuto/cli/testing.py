"""Reports of tests: for people as they run, as JSON, as JUnit's XML."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from tenuto.cli.terminal import inert, one_line, paint

if TYPE_CHECKING:
    from tenuto_dsl.syntax.tree import Span
    from tenuto_dsl.testing import Coverage, Covered, Failed

    from tenuto.cli.test import Ran


@dataclass(frozen=True, slots=True)
class Measured:
    """States and transitions, each once: seen when any file's tests have seen it."""

    items: Sequence[Covered]

    @staticmethod
    def of(suites: Iterable[Coverage]) -> Measured:
        found: dict[tuple[Span, str, str], Covered] = {}
        for item in (item for suite in suites for item in suite.items()):
            key = (item.span, item.kind, item.name)
            if key not in found or item.taken:
                found[key] = item
        return Measured(list(found.values()))

    @property
    def percent(self) -> float:
        return 100 * sum(item.taken for item in self.items) / len(self.items) if self.items else 100.0

    def workflows(self) -> dict[tuple[str, str], list[Covered]]:
        """By the file where a workflow is written, and the workflow."""
        found: dict[tuple[str, str], list[Covered]] = {}
        for item in self.items:
            found.setdefault((item.span.file, item.workflow), []).append(item)
        return found


class Reporter(Protocol):
    """Told of each test when it has run, and of all of them at the end."""

    def test(self, ran: Ran) -> None: ...

    def end(self, ran: Sequence[Ran], covered: Measured | None, seconds: float) -> None: ...


class Text:
    """For people: a line for each test at once, what is wrong below it, and a summary."""

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.file = ""

    def line(self, text: str) -> None:
        self.out.write(text + "\n")

    def test(self, ran: Ran) -> None:
        if ran.file != self.file:
            self.file = ran.file
            self.line(paint(inert(ran.file), "bold", self.out))
        verdict = paint("ok  ", "green", self.out) if ran.ok else paint("FAIL", "bold red", self.out)
        self.line(f"  {verdict}  {one_line(ran.result.plan.name)}  {paint(_time(ran.seconds), 'dim', self.out)}")
        if ran.result.failed is not None:
            self.failed(ran, ran.result.failed)
        self.out.flush()

    def failed(self, ran: Ran, failed: Failed) -> None:
        self.line(f"        {inert(_place(failed.span))}: {one_line(failed.message, 1000)}")
        self.line("            " + paint(one_line(_excerpt(ran.source, failed.span), 1000), "cyan", self.out))
        for span, value in failed.parts:
            self.line(f"              {one_line(_excerpt(ran.source, span), 200)} = {one_line(value, 400)}")
        if failed.standing:
            self.line(f"        the run: {one_line(failed.standing, 400)}")
        for text in failed.happened:
            self.line(paint(f"          {one_line(text, 400)}", "dim", self.out))

    def end(self, ran: Sequence[Ran], covered: Measured | None, seconds: float) -> None:
        if covered is not None and covered.items:
            self.coverage(covered)
        bad = sum(not each.ok for each in ran)
        parts = [f"{len(ran) - bad} passed", *([f"{bad} failed"] if bad else [])]
        text = f"{', '.join(parts)} in {_time(seconds)}"
        self.line(paint(text, "bold red" if bad else "green", self.out))
        self.out.flush()

    def coverage(self, covered: Measured) -> None:
        self.line(paint("states and transitions", "bold", self.out))
        for (file, workflow), items in covered.workflows().items():
            seen = sum(item.taken for item in items)
            percent = f"{100 * seen / len(items):3.0f} %"
            self.line(f"  {percent}  {workflow}  {seen} of {len(items)}  {paint(inert(file), 'dim', self.out)}")
            for item in items:
                if not item.taken:
                    self.line(f"         not seen: {inert(_place(item.span))}: {one_line(item.name)}")


class Json:
    """One document: tests with what failed, coverage, totals."""

    def __init__(self, out: TextIO) -> None:
        self.out = out

    def test(self, ran: Ran) -> None:
        """Nothing yet."""

    def end(self, ran: Sequence[Ran], covered: Measured | None, seconds: float) -> None:
        import orjson

        bad = sum(not each.ok for each in ran)
        document: dict[str, Any] = {
            "passed": len(ran) - bad,
            "failed": bad,
            "seconds": round(seconds, 6),
            "tests": [_test(each) for each in ran],
        }
        if covered is not None:
            document["coverage"] = {
                "percent": round(covered.percent, 2),
                "items": [
                    {"file": item.span.file, "line": item.span.line, "col": item.span.col, "workflow": item.workflow,
                     "kind": item.kind, "name": item.name, "taken": item.taken}
                    for item in covered.items
                ],
            }  # fmt: skip
        self.out.write(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n")


def _test(ran: Ran) -> dict[str, Any]:
    plan, failed = ran.result.plan, ran.result.failed
    found: dict[str, Any] = {
        "file": ran.file, "line": plan.span.line, "name": plan.name, "workflow": plan.workflow,
        "outcome": "passed" if ran.ok else "failed", "seconds": round(ran.seconds, 6), "events": ran.result.events,
    }  # fmt: skip
    if failed is not None:
        found["failure"] = {
            "file": failed.span.file, "line": failed.span.line, "col": failed.span.col, "message": failed.message,
            "source": _excerpt(ran.source, failed.span), "run": failed.standing, "events": list(failed.happened),
            "values": [{"expression": _excerpt(ran.source, span), "value": value} for span, value in failed.parts],
        }  # fmt: skip
    return found


class Junit:
    """XML as JUnit writes it: a suite for each file."""

    def __init__(self, out: TextIO) -> None:
        self.out = out

    def test(self, ran: Ran) -> None:
        """Nothing yet."""

    def end(self, ran: Sequence[Ran], covered: Measured | None, seconds: float) -> None:
        from xml.etree import ElementTree as ET

        bad = sum(not each.ok for each in ran)
        root = ET.Element("testsuites", tests=str(len(ran)), failures=str(bad), time=f"{seconds:.6f}")
        suites: dict[str, Any] = {}
        for each in ran:
            suite = suites.get(each.file)
            if suite is None:
                mine = [other for other in ran if other.file == each.file]
                suite = suites[each.file] = ET.SubElement(
                    root, "testsuite", name=inert(each.file), tests=str(len(mine)),
                    failures=str(sum(not other.ok for other in mine)), time=f"{sum(o.seconds for o in mine):.6f}",
                )  # fmt: skip
            plan, failed = each.result.plan, each.result.failed
            case = ET.SubElement(
                suite, "testcase", classname=f"{Path(each.file).stem}.{plan.workflow}", name=inert(plan.name),
                file=inert(each.file), line=str(plan.span.line), time=f"{each.seconds:.6f}",
            )  # fmt: skip
            if failed is not None:
                values = [f"{_excerpt(each.source, span)} = {value}" for span, value in failed.parts]
                told = [_excerpt(each.source, failed.span), *values, failed.standing, *failed.happened]
                failure = ET.SubElement(
                    case, "failure", message=inert(failed.message), type="failed",
                )  # fmt: skip
                failure.text = inert("\n".join([f"{_place(failed.span)}: {failed.message}", *told]))
        if covered is not None and covered.items:
            properties = ET.SubElement(root, "properties")
            ET.SubElement(properties, "property", name="coverage", value=f"{covered.percent:.2f}")
        ET.indent(root)
        self.out.write('<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n")


REPORTERS: dict[str, Callable[[TextIO], Reporter]] = {"text": Text, "json": Json, "junit": Junit}


def _place(span: Span) -> str:
    return f"{span.file}:{span.line}:{span.col}"


def _excerpt(source: str, span: Span) -> str:
    """What a span covers, on one line."""
    lines = source.splitlines()[span.line - 1 : span.end_line]
    if not lines:
        return ""
    lines[-1] = lines[-1][: span.end_col - 1] if len(lines) > 1 or span.end_col > span.col else lines[-1]
    lines[0] = lines[0][span.col - 1 :]
    return " ".join(line.strip() for line in lines).strip()


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"
