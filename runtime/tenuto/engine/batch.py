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
) -> list[Work]:
    """Flush all works; each part that is written is `committed` before the next is tried.

    A work the store refuses even alone is handed to `refused`, which answers what to write in its place. When that is
    refused as well, nothing is known any more: Doubt. Answers the works that somebody else's lock keeps from being
    written: they are to be tried again later.
    """
    contended: list[Work] = []
    waiting = [(works, False)]
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
