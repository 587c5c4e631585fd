"""What a fiber can wait for besides an operation: a condition, a message, compensation, the branches of a fork.

Each `begin_…` answers whether there is nothing to wait for (`begin_undo`, asked again after every undo, whether there
is something); otherwise the fiber's `waiting` says what for, and the matching function here takes it on when something
has changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenuto_interpreter.events import Failure
from tenuto_interpreter.machine import operations
from tenuto_interpreter.machine.interruption import PENDING
from tenuto_interpreter.machine.snapshot import Fiber
from tenuto_interpreter.machine.turn import Turn

# -- wait for a condition ------------------------------------------------------------------------------------------


def begin_condition(turn: Turn, fiber: Fiber, instruction: Sequence[Any], place: str) -> bool:
    _, e, within, local = instruction
    if turn.value(e, fiber.locals, place):
        _store(fiber, local, True)
        return True
    limit = turn.microseconds(within, fiber.locals, place)
    timer = turn.add_timer(turn.at + max(limit, 0), "cond", fiber.id) if limit is not None else None
    fiber.waiting = ["cond", e, timer, local]
    return False


def conditions_met(turn: Turn) -> bool:
    """Resume the first fiber whose condition has become true; answers whether there was one."""
    for id, fiber in turn.snap.fibers.items():
        waiting = fiber.waiting
        if waiting is not None and waiting[0] == "cond":
            place = turn.exe.blocks[fiber.block].place
            if turn.value(waiting[1], fiber.locals, place):
                end_condition(turn, id, True)
                return True
    return False


def end_condition(turn: Turn, id: int, met: bool) -> None:
    """Resume a fiber that waits for a condition: it came true, or the time is up."""
    fiber = turn.fiber(id)
    assert fiber.waiting is not None
    _, _, timer, local = fiber.waiting
    turn.drop_timer(timer)
    _store(fiber, local, met)
    turn.ready.append((id, "resume", None))


# -- receive a message ---------------------------------------------------------------------------------------------


def begin_receive(turn: Turn, fiber: Fiber, instruction: Sequence[Any], place: str) -> bool:
    _, signal, local, guard, within = instruction
    for index, (kind, _, name, payload) in enumerate(turn.snap.mailbox):
        if kind == "signal" and name == signal and _fits(turn, fiber, local, guard, payload, place):
            turn.snap.mailbox = turn.snap.mailbox[:index] + turn.snap.mailbox[index + 1 :]
            return True
    _store(fiber, local, None)
    limit = turn.microseconds(within, fiber.locals, place)
    timer = turn.add_timer(turn.at + max(limit, 0), "receive", fiber.id) if limit is not None else None
    fiber.waiting = ["receive", signal, local, guard, timer]
    return False


def receivers_of(turn: Turn, signal: str) -> list[int]:
    """The fibers that wait for such a message, oldest first."""
    return [
        id for id, fiber in turn.snap.fibers.items()
        if fiber.waiting is not None and fiber.waiting[0] == "receive" and fiber.waiting[1] == signal
    ]  # fmt: skip


def deliver(turn: Turn, id: int, payload: Any) -> bool:
    """Give a waiting fiber the message if its guard takes it."""
    fiber = turn.fiber(id)
    assert fiber.waiting is not None
    _, _, local, guard, timer = fiber.waiting
    if not _fits(turn, fiber, local, guard, payload, turn.exe.blocks[fiber.block].place):
        _store(fiber, local, None)
        return False
    turn.drop_timer(timer)
    turn.ready.append((id, "resume", None))
    return True


def give_up_receiving(turn: Turn, id: int) -> None:
    """The time to receive is up: the message is null."""
    fiber = turn.fiber(id)
    assert fiber.waiting is not None
    _store(fiber, fiber.waiting[2], None)
    turn.ready.append((id, "resume", None))


def _fits(turn: Turn, fiber: Fiber, local: int | None, guard: int | None, payload: Any, place: str) -> bool:
    _store(fiber, local, payload)
    return guard is None or bool(turn.value(guard, fiber.locals, place))


# -- compensate ----------------------------------------------------------------------------------------------------


def begin_undo(turn: Turn, fiber: Fiber, mark: int | None) -> bool:
    """Run the newest undo of what the fiber has called since `mark` (None: of all there are); answers whether there was
    one to wait for."""
    instruction = turn.exe.blocks[fiber.block].code[fiber.pc]
    owner = turn.owner_of(fiber, instruction[2] if len(instruction) > 2 else 0)
    operations.pass_by(turn, mark, owner)
    index = operations.newest_undo(turn, mark, owner)
    if index is None:
        return False
    fiber.waiting = ["undo", mark, operations.schedule_undo(turn, index, fiber.id)]
    return True


# -- fork and join -------------------------------------------------------------------------------------------------


def begin_fork(turn: Turn, fiber: Fiber, instruction: Sequence[Any], place: str) -> bool:
    _, n_items, blocks, limit, n_results = instruction
    count = len(fiber.locals[n_items]) if n_items is not None else len(blocks)
    if count == 0:
        _store(fiber, n_results, [])
        return True
    at_once = int(turn.value(limit, fiber.locals, place)) if limit is not None else count
    fiber.waiting = ["join", n_items, list(blocks), max(at_once, 1), 0, [], n_results, [None] * count]
    _launch(turn, fiber)
    return False


def _launch(turn: Turn, fiber: Fiber) -> None:
    """Start as many further branches as may run at once.

    What a fiber waits for is its own in this step, so its lists are changed in place: there may be very many branches.
    """
    waiting = fiber.waiting
    assert waiting is not None
    _, n_items, blocks, limit, next_, live, _, results = waiting
    size = turn.exe.blocks[fiber.block].locals
    while next_ < len(results) and len(live) < limit:
        item = fiber.locals[n_items][next_] if n_items is not None else None
        block = blocks[0] if n_items is not None else blocks[next_]
        frame = [*fiber.locals[:size], item, []]
        branch = turn.add_fiber(
            "branch", fiber.state, block, frame, parent=fiber.id, item=next_, leaving=fiber.leaving
        )  # fmt: skip
        live.append(branch.id)
        next_ += 1
    waiting[4] = next_


def branch_ended(turn: Turn, branch: Fiber) -> None:
    """A branch has ended: keep what it yielded, start the next, resume the fork when it was the last.

    A fork that has been interrupted, or has failed, only waited for the branches that were leaving.
    """
    fiber = turn.fiber(branch.parent)
    waiting = fiber.waiting
    assert waiting is not None
    size = turn.exe.blocks[fiber.block].locals
    if branch.id in waiting[5]:
        waiting[5].remove(branch.id)
    if len(waiting) > PENDING:
        if not waiting[5]:
            turn.ready.append((fiber.id, "throw", Failure.from_plain(waiting[PENDING])))
        return
    waiting[7][branch.item] = branch.locals[size + 1]
    _launch(turn, fiber)
    if not waiting[5]:
        _store(fiber, waiting[6], [item for yields in waiting[7] for item in yields or ()])
        turn.ready.append((fiber.id, "resume", None))


def _store(fiber: Fiber, local: int | None, value: Any) -> None:
    if local is not None:
        fiber.locals[local] = value
