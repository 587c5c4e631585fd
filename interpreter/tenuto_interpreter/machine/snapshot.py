"""What a run remembers between two events: plain data with a versioned encoding.

Nothing here refers to Python objects of the program: states, blocks, calls and transitions are indices into the
`Program` the run is pinned to, places are program counters, times are microseconds. Decoding is therefore all it takes
to go on, in another process or another year; no user code runs again.

The parts, and which promise each keeps:

- `active`: the configuration, every active state from the root down, in document order.
- `fibers`: durable blocks in progress (`do`, the work of a reaction, the branches of a fork), each a program counter,
  locals, and what it waits for. One that was interrupted and owes a `finally` is leaving: it outlives its state.
- `ops`: operations in flight. An op outlives its fiber when the state is left (`fiber` becomes None): its outcome is
  still recorded, and a late success still pushes its undo. A run closes only when no op is left.
- `undo`: what to take back, oldest first. `commit` empties it; `compensate` runs all of it, or what one `try` pushed.
- `mailbox`: messages nobody has taken yet, oldest first: signals, deferred updates, a deferred cancellation.
- `timers`: everything that happens by itself, by due time.
- `ending`: set once the outcome is decided; what is left is to run the `finally` blocks that were interrupted (phase
  `leaving`), to compensate (phase `compensating`) and to wait for operations in flight (phase `closing`).
- `counts`, `violated`, `fulfilled`: what watching properties needs: how often each activity and workflow was called (if
  a property asks), the properties reported as violated, and those that `eventually` came true.
- `parked`: set when the program itself is at fault; the event that showed it, and those after it, wait in `held` until
  an operator has repaired the run. Nothing of the faulty step is kept.
"""

from __future__ import annotations

from typing import Any

from tenuto_interpreter import codec
from tenuto_interpreter.events import (
    ActivityCompleted,
    ActivityFailed,
    AttemptLost,
    Event,
    Failure,
    UnknownRecord,
    event_from_plain,
    event_to_plain,
)

FORMAT = 1


class Fiber:
    """A durable block in progress.

    `role`: "do" (of `state`), "work" (of transition `transition` of `state`), "branch" (of the fork of fiber `parent`,
    for item `item`). `waiting` is None while it can run, else a list headed by what it waits for:
    ["op", op, local], ["timer", timer], ["cond", e, timer, local], ["receive", signal, local, guard, timer],
    ["undo", mark, op], ["join", n_items, blocks, limit, next, live fibers, n_results, results].
    ["resolve", ops]: since a migration, what was in flight before the block begins anew.
    A "join" holds the failure to be raised in the end when its remaining branches are leaving.
    `update` is the update its transition answers, None once answered. `leaving`: interrupted, it still owes a `finally`
    or is in the midst of one, and belongs to `state` no more.
    """

    __slots__ = (
        "block", "id", "item", "leaving", "locals", "parent", "pc", "role", "state", "transition", "update", "waiting",
    )  # fmt: skip

    def __init__(
        self, id: int, role: str, state: int, block: int, locals: list[Any], pc: int = 0,
        waiting: list[Any] | None = None, transition: int = -1, parent: int = -1, item: int = -1,
        update: str | None = None, leaving: bool = False,
    ) -> None:  # fmt: skip
        self.id = id
        self.role = role
        self.state = state
        self.block = block
        self.locals = locals
        self.pc = pc
        self.waiting = waiting
        self.transition = transition
        self.parent = parent
        self.item = item
        self.update = update
        self.leaving = leaving

    def copy(self) -> Fiber:
        waiting = self.waiting
        if waiting is not None:
            waiting = [item[:] if type(item) is list else item for item in waiting]
        return Fiber(
            self.id, self.role, self.state, self.block, self.locals[:], self.pc, waiting,
            self.transition, self.parent, self.item, self.update, self.leaving,
        )  # fmt: skip

    def to_plain(self) -> list[Any]:
        plain = [
            self.id, self.role, self.state, self.block, self.locals, self.pc, self.waiting,
            self.transition, self.parent, self.item, self.update,
        ]  # fmt: skip
        if self.leaving:
            plain.append(True)
        return plain


