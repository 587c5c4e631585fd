"""What a store must do, whatever it is made of. One conformance suite holds every implementation to it.

Two faces. A `LaneStore` belongs to one lane: one engine connection, the only writer of history; all its calls come from
one thread. A `ClientStore` belongs to everybody else: it starts runs, puts news into inboxes and reads.

The rules behind it are the durability protocol's (`docs/durability.md`): a lane's row is the right to write; the inbox
row is the wake-up; `ready_at` is the timer; a close locks the run and then looks for news again; in doubt the lane
dies.

Times are microseconds since 1970 UTC. Run ids are the 16 bytes of a version 7 UUID; `shard` is a hash of the workflow
id. Payloads are opaque bytes (`tenuto_interpreter.codec`).
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from tenuto_dsl.filters import Filter


class Status(enum.IntEnum):
    """Stored as its number. A workflow id is taken while its run is open, closing or parked."""

    OPEN = 0
    CLOSING = 1
    COMPLETED = 2
    FAILED = 3
    CANCELLED = 4
    TERMINATED = 5
    CONTINUED = 6
    PARKED = 7

    @property
    def closed(self) -> bool:
        return Status.COMPLETED <= self <= Status.CONTINUED


class NewsKind(enum.IntEnum):
    """What an inbox row carries. Its payload is `codec.encode` of the list given here."""

    SIGNAL = 1
    """[name, payload]; the row's `ref` is the message id"""
    UPDATE = 2
    """[name, payload]; `ref` is the update id"""
    CANCEL = 3
    """[reason]"""
    TERMINATE = 4
    """[reason]"""
    CHILD = 5
    """["completed", op, result] or ["failed", op, failure]"""
    RETRY = 6
    """[]"""
    MIGRATE = 7
    """[digest of the definition to go on in, in hexadecimal]; `ref` is the request its answer is given to"""


ORDERS = (NewsKind.TERMINATE, NewsKind.RETRY, NewsKind.MIGRATE)
"""News that wakes a parked run."""


class RunKey(NamedTuple):
    shard: int
    run_id: bytes


@dataclass(slots=True)
class NewRun:
    """A run to insert. `start` is what its first claim hands to the engine (`codec.encode` of input and messages)."""

    key: RunKey
    workflow_id: str
    workflow: str
    definition: bytes
    start: bytes
    parent: RunKey | None = None
    parent_op: int | None = None
    on_close: str = "terminate"
    ready_at: int | None = None
    """None: at once."""


@dataclass(slots=True)
class News:
    key: RunKey
    id: int
    kind: int
    ref: str
    payload: bytes


@dataclass(slots=True)
class Claimed:
    """A run that now belongs to the lane, with everything needed to go on.

    With `snapshot_seq` 0, `snapshot` is the run's `start` payload. `tail` are the payloads of the history rows
    snapshot_seq+1, snapshot_seq+2, …, without a gap (the store has checked).
    """

    key: RunKey
    workflow_id: str
    definition: bytes
    snapshot_seq: int
    snapshot: bytes
    tail: list[bytes]
    news: list[News]
    strikes: int
    parent: RunKey | None
    parent_op: int | None


@dataclass(slots=True)
class Post:
    """News for another run. With `source`, it is delivered only if that run closes in the same flush."""

    target: RunKey
    kind: int
    ref: str
    payload: bytes
    source: RunKey | None = None


@dataclass(slots=True)
class Rewrite:
    """Rewrite a run's row. `release` gives it back (idle until `ready_at` or news); otherwise it is a checkpoint."""

    key: RunKey
    snapshot_seq: int
    snapshot: bytes
    ready_at: int | None
    states: str
    release: bool = True
    parked: str | None = None
    """The reason, when the run is to be parked."""
    definition: bytes | None = None
    """The definition that the run goes on in, when it has been migrated: the one that the snapshot is of."""


