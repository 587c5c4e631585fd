"""What was stored once can be read for ever: definitions, histories and snapshots of earlier builds, kept as files.

A file that no longer replays to its own bytes means that runs under way would be lost at an upgrade. Files are added,
never changed: `python -m tests.interpreter.machine.test_stored` writes those that are missing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tenuto_interpreter.events import Event, RunStarted
from tenuto_interpreter.ir import Program
from tenuto_interpreter.machine import Executable, Snapshot, read_record, record, step

from .test_properties import concrete, saga, statechart

STORED = Path(__file__).parent / "stored"

SAGA = [("complete", 1), ("timer", 0), ("fail", 6), ("signal", 1), ("timer", 0), ("complete", 2), ("retry", 0)]
STATECHART = [
    ("complete", 1),
    ("signal", 4),
    ("update", 0),
    ("update", 1),
    ("complete", 3),
    ("signal", 5),
    ("cancel", 0),
]
CASES = {"saga": (saga, SAGA), "statechart": (statechart, STATECHART)}


def lived(program: Program, choices: list[tuple[str, int]]) -> Iterator[tuple[bytes, Snapshot]]:
    """The rows and snapshots of a run to which these things happen."""
    exe, snapshot = Executable(program), Snapshot.new()
    event: Event = RunStarted(0, "r-1", "r", {}, {})
    for number in range(len(choices) + 1):
        snapshot, commands = step(exe, snapshot, event)
        yield record(event, commands), snapshot
        if snapshot.closed is not None or number == len(choices):
            return
        event = concrete(choices[number], snapshot, number + 1)


@pytest.mark.parametrize("path", sorted(STORED.glob("*.json")), ids=lambda path: path.stem)
def test_stored_runs_replay_to_the_same_bytes(path: Path) -> None:
    stored = json.loads(path.read_text())
    program = Program.decode(stored["program"].encode())
    assert program.encode().decode() == stored["program"]
    exe, snapshot = Executable(program), Snapshot.new()
    assert len(stored["rows"]) >= 5
    for row, after in zip(stored["rows"], stored["snapshots"], strict=True):
        event, commands = read_record(row.encode())
        snapshot, again = step(exe, snapshot, event)
        assert again == commands
        assert snapshot.encode().decode() == after
        assert Snapshot.decode(after.encode()).encode().decode() == after


def write_missing() -> None:
    for name, (make, choices) in CASES.items():
        path = STORED / f"{name}-1.json"
        if not path.exists():
            program = make()
            life = list(lived(program, choices))
            stored = {
                "program": program.encode().decode(),
                "rows": [row.decode() for row, _ in life],
                "snapshots": [snapshot.encode().decode() for _, snapshot in life],
            }
            path.write_text(json.dumps(stored, indent=1) + "\n")


if __name__ == "__main__":
    write_missing()
