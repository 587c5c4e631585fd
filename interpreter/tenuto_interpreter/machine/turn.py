"""The working memory of one step: a snapshot of its own to change, the commands so far, and what is still to do.

Everything the machine's other files share goes through a `Turn`; it knows no meaning of its own.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable
from typing import Any, TypeAlias

from tenuto_interpreter import codec
from tenuto_interpreter.commands import Command
from tenuto_interpreter.expr import Context, ExpressionError
from tenuto_interpreter.machine.executable import Executable
from tenuto_interpreter.machine.snapshot import Fiber, Op, Snapshot
from tenuto_interpreter.values.texts import duration_to_us, timestamp_from_us

MAX_INSTRUCTIONS = 100_000
"""Instructions one event may cause; a program that needs more is looping without waiting."""

MAX_TRANSITIONS = 1_000
"""Transitions one event may cause."""

EXPRESSION_BUDGET = 1_000_000
"""Cost units all expressions of one event may spend together."""


Observe: TypeAlias = Callable[[int, int], None]
"""Told of every state entered, as (state, -1), and of every transition taken, as (source, its index)."""

_MAY_BE_UNSTORABLE = frozenset((float, dict, list, tuple))


class Fault(Exception):
    """The program is at fault: an expression failed or a budget is spent. Args: reason, place."""


def storable(value: Any, place: str) -> None:
    """Raise Fault for a value that no snapshot could hold: not a number, or nested too deep."""
    try:
        codec.check_payload(value)
    except codec.PayloadError as error:
        raise Fault(f"a value that cannot be kept: {error.reason}", place) from None


class Turn:
    """`internal` are the events states raise for each other; `ready` the fibers that can run, with what resumes them.

    A `ready` entry is (fiber, how, value): "go" runs on, "throw" raises the failure `value` at the fiber's place.
    """

    __slots__ = (
        "at", "commands", "context", "exe", "instructions", "internal", "observe", "owned", "randoms", "ready", "snap",
        "transitions",
    )  # fmt: skip

    def __init__(
        self, exe: Executable, snap: Snapshot, at: int, randoms: int = 0, observe: Observe | None = None
    ) -> None:
        self.exe = exe
        self.snap = snap
        self.at = at
        self.commands: list[Command] = []
        self.internal: deque[tuple[str, int, Any]] = deque()
        self.ready: deque[tuple[int, str, Any]] = deque()
        self.owned: set[int] = set()
        self.instructions = 0
        self.transitions = 0
        self.randoms = randoms
        self.observe = observe
        self.context = Context(
            now=at, config=snap.config, workflow=WorkflowFacts(self), active=self.is_active,
            random=self.random, uuid=self.uuid, budget=EXPRESSION_BUDGET,
        )  # fmt: skip

    # -- what the outside provides ---------------------------------------------------------------------------------

    def _random_bits(self) -> bytes:
        """Derived from the run, the event and a count, so that replay draws the same."""
        self.randoms += 1
        seed = f"{self.snap.run_id}:{self.snap.seq}:{self.randoms}".encode()
        return hashlib.blake2b(seed, digest_size=16).digest()

    def random(self) -> float:
        """In [0, 1)."""
        return int.from_bytes(self._random_bits()[:7], "big") / (1 << 56)

    def uuid(self) -> str:
        """A version 4 UUID."""
        bits = bytearray(self._random_bits())
        bits[6] = bits[6] & 0x0F | 0x40
        bits[8] = bits[8] & 0x3F | 0x80
        text = bits.hex()
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def is_active(self, path: str) -> bool:
        states = self.exe.states
        return any(states[s].path == path for s in self.snap.active)

    # -- evaluation ------------------------------------------------------------------------------------------------

    def value(self, expression: int, frame: list[Any], place: str) -> Any:
        """The value of an expression. Raises Fault when it fails, and for a value that no snapshot could hold."""
        try:
            value = self.exe.evaluate[expression](self.snap.vars, frame, self.context)
        except ExpressionError as error:
            raise Fault(str(error), place) from None
        if type(value) in _MAY_BE_UNSTORABLE:
            storable(value, place)
        return value

    def microseconds(self, expression: int | None, frame: list[Any], place: str) -> int | None:
        """The value of a duration expression in microseconds, None when there is no expression."""
        if expression is None:
            return None
        known = self.exe.constants.get(expression)
        value = known if known is not None else self.value(expression, frame, place)
        return duration_to_us(value)

    # -- the snapshot's parts --------------------------------------------------------------------------------------

    def new_id(self) -> int:
        id = self.snap.next_id
        self.snap.next_id = id + 1
        return id

    def fiber(self, id: int) -> Fiber:
        """A fiber to change."""
        fiber = self.snap.fibers[id]
        if id not in self.owned:
            self.owned.add(id)
            fiber = self.snap.fibers[id] = fiber.copy()
        return fiber

    def op(self, id: int) -> Op:
        """An operation to change."""
        op = self.snap.ops[id]
        if id not in self.owned:
            self.owned.add(id)
            op = self.snap.ops[id] = op.copy()
        return op

    def add_op(self, op: Op) -> Op:
        self.snap.ops[op.id] = op
        self.owned.add(op.id)
        return op

    def owner_of(self, fiber: Fiber, up: int = 0) -> int:
        """The fiber that a fiber works for: of a branch, the one whose block holds the outermost fork.

        Where branches compensate by themselves each works for itself until it ends, and then for its fork; `up` counts
        forks outwards.
        """
        if self.exe.branches_undo:
            for _ in range(up):
                fiber = self.snap.fibers[fiber.parent]
            return fiber.id
        while fiber.role == "branch":
            fiber = self.snap.fibers[fiber.parent]
        return fiber.id

    def add_fiber(self, role: str, state: int, block: int, frame: list[Any], **more: Any) -> Fiber:
        """A new fiber, ready to run."""
        size = self.exe.blocks[block].locals
        id = self.new_id()
        self.owned.add(id)
        fiber = Fiber(id, role, state, block, frame + [None] * (size - len(frame)), **more)
        self.snap.fibers[id] = fiber
        self.ready.append((id, "go", None))
        return fiber

    def remove_fiber(self, fiber: Fiber) -> None:
        """A fiber has come to its end: what a branch has done is from now on its fork's doing."""
        snap = self.snap
        del snap.fibers[fiber.id]
        if self.exe.branches_undo and fiber.role == "branch":
            if any(entry[3] == fiber.id for entry in snap.undo):
                snap.undo = [[*e[:3], fiber.parent] if e[3] == fiber.id else e for e in snap.undo]
            for op in list(snap.ops.values()):
                if op.owner == fiber.id:
                    self.op(op.id).owner = fiber.parent

    def count(self, name: str | None) -> None:
        """Count a call, for the properties that ask how many there were."""
        if self.exe.counts_calls and name is not None:
            self.snap.counts = {**self.snap.counts, name: self.snap.counts.get(name, 0) + 1}

    def add_timer(self, due: int, kind: str, *more: Any) -> int:
        id = self.new_id()
        self.snap.timers[id] = [due, kind, *more]
        return id

    def drop_timer(self, id: int | None) -> None:
        if id is not None:
            self.snap.timers.pop(id, None)


class WorkflowFacts(dict[str, Any]):
    """The `workflow` namespace of expressions; what costs something to find out is found out when asked for."""

    __slots__ = ("turn",)

    def __init__(self, turn: Turn) -> None:
        self.turn = turn

    def __missing__(self, key: str) -> Any:
        snap, exe = self.turn.snap, self.turn.exe
        match key:
            case "id":
                return snap.workflow_id
            case "run_id":
                return snap.run_id
            case "name":
                return exe.program.name
            case "version":
                return exe.program.version
            case "state":
                return ", ".join(exe.state_names(snap.active))
            case "started_at":
                return timestamp_from_us(snap.started_at)
            case "fired_at":
                return timestamp_from_us(snap.started_at if snap.fired_at is None else snap.fired_at)
            case _:
                raise KeyError(key)