@dataclass(slots=True)
class Closing:
    """Close a run. `seq` is the last sequence number in use; leftover news is logged as unhandled after it.

    `outcome` is the encoded result or failure. `successor` (continue as new) takes over the workflow id, and the
    unread inbox rows move to it. Its children, and those of the runs it continues, get the orders of their `on_close`;
    with a successor they wait for that one's end.
    """

    key: RunKey
    status: Status
    seq: int
    outcome: bytes
    states: str
    successor: NewRun | None = None
    """A successor keeps its predecessor's workflow id, and so its shard, and its `on_close`."""


@dataclass(slots=True)
class Flush:
    """Everything a lane has to make durable, all or nothing, for many runs."""

    history: list[tuple[RunKey, int, bytes]] = field(default_factory=list)
    """(run, seq, payload)"""
    consumed: list[tuple[RunKey, int]] = field(default_factory=list)
    """(run, inbox id): exactly these are deleted, and all of them must be there"""
    children: list[NewRun] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    by_workflow_id: list[tuple[str, int, str, bytes]] = field(default_factory=list)
    """(workflow id, kind, ref, payload): news for whoever holds that workflow id; dropped if nobody does. A CANCEL is
    for a child: it goes to the child of the parent and operation that its `ref` names (`refusal.child_ref`), or to a
    run that continues it, and to nobody else."""
    attributes: list[tuple[RunKey, bytes]] = field(default_factory=list)
    """(run, JSON object)"""
    answers: list[tuple[str, str, bytes]] = field(default_factory=list)
    """(workflow id, update id, encoded outcome)"""
    rewrites: list[Rewrite] = field(default_factory=list)
    closing: list[Closing] = field(default_factory=list)
    unsettled: set[RunKey] = field(default_factory=set)
    """Runs that keep their strikes, in history and rewrite: nothing they did has ended well since they were claimed.
    Recording that an attempt was lost is no sign of health, or a run that always kills its engine would never be set
    apart."""

    def __bool__(self) -> bool:
        return bool(
            self.history or self.consumed or self.children or self.posts or self.by_workflow_id
            or self.attributes or self.answers or self.rewrites or self.closing
        )  # fmt: skip


@dataclass(slots=True)
class Flushed:
    closed: set[RunKey]
    """The runs of `closing` that are closed; the others could not be locked, stay owned, and are to be tried again."""
    not_started: set[RunKey]
    """The children whose workflow id is taken. For information: their parents find a CHILD "failed" row in the
    inbox."""
    undelivered: list[int] = field(default_factory=list)
    """Which of `by_workflow_id` nobody took, by their place: no open run has that workflow id."""


class Fenced(Exception):
    """The lane's row is gone: somebody declared it dead. Whatever it was writing has not been written."""


class Doubt(Exception):
    """The store did not answer, or not in a way we understand: the write may have happened or not. The lane dies."""


class Rejected(Exception):
    """The store refused the data (not the connection, not the lane). The batch is to be bisected. `Exception.args[0]`
    says why."""


class Contended(Rejected):
    """Somebody else held a lock for too long; nothing was written, nothing is wrong with the data. Bisect; what is left
    alone is to be tried again later, not given up."""