class Op:
    """An operation in flight: a call of an activity, a child, or an undo, which is either.

    `call` indexes `Program.calls` (-1 for an undo), `activity` `Program.activities` (-1 for a workflow). `state` is
    "running" (dispatched), "backoff" (waits for `timer`), "stopping" (a child that has taken too long; while it runs,
    its `timer` says when that is), "stuck" (an undo that failed for good; its run is parked), "unbegun" (its attempt
    could not begin, or was handed on before it did) or "unread" (its answer could not be used). `args` of a child that
    may be tried again are its workflow id and its input, those of an undo also its workflow. `failures` counts against
    the retry policy, `losses` attempts whose process vanished. `limits` are the evaluated attempt, heartbeat and queued
    timeouts in microseconds; `policy` is (times, backoff, factor, up to).
    `undo` holds arguments evaluated when the call was scheduled; `frame` the caller's locals, kept when the caller is
    gone and the undo still needs them, headed by the local the result goes to. `doubt`: an earlier attempt may have had
    its effect (it timed out, or its process was lost). `owner` is the fiber it was called for (`Turn.owner_of`).
    `passed`: a compensation that covers it has gone by, so that its undo is run at once. `since`: when its attempt was
    scheduled, known where there is a limit to its waiting; while it is "unbegun", `timer` says when that is over.
    """

    __slots__ = (
        "activity", "args", "attempt", "call", "cancelled", "doubt", "failures", "fiber", "frame", "id", "kind",
        "limits", "losses", "overall", "owner", "passed", "policy", "priority", "queue", "since", "state", "timer",
        "undo",
    )  # fmt: skip

    def __init__(
        self, id: int, kind: str, call: int, activity: int, args: Any, fiber: int | None,
        state: str = "running", attempt: int = 1, failures: int = 0, losses: int = 0,
        timer: int | None = None, overall: int | None = None, limits: Any = (None, None, None),
        policy: Any = (0, 0, 0, 0), queue: str | None = None, priority: int = 0,
        undo: list[Any] | None = None, frame: list[Any] | None = None, cancelled: bool = False, doubt: bool = False,
        owner: int = -1, passed: bool = False, since: int | None = None,
    ) -> None:  # fmt: skip
        self.id = id
        self.kind = kind
        self.call = call
        self.activity = activity
        self.args = args
        self.fiber = fiber
        self.state = state
        self.attempt = attempt
        self.failures = failures
        self.losses = losses
        self.timer = timer
        self.overall = overall
        self.limits = limits
        self.policy = policy
        self.queue = queue
        self.priority = priority
        self.undo = undo
        self.frame = frame
        self.cancelled = cancelled
        self.doubt = doubt
        self.owner = owner
        self.passed = passed
        self.since = since

    @property
    def is_workflow(self) -> bool:
        """Whether a child run does it: what is said about attempts of activities does not hold for it."""
        return self.activity < 0

    def to_plain(self) -> list[Any]:
        plain = [
            self.id, self.kind, self.call, self.activity, self.args, self.fiber, self.state, self.attempt,
            self.failures, self.losses, self.timer, self.overall, list(self.limits), list(self.policy), self.queue,
            self.priority, self.undo, self.frame, self.cancelled, self.doubt, self.owner, self.passed,
        ]  # fmt: skip
        if self.since is not None:
            plain.append(self.since)
        return plain

    def copy(self) -> Op:
        return Op(*self.to_plain())


