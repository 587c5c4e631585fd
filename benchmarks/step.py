"""The interpreter's share: microseconds for an ordinary step, the result of an activity in, the next activity out.

    python -m benchmarks.step [--seconds 1.5]

Times `step` alone, with the history row's encoding (what a lane does for every event), and with the snapshot's encoding
as well (what it does when a run is released or checkpointed); and replay, what it does to load a run's tail.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from tenuto_dsl import compile_source
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_interpreter.commands import ScheduleActivity
from tenuto_interpreter.events import ActivityCompleted, Event, RunStarted
from tenuto_interpreter.machine import Executable, Snapshot, read_record, record, step

FIVE = Path(__file__).parent / "workflows" / "five.tenuto"


def executable() -> Executable:
    sink = Diagnostics()
    (compiled,) = compile_source(FIVE.name, FIVE.read_text(), sink)
    assert not sink.items
    return Executable(compiled.program)


def whole_run(exe: Executable) -> list[tuple[Snapshot, Event]]:
    """Every event of a run, each with the snapshot it meets."""
    at = 1_700_000_000_000_000
    snapshot, met = Snapshot.new(), []
    event: Event = RunStarted(at, "0193-run", "five-1", {"start": 1}, {})
    while True:
        met.append((snapshot, event))
        snapshot, commands = step(exe, snapshot, event)
        if snapshot.closed is not None:
            return met
        (command,) = commands
        assert isinstance(command, ScheduleActivity)
        at += 1000
        event = ActivityCompleted(at, command.op, command.attempt, sum(command.args))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1.5, help="for each line")
    seconds = parser.parse_args().seconds
    exe = executable()
    met = whole_run(exe)
    snapshot, event = met[2]

    def with_record() -> None:
        _, commands = step(exe, snapshot, event)
        record(event, commands)

    def with_snapshot() -> None:
        after, commands = step(exe, snapshot, event)
        record(event, commands)
        after.encode()

    def run() -> None:
        for before, one in met:
            _, commands = step(exe, before, one)
            record(one, commands)

    rows = [record(one, step(exe, before, one)[1]) for before, one in met]

    def replay() -> None:
        state = Snapshot.new()
        for row in rows:
            one, _ = read_record(row)
            state, _ = step(exe, state, one)

    for name, what, share in (
        ("step", lambda: step(exe, snapshot, event), 1),
        ("step, row encoded", with_record, 1),
        ("step, row and snapshot encoded", with_snapshot, 1),
        ("a whole run, per event, rows encoded", run, len(met)),
        ("replay, per event", replay, len(met)),
    ):
        median, least = _microseconds(what, seconds)
        print(f"{name:38s} median {median / share:6.1f} µs   least {least / share:6.1f} µs", flush=True)


def _microseconds(what: Callable[[], object], seconds: float) -> tuple[float, float]:
    """Of one call: the median and the least of many batches."""
    what()
    end = time.perf_counter() + seconds
    batches = []
    while time.perf_counter() < end:
        began = time.perf_counter()
        for _ in range(200):
            what()
        batches.append((time.perf_counter() - began) / 200 * 1e6)
    return statistics.median(batches), min(batches)


if __name__ == "__main__":
    main()