class LaneStore(Protocol):
    """One lane's connection. Every method raises `Fenced` when the lane is dead and `Doubt` when in doubt."""

    @property
    def lane(self) -> int:
        """This lane's identity, never reused."""

    def claim(
        self, limit: int, *, careful: bool = False, unfit: Collection[bytes] = (), queues: Collection[str] | None = None
    ) -> list[Claimed]:
        """Take up to `limit` runs that are due, have news, or wait in one of `queues` (None: in any), and that nobody
        owns, with tail and unread news. A run that is taken waits in no queue any more.

        A run that was held by a lane when it was reaped has a strike more; its next flush takes them all away. With two
        strikes or more it waits a while, and is handed out only with `careful`: such a claim returns runs with one
        number of strikes, in groups that shrink with it down to one (`strikes.group`). With eight it is parked.
        A parked run is handed out only when an order (ORDERS) is in its inbox; from then on it is open, until a rewrite
        parks it again. `unfit` are definitions this engine lacks the activities of: their runs are left to others, but
        for those that are to be terminated, or to go on in a definition that is none of these.
        """

    def give_back(self, keys: Sequence[RunKey]) -> None:
        """Give runs back as they were claimed, for another engine to take; those that waited in a queue are due."""

    def enqueue(self, waiting: Sequence[tuple[RunKey, str]]) -> None:
        """Let runs of this lane wait in a queue once they are released, which is to follow."""

    def news(self) -> list[News]:
        """Unread inbox rows of the runs this lane owns, oldest first (rows already handed out may come again)."""

    def flush(self, flush: Flush, within: Any = None) -> Flushed:
        """Write all or nothing. Raises `Rejected` when the data is at fault.

        `within` is the channel of an activity's open transaction: the flush is written there and commits it. Whatever
        is raised then, but for Doubt, nothing of that transaction remains.
        """

    def reap(self, *, force: Sequence[int] = ()) -> int:
        """Delete dead lanes (and those named in `force`) and give their runs back; returns how many runs.

        Dead: its server process is gone; or its lease has expired and its beat did not change for its time to live by
        this process's monotonic clock. Call it about every third of the time to live.
        """

    def next_ready_at(self, unfit: Collection[bytes] = ()) -> int | None:
        """When the earliest unowned open run of other definitions falls due; None when none will."""

    def now(self) -> int:
        """The store's clock."""

    def abandon(self) -> None:
        """Drop the connection without a farewell, when something went wrong while the lane held runs: whoever reaps it
        gives them back with a strike. Idempotent; never raises."""

    def close(self) -> None:
        """Give the lane up in good order: its runs are released at once. Idempotent; never raises."""


class Heart(Protocol):
    """The process's heartbeat connection, used from a thread of its own."""

    def beat(self, lanes: Sequence[int], ttl_ms: int) -> set[int]:
        """Extend the leases; returns the lanes that are still alive."""

    def close(self) -> None: ...


@dataclass(slots=True)
class RunView:
    """A run's row for people and programs."""

    key: RunKey
    workflow_id: str
    workflow: str
    definition: bytes
    status: Status
    states: str
    started_at: int
    closed_at: int | None
    ready_at: int | None
    owner: int | None
    strikes: int
    parked: str | None
    snapshot_seq: int
    snapshot: bytes
    outcome: bytes | None
    attributes: bytes | None
    parent: RunKey | None
    origin: bytes | None = None
    """The definition that history begins with, when it is another than `definition`, which is that of the snapshot."""


@dataclass(slots=True)
class HistoryRow:
    """`kind` "step" holds a record (event and commands); "unhandled" an inbox row the run never took; "closed" ends it.

    The payload of "closed" is the encoded list [name of the status]. `ref` and `news` (a NewsKind) are those of the
    unhandled inbox row.
    """

    seq: int
    at: int
    kind: str
    payload: bytes
    ref: str = ""
    news: int = 0


@dataclass(slots=True)
class Definition:
    digest: bytes
    workflow: str
    version: int
    program: bytes
    source: str
    form: str
    file: str


class WorkflowIdTaken(Exception):
    """`start`: a run of this id is open, or the reuse policy forbids another (args: workflow id, its run, why)."""


class WorkflowIdUsed(WorkflowIdTaken):
    """Nobody has the id any more, but the reuse policy forbids another run. The run in `args` is the last one."""


class NotFound(Exception):
    """No such run or workflow (args: its id)."""


class RunClosed(Exception):
    """The run has ended and takes no news (args: workflow id, status)."""