class Ending:
    """How the run ends, decided and not yet done. `kind`: completed, failed, cancelled or continued."""

    __slots__ = ("failure", "kind", "result")

    def __init__(self, kind: str, result: Any = None, failure: Failure | None = None) -> None:
        self.kind = kind
        self.result = result
        self.failure = failure

    def to_plain(self) -> list[Any]:
        return [self.kind, self.result, self.failure.to_plain() if self.failure else None]

    @staticmethod
    def from_plain(data: list[Any]) -> Ending:
        return Ending(data[0], data[1], Failure.from_plain(data[2]) if data[2] else None)


class Snapshot:
    """See the module's docstring. `step` never changes one: it answers with another.

    `fired_at` is when the latest tick of an `every` was due.
    `vars` holds parameters, then variables. `done` are the states whose completion is being announced, or
    never will be because their `do` has failed. `memory` maps a
    state to the active descendants it had when it was left, for `history(…)`. A message is
    (kind, id, name, payload); a timer is [due, kind, …]; an undo entry is [activity, args, op, owner], of the
    call it takes back; of an undo by a workflow [its name, its input, op, owner].
    """

    __slots__ = (
        "active", "attributes", "closed", "config", "counts", "done", "ending", "fibers", "fired_at", "fulfilled",
        "held", "mailbox", "memory", "next_id", "ops", "parked", "run_id", "seq", "started_at", "timers", "undo",
        "vars", "violated", "workflow_id",
    )  # fmt: skip

    def __init__(self) -> None:
        self.seq = 0
        self.run_id = ""
        self.workflow_id = ""
        self.started_at = 0
        self.fired_at: int | None = None
        self.config: dict[str, Any] = {}
        self.vars: list[Any] = []
        self.active: list[int] = []
        self.done: list[int] = []
        self.fibers: dict[int, Fiber] = {}
        self.ops: dict[int, Op] = {}
        self.timers: dict[int, list[Any]] = {}
        self.mailbox: list[tuple[str, str, str, Any]] = []
        self.undo: list[list[Any]] = []
        self.memory: dict[int, list[int]] = {}
        self.attributes: dict[str, Any] = {}
        self.next_id = 1
        self.ending: Ending | None = None
        self.parked: tuple[str, str] | None = None
        self.held: list[Event] = []
        self.closed: str | None = None
        self.counts: dict[str, int] = {}
        self.violated: list[str] = []
        self.fulfilled: list[str] = []

    @staticmethod
    def new() -> Snapshot:
        """The snapshot before the first event, which must be RunStarted."""
        return Snapshot()

    @property
    def status(self) -> str:
        """new, open, leaving, compensating, closing, parked or closed."""
        if self.closed is not None:
            return "closed"
        if self.parked is not None:
            return "parked"
        if self.ending is not None:
            if self.fibers:
                return "leaving"
            undoing = self.undo or any(op.kind == "undo" for op in self.ops.values())
            return "compensating" if undoing and self.ending.kind in ("failed", "cancelled") else "closing"
        return "open" if self.seq else "new"

    def leaving(self) -> list[int]:
        """The states that were left and whose interrupted `finally` blocks still run, in document order."""
        return sorted({fiber.state for fiber in self.fibers.values() if fiber.leaving})

    def wakeup(self) -> int | None:
        """When the earliest timer is due, in microseconds; None when nothing happens by itself."""
        if self.parked is not None or not self.timers:
            return None
        due: int = min(timer[0] for timer in self.timers.values())
        return due

    def due(self, at: int) -> int | None:
        """The timer to fire at this time: the earliest due, the oldest of those due at once."""
        if self.parked is not None or not self.timers:
            return None
        timer = min(self.timers.items(), key=lambda item: (item[1][0], item[0]))
        return timer[0] if timer[1][0] <= at else None

    def in_flight(self) -> list[tuple[int, int]]:
        """(op, attempt) of every activity attempt that was dispatched and whose outcome is not recorded."""
        outcomes = (ActivityCompleted, ActivityFailed, AttemptLost)
        known = {(event.op, event.attempt) for event in self.held if isinstance(event, outcomes)}
        return [
            (op.id, op.attempt)
            for op in self.ops.values()
            if not op.is_workflow and op.state == "running" and (op.id, op.attempt) not in known
        ]

    def unbegun(self) -> list[tuple[int, int]]:
        """(op, attempt) of every attempt that waits for an engine to begin it."""
        if self.parked is not None:
            return []
        return [(op.id, op.attempt) for op in self.ops.values() if op.state == "unbegun"]

    def waits_for_runtime(self) -> bool:
        """Whether an activity attempt is out, or to begin: the owner of the run had better keep it."""
        return bool(self.in_flight() or self.unbegun())

    def copy(self) -> Snapshot:
        """A copy for one step to change.

        Its dicts may be changed in place; lists are replaced, never changed; fibers and ops are copied by the step when
        it first touches them (`Turn.fiber`, `Turn.op`). So a step costs what it touches, however much a run holds.
        """
        new = Snapshot.__new__(Snapshot)
        new.seq = self.seq
        new.run_id = self.run_id
        new.workflow_id = self.workflow_id
        new.started_at = self.started_at
        new.fired_at = self.fired_at
        new.config = self.config
        new.vars = self.vars[:]
        new.active = self.active
        new.done = self.done
        new.fibers = self.fibers.copy()
        new.ops = self.ops.copy()
        new.timers = self.timers.copy()
        new.mailbox = self.mailbox
        new.undo = self.undo
        new.memory = self.memory
        new.attributes = self.attributes
        new.next_id = self.next_id
        new.ending = self.ending
        new.parked = self.parked
        new.held = self.held
        new.closed = self.closed
        new.counts = self.counts
        new.violated = self.violated
        new.fulfilled = self.fulfilled
        return new

    def encode(self) -> bytes:
        """The stored form; equal snapshots give equal bytes."""
        watched = [self.counts, self.violated, self.fulfilled]
        return codec.encode(
            [
                FORMAT, self.seq, self.run_id, self.workflow_id, self.started_at, self.fired_at, self.config,
                self.vars, self.active, self.done,
                [fiber.to_plain() for fiber in self.fibers.values()],
                [op.to_plain() for op in self.ops.values()],
                [[id, *timer] for id, timer in self.timers.items()],
                [list(message) for message in self.mailbox], self.undo,
                [[state, leaves] for state, leaves in self.memory.items()],
                self.attributes, self.next_id,
                self.ending.to_plain() if self.ending else None,
                list(self.parked) if self.parked else None, [event_to_plain(event) for event in self.held], self.closed,
                *([watched] if any(watched) else []),
            ]
        )  # fmt: skip

    @staticmethod
    def decode(data: bytes) -> Snapshot:
        """The inverse of `encode`. Raises UnknownRecord for a snapshot of another format."""
        plain = codec.decode(data)
        if not isinstance(plain, list) or not plain or plain[0] != FORMAT:
            raise UnknownRecord("a snapshot of another format: it was written by a newer program")
        new = Snapshot.__new__(Snapshot)
        (
            _, new.seq, new.run_id, new.workflow_id, new.started_at, new.fired_at, new.config, new.vars, new.active,
            new.done, fibers, ops, timers, mailbox, new.undo, memory, new.attributes, new.next_id, ending, parked, held,
            new.closed, *watched,
        ) = plain  # fmt: skip
        new.fibers = {fiber[0]: Fiber(fiber[0], *fiber[1:]) for fiber in fibers}
        new.ops = {op[0]: Op(*op) for op in ops}
        new.timers = {timer[0]: timer[1:] for timer in timers}
        new.mailbox = [tuple(message) for message in mailbox]
        new.memory = dict(memory)
        new.ending = Ending.from_plain(ending) if ending else None
        new.parked = tuple(parked) if parked else None
        new.held = [event_from_plain(event) for event in held]
        new.counts, new.violated, new.fulfilled = watched[0] if watched else ({}, [], [])
        return new
