"""The live progress of a run, on stderr: a small view on a terminal, one line per event elsewhere.

Called by engine threads after each commit; shows committed truth only.
"""

from __future__ import annotations

import sys
import threading
import time
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Self

from tenuto_interpreter import commands, events, ir

from tenuto.cli.steps import Line, Narrator, Tone, next_attempt
from tenuto.cli.terminal import coloured, one_line, paint
from tenuto.client.timers import timer_text

if TYPE_CHECKING:
    from tenuto_interpreter.machine.snapshot import Snapshot

    from tenuto.engine import Observation

_STYLES: dict[Tone, str] = {"good": "green", "bad": "red", "quiet": "dim"}


class Progress(AbstractContextManager["Progress"]):
    """Follows one workflow id through its events. `parked` is the reason once the run is."""

    def __init__(self, program: ir.Program) -> None:
        self._narrator = Narrator(program)
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._states: list[str] = []
        self._program = program
        self._before: Snapshot | None = None
        self.workflow_id: str | None = None
        self.parked: str | None = None

    def observe(self, seen: Observation) -> None:
        if seen.workflow_id != self.workflow_id:
            return
        with self._lock:
            happened = self._narrator.event(seen.event, self._timer(seen.event))
            asked = list(self._narrator.commands(seen.commands))
            again = next_attempt(seen.event, seen.after, self._narrator.name)
            self._before = seen.after
            for command in seen.commands:
                if isinstance(command, commands.ParkRun):
                    self.parked = command.reason
            if isinstance(seen.event, events.RetryRequested):
                self.parked = None
            self._show(happened, asked, seen.states)
            if again is not None:
                self._show_wait(again, _wait_of(seen))
            self._states = seen.states

    def note(self, text: str) -> None:
        """Something for the person beside the events."""
        with self._lock:
            self._print(Line(text, "quiet"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def _show(self, happened: Line, asked: list[Line], states: list[str]) -> None:
        self._print(happened)
        if states != self._states and states:
            self._print(Line(f"state {', '.join(map(one_line, states))}"))
        for line in asked:
            if not line.text.startswith("log "):  # the run's log goes to the log
                self._print(line)

    def _timer(self, event: events.Event) -> str:
        if self._before is None or not isinstance(event, events.TimerFired):
            return ""
        return timer_text(self._program, self._before, event.timer, self._narrator.name)

    def _show_wait(self, line: Line, seconds: float) -> None:  # noqa: ARG002 - a view counts them down
        self._print(line)

    def _print(self, line: Line) -> None:
        elapsed = paint(f"{time.monotonic() - self._began:8.3f}s", "dim", sys.stderr)
        style = _STYLES.get(line.tone, "bold" if line.text.startswith("state ") else "")
        text = paint(line.text, style, sys.stderr) if style else line.text
        print(f"{elapsed}  {text}", file=sys.stderr, flush=True)  # noqa: T201 - progress is for the person


def _wait_of(seen: Observation) -> float:
    """Seconds until what failed is tried again."""
    op = seen.after.ops[getattr(seen.event, "op", -1)]
    timer = seen.after.timers[op.timer] if op.timer is not None else [seen.event.at]
    return float(timer[0] - seen.event.at) / 1_000_000


class LiveProgress(Progress):
    """The same events as a view: what is over scrolls by above, what is under way stands below with a spinner."""

    def __init__(self, program: ir.Program) -> None:
        super().__init__(program)
        from rich.console import Console
        from rich.live import Live

        self._console = Console(stderr=True, highlight=False, no_color=not coloured(sys.stderr))
        self._under_way: dict[int, tuple[str, float]] = {}
        self._waits: dict[int, tuple[str, float]] = {}
        self._live = Live(console=self._console, refresh_per_second=8, transient=True, get_renderable=self._view)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._under_way.clear()
            self._waits.clear()
            self._states = []
        self._live.stop()

    def _show(self, happened: Line, asked: list[Line], states: list[str]) -> None:
        if happened.op is not None:
            began = self._under_way.pop(happened.op, None)
            if began is not None and happened.tone == "good":
                happened = happened._replace(text=f"{happened.text} ({time.monotonic() - began[1]:.2f} s)")
        for line in asked:
            if line.op is not None and " begun" in line.text:
                self._waits.pop(line.op, None)
                self._under_way[line.op] = (line.text.replace(" begun", ""), time.monotonic())
        self._print(happened)
        if states != self._states and states:
            self._print(Line(f"state {', '.join(map(one_line, states))}"))
        for line in asked:
            if line.op is None and not line.text.startswith("log "):
                self._print(line)

    def _show_wait(self, line: Line, seconds: float) -> None:
        if line.op is not None:
            self._waits[line.op] = (line.text.rpartition(" in ")[0], time.monotonic() + seconds)

    def _print(self, line: Line) -> None:
        from rich.text import Text

        marks: dict[Tone, tuple[str, str]] = {
            "good": ("✓", "green"), "bad": ("✗", "red"), "quiet": ("·", "dim"), "plain": ("·", ""),
            "state": ("▸", "bold cyan"),
        }  # fmt: skip
        mark, style = ("▸", "bold cyan") if line.text.startswith("state ") else marks[line.tone]
        elapsed = f"{time.monotonic() - self._began:8.2f}s "
        self._console.print(Text.assemble((elapsed, "dim"), (f"{mark} ", style), (line.text, style)), soft_wrap=True)

    def _view(self) -> Any:
        from rich.console import Group
        from rich.spinner import Spinner
        from rich.text import Text

        now = time.monotonic()
        rows: list[Any] = [
            Spinner("dots", Text(f"{name}  {now - began:.1f} s"), style="cyan")
            for name, began in list(self._under_way.values())[:12]
        ]
        rows += [
            Text(f"  {name} in {max(0.0, due - now):.1f} s", style="yellow")
            for name, due in list(self._waits.values())[:12]
        ]
        more = len(self._under_way) - 12
        if more > 0:
            rows.append(Text(f"  and {more} more", style="dim"))
        if not rows and self._states:
            rows.append(Spinner("dots", Text(f"in {', '.join(self._states)}"), style="dim"))
        return Group(*rows)


def progress_for(program: ir.Program) -> Progress:
    """The view on a terminal, lines elsewhere."""
    return LiveProgress(program) if sys.stderr.isatty() and coloured(sys.stderr) else Progress(program)
