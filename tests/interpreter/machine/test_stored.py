"""What was stored once can be read for ever: definitions, histories and snapshots of earlier builds, kept as files.

A file that no longer replays to its own bytes means that runs under way would be lost at an upgrade. Files are added,
never changed: `python -m tests.interpreter.machine.test_stored` writes those that are missing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tenuto_interpreter.events import Event, Migrated, RunStarted
from tenuto_interpreter.ir import Program
from tenuto_interpreter.machine import Executable, Snapshot, read_record, record
from tenuto_interpreter.machine.migration import follow

from .test_properties import NEXT, OWED, concrete, saga, statechart
from .written import written

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
OWED_LIFE = [
    ("complete", 1), ("fail", 6), ("complete", 2), ("timer", 0), ("complete", 0), ("migrate", 0), ("signal", 0),
    ("complete", 3), ("complete", 2), ("timer", 0), ("update", 1), ("signal", 5), ("complete", 4), ("complete", 0),
    ("timer", 0), ("complete", 1), ("complete", 1),
]  # fmt: skip
CASES: dict[str, tuple[list[Callable[[], Program]], list[tuple[str, int]]]] = {
    "saga": ([saga], SAGA),
    "statechart": ([statechart], STATECHART),
    "owed": ([lambda: written(OWED).program, lambda: written(NEXT).program], OWED_LIFE),
}


def lived(programs: list[Program], choices: list[tuple[str, int]]) -> Iterator[tuple[bytes, Snapshot]]:
    """The rows and snapshots of a run to which these things happen."""
    exe, snapshot = Executable(programs[0]), Snapshot.new()
    event: Event = RunStarted(0, "r-1", "r", {"n": 1} if len(programs) > 1 else {}, {})
    for number in range(len(choices) + 1):
        exe, snapshot, commands = follow(lambda _: Executable(programs[1]), exe, snapshot, event)
        yield record(event, commands), snapshot
        if snapshot.closed is not None or number == len(choices):
            return
        event = concrete(choices[number], snapshot, number + 1)
        if choices[number][0] == "migrate":
            event = Migrated(number + 1, programs[1].digest(), {})


@pytest.mark.parametrize("path", sorted(STORED.glob("*.json")), ids=lambda path: path.stem)
def test_stored_runs_replay_to_the_same_bytes(path: Path) -> None:
    stored = json.loads(path.read_text())
    program = Program.decode(stored["program"].encode())
    assert program.encode().decode() == stored["program"]
    later = [Program.decode(text.encode()) for text in stored.get("later", ())]
    find = {after.digest(): Executable(after) for after in later}.__getitem__
    exe, snapshot = Executable(program), Snapshot.new()
    assert len(stored["rows"]) >= 5
    for row, after in zip(stored["rows"], stored["snapshots"], strict=True):
        event, commands = read_record(row.encode())
        exe, snapshot, again = follow(find, exe, snapshot, event)
        assert again == commands
        assert snapshot.encode().decode() == after
        assert Snapshot.decode(after.encode()).encode().decode() == after


def write_missing() -> None:
    for name, (versions, choices) in CASES.items():
        path = STORED / f"{name}-1.json"
        if not path.exists():
            programs = [make() for make in versions]
            life = list(lived(programs, choices))
            stored = {
                "program": programs[0].encode().decode(),
                "later": [program.encode().decode() for program in programs[1:]],
                "rows": [row.decode() for row, _ in life],
                "snapshots": [snapshot.encode().decode() for _, snapshot in life],
            }
            path.write_text(json.dumps(stored, indent=1) + "\n")


if __name__ == "__main__":
    write_missing()