class ClientStore(Protocol):
    """Everybody else's connection. Raises `Doubt` (retry under the same request id) or `Unreachable`."""

    def deploy(self, definition: Definition) -> bool:
        """Store a definition and make it the one new runs of its workflow use; False when it already was.

        `version` is the store's to give: 1, 2, 3, … for each new digest of a workflow; the argument's is ignored.
        """

    def definition(self, workflow: str) -> Definition | None:
        """The definition new runs of this workflow use."""

    def definition_by_digest(self, digest: bytes) -> Definition | None: ...

    def definitions(self, workflow: str) -> list[Definition]:
        """All that were ever deployed of a workflow, the latest first."""

    def workflows(self) -> list[str]:
        """Names of deployed workflows."""

    def census(self, workflow: str) -> dict[bytes, int]:
        """How many runs of a workflow that have not ended are in which definition."""

    def start(
        self, run: NewRun, *, request: str | None = None, reuse: str = "allow", conflict: str = "fail"
    ) -> tuple[RunKey, bool]:
        """Insert a run. The same `request` again returns the first answer, with False.

        The run id makes it idempotent even without a request: the same run again is (its key, False).
        With `conflict` "use", the open run of that id is the answer, with False.
        Raises WorkflowIdTaken: a run of that id is open, or `reuse` is "reject" and there ever was one, or
        "if_failed" and the last one completed. Raises Rejected for data that can't be stored.
        """

    def start_many(self, runs: Sequence[NewRun]) -> list[RunKey]:
        """Insert many runs in one transaction; those whose workflow id is taken are left out."""

    def post(self, workflow_id: str, kind: int, payload: bytes, *, request: str | None = None) -> bool:
        """Put news into the inbox of the run that holds this workflow id. False: this request was accepted before.

        The inbox row's `ref` is the request, or a fresh id. Raises NotFound, RunClosed, Rejected.
        """

    def answer(self, workflow_id: str, request: str) -> bytes | None:
        """The outcome of an update or an order that was posted under this request; None while there is none.

        The run's own, or the encoded list ["closed", status] when it ended without having taken it."""

    def last_migration(self, workflow_id: str, since: int) -> bytes | None:
        """The outcome of the last order to migrate among those sent to a workflow id since a time and answered."""

    def view(
        self, workflow_id: str | None = None, *, key: RunKey | None = None, run_id: bytes | None = None
    ) -> RunView | None:
        """The open run of a workflow id, else its latest; or the run of that key or run id."""

    def runs(
        self, *, status: Sequence[Status] = (), workflow: str | None = None, prefix: str | None = None,
        filter: Filter | None = None, limit: int = 100, before: bytes | None = None,
    ) -> list[RunView]:  # fmt: skip
        """Newest first. `before` is the run id to go on from. A filter is one of `tenuto.store.filters`' columns."""

    def history(self, key: RunKey, *, after: int = 0, limit: int = 1000) -> list[HistoryRow]: ...

    def unread(self, key: RunKey) -> list[News]: ...

    def outcomes(self, keys: Sequence[RunKey]) -> dict[RunKey, tuple[Status, bytes | None]]:
        """Status and outcome of those runs that are closed."""

    def open_children(self, key: RunKey) -> dict[int, str]:
        """The workflow ids of those open children whose end a run waits for, by the operation that started them."""

    def last_of_chain(self, key: RunKey) -> RunKey | None:
        """The last of the runs that continue this one; None when none does."""

    def listen(self, timeout: float) -> bool:
        """Wait for a hint that some run has closed, at most `timeout` seconds. A hint may be missing: poll too."""

    def now(self) -> int: ...

    def close(self) -> None: ...


class Unreachable(Exception):
    """The database cannot be reached or refuses us. `Exception.args[0]` is a message for people, with the remedy."""


class SchemaMismatch(Exception):
    """The schema is newer than this program, or not migrated. `Exception.args[0]` is a message with the remedy."""


STORE_TROUBLE = (Unreachable, Doubt, SchemaMismatch)
"""The store's own trouble: never a reason to give up the run it was asked for."""
