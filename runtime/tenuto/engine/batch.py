"""Many runs' work in one flush, and the way back when the store refuses it: halve until the culprit stands alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tenuto.engine.run import Work
from tenuto.store.protocol import Contended, Doubt, Flush, Flushed, LaneStore, Rejected


def build(works: Sequence[Work]) -> Flush:
    flush = Flush()
    for work in works:
        flush.history += work.history
        if work.run.strikes and not work.settled:
            flush.unsettled.add(work.run.key)
        if work.consumed:
            flush.consumed += work.consumed
        if work.children:
            flush.children += work.children
        if work.posts:
            flush.posts += work.posts
        if work.by_workflow_id:
            flush.by_workflow_id += work.by_workflow_id
        if work.attributes is not None:
            flush.attributes.append((work.run.key, work.attributes))
        if work.answers:
            flush.answers += work.answers
        if work.rewrite is not None:
            flush.rewrites.append(work.rewrite)
        if work.closing is not None:
            flush.closing.append(work.closing)
    return flush


def write(
    store: LaneStore,
    works: list[Work],
    committed: Callable[[list[Work], Flushed], None],
    refused: Callable[[Work, str], Work],
    undone: Callable[[Work], None],
) -> list[Work]:
    """Flush all works; each part that is written is `committed` before the next is tried.

    A work the store refuses even alone is handed to `refused`, which answers what to write in its place. When that is
    refused as well, nothing is known any more: Doubt. Answers the works that somebody else's lock keeps from being
    written: they are to be tried again later.

    The work of an activity with a transaction is written there, alone. When that fails, the transaction is rolled back
    and the activity has done nothing: `undone`, or `refused` for the data's fault.
    """
    contended: list[Work] = []
    plain = [work for work in works if work.transactional is None]
    for work in works:
        if work.transactional is not None:
            again = _write_within(store, work, committed, refused, undone)
            plain += [] if again is None else [again]
    waiting = [(plain, False)] if plain else []
    while waiting:
        part, last_try = waiting.pop()
        try:
            flushed = store.flush(build(part))
        except Contended:
            if len(part) > 1:
                middle = len(part) // 2
                waiting += [(part[middle:], last_try), (part[:middle], last_try)]
            else:
                contended += part
        except Rejected as rejection:
            reason = str(rejection.args[0]) if rejection.args else "no reason given"
            if last_try:
                raise Doubt(f"the store refuses even to park a run: {reason}") from rejection
            if len(part) > 1:
                middle = len(part) // 2
                waiting += [(part[middle:], False), (part[:middle], False)]
            else:
                waiting.append(([refused(part[0], reason)], True))
        else:
            committed(part, flushed)
    return contended


def _write_within(
    store: LaneStore,
    work: Work,
    committed: Callable[[list[Work], Flushed], None],
    refused: Callable[[Work, str], Work],
    undone: Callable[[Work], None],
) -> Work | None:
    """Commit an activity's transaction with its work. Answers what to write in the work's place, without it."""
    job = work.transactional
    assert job is not None, "only for work with a transaction"
    assert job.transaction is not None, "a job keeps its transaction until it is committed"
    try:
        flushed = store.flush(build([work]), job.transaction.channel)
    except Contended:
        undone(work)
        return None
    except Rejected as rejection:
        return refused(work, str(rejection.args[0]) if rejection.args else "no reason given")
    job.transaction.committed()
    committed([work], flushed)
    return None
