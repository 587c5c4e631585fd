"""What a migration would do to a run, for people who are about to order one."""

from __future__ import annotations

from dataclasses import dataclass

from tenuto_interpreter.events import Migrated
from tenuto_interpreter.machine.executable import Executable
from tenuto_interpreter.machine.migration.apply import migrate
from tenuto_interpreter.machine.migration.plan import Plan, plan
from tenuto_interpreter.machine.migration.work import Refused, counterpart
from tenuto_interpreter.machine.snapshot import Fiber, Snapshot


@dataclass(frozen=True, slots=True)
class Preview:
    """`states` are the active states' paths before and after it. `restarts` are the blocks in progress that begin again
    (once the calls they have in flight have resolved), `stops` those that are interrupted, by their place in the old
    program. `refused` is the reason why the run would stay as it is, and then there is nothing else.
    """

    before: tuple[str, ...]
    after: tuple[str, ...] = ()
    restarts: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    refused: str | None = None


def preview(old: Executable, new: Executable, snapshot: Snapshot, event: Migrated) -> Preview:
    """What `migrate` would do, without doing it."""
    before = tuple(old.state_names(snapshot.active))
    if snapshot.seq == 0:
        return Preview(before, refused="it has not begun yet")
    try:
        after, _ = migrate(old, new, snapshot, event)
    except Refused as reason:
        return Preview(before, refused=str(reason))
    found = plan(old.program, new.program)
    restarts, stops = [], []
    for fiber in snapshot.fibers.values():
        if fiber.role == "branch":
            continue
        place = old.program.blocks[fiber.block].place
        block = _block(found, fiber)
        if block is None:
            stops.append(place)
        elif found.old.block(fiber.block) != found.new.block(block):
            restarts.append(place)
    return Preview(before, tuple(new.state_names(after.active)), tuple(restarts), tuple(stops))


def _block(found: Plan, fiber: Fiber) -> int | None:
    state = found.states[fiber.state]
    return None if state is None else counterpart(found, fiber, state)[0]
