"""When two snapshots are the same to whoever asks what can happen next: a key that equal ones share.

*Exact.* Operations, fibers and timers are renumbered in the order of their numbers; times are counted from now; values
that nothing reads (`flow`), attempts, losses, message ids, results and the run's identity are left out; counts of calls
that properties only compare with each other are counted from the least of them. None of that decides what comes next.

*Not exact*, and said so when it has made a difference (`Notes`): whole numbers beyond the constants of guards are told
apart by these only, lists longer than a few elements by their last ones. What the time of the day is never counts, only
how far off moments are.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from tenuto_interpreter.ir import Program
from tenuto_interpreter.machine import Snapshot
from tenuto_interpreter.machine.snapshot import Fiber, Op
from tenuto_interpreter.values.texts import timestamp_to_us

from tenuto_dsl.explore.asked import Clock, Counting, undo_can_fault
from tenuto_dsl.explore.atoms import ELEMENT, SIZE, Path
from tenuto_dsl.explore.flow import Flow
from tenuto_dsl.explore.report import Notes
from tenuto_dsl.testing.run import RUN_ID

Key: TypeAlias = tuple[Any, ...]

LONGEST_LIST = 4
"""Elements of a list that are told apart; of a longer one, its last ones."""

ROOM = 2
"""How far a counter is followed beyond the largest constant it may be compared with."""

LARGEST = 24
"""Constants beyond this are not counted up to."""


class Canonical:
    """Makes keys for one program. `timed` keys tell times apart, others only the order in which timers are due."""

    def __init__(self, program: Program, flow: Flow, notes: Notes) -> None:
        self.program = program
        self.flow = flow
        self.notes = notes
        self.tries = {place: _trie(paths) for place, paths in flow.places.items()}
        numbers = _numbers(flow)
        self.cap = max((abs(number) for number in numbers if abs(number) <= LARGEST), default=0) + ROOM
        self.large = sorted(number for number in numbers if abs(number) > LARGEST)
        self.most = max(self.cap, LONGEST_LIST + 1)
        self.counting = Counting(program, notes)
        self.clock = Clock(flow)
        self.faulty_undo = undo_can_fault(program)

    def key(self, snap: Snapshot, at: int) -> tuple[Key, Key]:
        """(what is told apart, but for times and fractions; these)."""
        if snap.closed is not None:
            unread = tuple(sorted({name for _, _, name, _ in snap.mailbox}))
            return ("closed", snap.closed, tuple(snap.active), unread, tuple(snap.violated), tuple(snap.fulfilled)), ()
        numbers = {id: rank for rank, id in enumerate(sorted([*snap.fibers, *snap.ops, *snap.timers]))}
        ids = sorted(numbers)
        reader = _Reader(self, numbers, ids, at)
        timers = sorted((timer[0] - at, id, timer) for id, timer in snap.timers.items())
        times: list[int] = [due for due, _, _ in timers]
        order = {due: rank for rank, due in enumerate(dict.fromkeys(times))}
        values = [
            reader.value(snap.vars[slot], self.tries[place])
            for slot in range(len(snap.vars))
            if (place := ("var", slot)) in self.tries
        ]
        ending = snap.ending
        key = (
            tuple(snap.active), tuple(snap.done), tuple(values),
            tuple(reader.fiber(fiber) for _, fiber in sorted(snap.fibers.items())),
            tuple(reader.op(op) for _, op in sorted(snap.ops.items())),
            tuple((order[due], timer[1], numbers.get(timer[2], timer[2]) if timer[1] not in _OF_STATES else timer[2],
                   *timer[3:]) for due, _, timer in timers),
            tuple((kind, name, reader.value(payload, self.tries.get((kind, name), {})))
                  for kind, _, name, payload in snap.mailbox),
            tuple((entry[0], reader.rank(entry[2]), reader.rank(entry[3])) for entry in snap.undo),
            tuple(sorted((state, tuple(below)) for state, below in snap.memory.items())),
            ending.kind if ending is not None else None,
            snap.parked, tuple(snap.violated), tuple(snap.fulfilled), self.counting.key(snap.counts),
        )  # fmt: skip
        return key, (*times, *reader.amounts, *self.clock.key(snap, at))

    def size(self, value: Any) -> int:
        """A size, as far as it is told apart."""
        if len(value) > self.most:
            self.notes.add(f"sizes of more than {self.most} are taken as equal")
        return min(len(value), self.most + 1)


_OF_STATES = ("after", "at", "every")


class _Reader:
    """What of one snapshot goes into its key; `amounts` gathers moments, counted from now, and fractions."""

    def __init__(self, canonical: Canonical, numbers: dict[int, int], ids: list[int], at: int) -> None:
        self.canonical = canonical
        self.numbers = numbers
        self.ids = ids
        self.at = at
        self.amounts: list[Any] = []

    def rank(self, number: int) -> int:
        """How many of the numbers in use are smaller: what a comparison of numbers can tell."""
        return sum(id < number for id in self.ids)

    def op(self, op: Op) -> Key:
        failures = op.failures if op.kind == "child" else 0
        undo = op.args[2] if op.kind == "undo" and op.is_workflow else None
        return (
            self.numbers[op.id], op.kind, op.call, op.activity, undo, self._maybe(op.fiber), op.state, failures,
            self._maybe(op.timer), self._maybe(op.overall), op.undo is not None, self._frame(op), op.cancelled,
            op.doubt, self.rank(op.owner), op.passed,
        )  # fmt: skip

    def _frame(self, op: Op) -> Any:
        """Whether an undo is to come from what its caller knew, and what that was, where it can make it fail."""
        if op.frame is None or op.call not in self.canonical.faulty_undo:
            return op.frame is not None
        return self.value(op.frame, None)

    def _maybe(self, number: int | None) -> int | None:
        return None if number is None else self.numbers.get(number, -1)

    def fiber(self, fiber: Fiber) -> Key:
        block = self.canonical.program.blocks[fiber.block]
        tries, marks = self.canonical.tries, self.canonical.flow.marks
        counters = {code[2] for code in block.code if code[0] in ("iterate", "next")}
        local: list[Any] = []
        for n, value in enumerate(fiber.locals):
            if (fiber.block, n) in marks:
                local.append(None if value is None else self.rank(value))
            elif n in counters:
                local.append(value)
            elif ("local", fiber.block, n) in tries:
                local.append(self.value(value, tries["local", fiber.block, n]))
        waiting: Any = fiber.waiting
        if waiting is not None:
            waiting = self._waiting(fiber, list(waiting))
        return (
            self.numbers[fiber.id], fiber.role, fiber.state, fiber.block, fiber.pc, tuple(local), waiting,
            fiber.transition, self._maybe(fiber.parent), fiber.item, fiber.update is not None, fiber.leaving,
        )  # fmt: skip

    def _waiting(self, fiber: Fiber, waiting: list[Any]) -> Key:
        match waiting[0]:
            case "op":
                return ("op", self._maybe(waiting[1]), waiting[2])
            case "timer":
                return ("timer", self._maybe(waiting[1]))
            case "cond":
                return ("cond", waiting[1], self._maybe(waiting[2]), waiting[3])
            case "receive":
                return (*waiting[:4], self._maybe(waiting[4]))
            case "undo":
                return ("undo", None if waiting[1] is None else self.rank(waiting[1]), self._maybe(waiting[2]))
            case "join":
                live = tuple(self._maybe(id) for id in waiting[5])
                trie = self.canonical.tries.get(("local", fiber.block, waiting[6]))
                results = self.value(waiting[7], {ELEMENT: trie}) if trie is not None else len(waiting[7])
                return ("join", waiting[4], live, results, len(waiting) > 8)
            case "resolve":
                return ("resolve", tuple(self._maybe(id) for id in waiting[1]))
            case _:
                return (waiting[0],)

    def value(self, value: Any, trie: Mapping[str, Any] | None) -> Any:
        """What of a value is read, made hashable; ints and floats and bools are told apart."""
        if trie is not None and not trie:
            trie = None  # all of it
        if isinstance(value, dict):
            return self._dict(value, trie)
        if isinstance(value, list | tuple):
            return self._list(value, trie)
        if isinstance(value, bool) or value is None or isinstance(value, str):
            return _without_number(value) if isinstance(value, str) and value.startswith(_CHILD) else value
        if isinstance(value, int):
            cap, large = self.canonical.cap, self.canonical.large
            if abs(value) <= cap:
                return value
            self.canonical.notes.add(f"whole numbers beyond {cap} are told apart by the constants of guards only")
            return ("beyond", value > 0, bisect_left(large, value), bisect_right(large, value))
        if isinstance(value, datetime):
            self.amounts.append(timestamp_to_us(value) - self.at)
            return ("time", timestamp_to_us(value) <= self.at)
        if isinstance(value, Decimal | float):
            self.amounts.append(value)
            return (type(value).__name__, value < 0)
        if isinstance(value, timedelta):
            return ("duration", value)
        return (type(value).__name__, value)

    def _dict(self, value: dict[str, Any], trie: Mapping[str, Any] | None) -> Key:
        whole = trie is None or ELEMENT in trie
        keys = sorted(value) if trie is None or ELEMENT in trie else [k for k in sorted(trie) if k in value]
        below = (trie or {}).get(ELEMENT)
        found = tuple(
            (k, self.value(value[k], (trie or {}).get(k, below) if trie is not None else None))
            for k in keys if value[k] is not None
        )  # fmt: skip
        return found if whole or trie is None or SIZE not in trie else (*found, (SIZE, self.canonical.size(value)))

    def _list(self, value: Sequence[Any], trie: Mapping[str, Any] | None) -> Key:
        if trie is not None and set(trie) == {SIZE}:
            return (SIZE, self.canonical.size(value))
        if len(value) > LONGEST_LIST:
            self.canonical.notes.add(f"lists of more than {LONGEST_LIST} elements are told apart by their last ones")
        below = trie.get(ELEMENT, {"": None}) if trie is not None else None
        size = self.canonical.size(value) if trie is None or SIZE in trie else min(len(value), LONGEST_LIST + 1)
        return ("list", size, *(self.value(item, below) for item in value[-LONGEST_LIST:]))


_CHILD = f"{RUN_ID}/"
"""How the workflow ids begin that children are given."""


def _without_number(text: str) -> str:
    """The workflow id of a child without the number it has from its parent."""
    head, dash, tail = text.rpartition("-")
    return head if dash and tail.isdigit() else text


def _trie(paths: list[Path]) -> dict[str, Any]:
    """Paths as nested dicts; an empty one stands for all that lies below."""
    root: dict[str, Any] = {}
    if () in paths:
        return root
    whole = {path for path in paths if not any(path[:n] in paths for n in range(1, len(path)))}
    for path in sorted(whole):
        node = root
        for step in path:
            node = node.setdefault(step, {})
    return root


def _numbers(flow: Flow) -> set[int]:
    """The whole numbers that guards compare with."""
    return {
        compared.other for known in flow.compared.values() for compared in known if type(compared.other) is int
    }  # fmt: skip
