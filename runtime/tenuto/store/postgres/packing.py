"""A `Flush` as the parameters of `tenuto.flush`, in its order. Pure: no connection, no clock.

Raises Rejected for values that no array can carry (a lone surrogate, a number out of range).
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Sequence

from tenuto.store.ids import shard_of
from tenuto.store.postgres import arrays as a
from tenuto.store.protocol import Closing, Flush, NewRun, Post, Rejected, RunKey
from tenuto.store.refusal import refusal

ON_CLOSE = {"abandon": 0, "cancel": 1, "terminate": 2}

_Row = list[bytes]
_NO_HISTORY = [a.int2s(()), a.uuids(()), a.int4s(()), a.byteas(())]
_NO_CONSUMED = [a.int2s(()), a.uuids(()), a.int8s(())]


def pack_flush(
    lane: int, flush: Flush, forgiven: Collection[RunKey] = (), publish: Collection[RunKey] = ()
) -> Sequence[bytes]:
    """`forgiven`: runs whose strikes end with this flush. `publish`: closings to be announced if they fail again."""
    try:
        # Attributes travel with the rewrite or the close of the same run, if there is one: one version of the row less.
        attributes = dict(flush.attributes)
        packed = [a.int8(lane), *_history(flush), *_consumed(flush)]
        packed += new_runs(flush.children)
        packed.append(a.byteas([refusal(child) for child in flush.children]))
        packed += _posts(flush.posts)
        packed += _by_workflow_id(flush)
        packed += _answers(flush)
        rewrites = _rewrites(flush, attributes)
        closing = _closing(flush.closing, attributes, publish)
        rewritten = {row.key for row in flush.rewrites} | {row.key for row in flush.closing}
        touched = {key: None for key in forgiven if key not in rewritten} | attributes
        packed += _touched(touched, flush.unsettled)
        packed += rewrites
        packed += closing
        packed += _successors(flush.closing)
    except (UnicodeEncodeError, struct.error, OverflowError) as error:
        raise Rejected(f"a value cannot be stored: {error}") from None
    return packed


def pack_migrations(flush: Flush) -> Sequence[bytes]:
    """The three arrays that `tenuto.flush_migrated` takes before those of `tenuto.flush`; nothing for most flushes."""
    found = [(row.key, row.definition) for row in flush.rewrites if row.definition is not None]
    if not found:
        return ()
    keys, definitions = zip(*found, strict=True)
    return (a.int2s([k.shard for k in keys]), a.uuids([k.run_id for k in keys]), a.byteas(definitions))


def new_runs(runs: Sequence[NewRun]) -> _Row:
    """The eleven arrays of NEW_RUN_TYPES."""
    return [
        a.int2s([run.key.shard for run in runs]),
        a.uuids([run.key.run_id for run in runs]),
        a.texts([run.workflow_id for run in runs]),
        a.texts([run.workflow for run in runs]),
        a.byteas([run.definition for run in runs]),
        a.byteas([run.start for run in runs]),
        a.nullable_int2s([run.parent.shard if run.parent else None for run in runs]),
        a.nullable_uuids([run.parent.run_id if run.parent else None for run in runs]),
        a.nullable_int4s([run.parent_op for run in runs]),
        a.int2s([ON_CLOSE[run.on_close] for run in runs]),
        a.timestamps([run.ready_at for run in runs]),
    ]


def _history(flush: Flush) -> _Row:
    if not flush.history:
        return _NO_HISTORY
    keys, seqs, payloads = zip(*flush.history, strict=True)
    shards, runs = zip(*keys, strict=True)
    return [a.int2s(shards), a.uuids(runs), a.int4s(seqs), a.byteas(payloads)]


def _consumed(flush: Flush) -> _Row:
    if not flush.consumed:
        return _NO_CONSUMED
    keys, ids = zip(*flush.consumed, strict=True)
    shards, runs = zip(*keys, strict=True)
    return [a.int2s(shards), a.uuids(runs), a.int8s(ids)]


def _posts(posts: Sequence[Post]) -> _Row:
    return [
        a.int2s([post.target.shard for post in posts]),
        a.uuids([post.target.run_id for post in posts]),
        a.int2s([post.kind for post in posts]),
        a.texts([post.ref for post in posts]),
        a.byteas([post.payload for post in posts]),
        a.nullable_int2s([post.source.shard if post.source else None for post in posts]),
        a.nullable_uuids([post.source.run_id if post.source else None for post in posts]),
    ]


def _by_workflow_id(flush: Flush) -> _Row:
    rows = flush.by_workflow_id
    return [
        a.int2s([shard_of(row[0]) for row in rows]),
        a.texts([row[0] for row in rows]),
        a.int2s([row[1] for row in rows]),
        a.texts([row[2] for row in rows]),
        a.byteas([row[3] for row in rows]),
    ]


def _answers(flush: Flush) -> _Row:
    rows = flush.answers
    return [
        a.int2s([shard_of(row[0]) for row in rows]),
        a.texts([row[0] for row in rows]),
        a.texts([row[1] for row in rows]),
        a.byteas([row[2] for row in rows]),
    ]


def _touched(touched: dict[RunKey, bytes | None], unsettled: Collection[RunKey]) -> _Row:
    return [
        a.int2s([key.shard for key in touched]),
        a.uuids([key.run_id for key in touched]),
        a.nullable(list(touched.values()), a.TEXT),
        a.bools([key not in unsettled for key in touched]),
    ]


def _rewrites(flush: Flush, attributes: dict[RunKey, bytes]) -> _Row:
    rows = flush.rewrites
    return [
        a.int2s([row.key.shard for row in rows]),
        a.uuids([row.key.run_id for row in rows]),
        a.int4s([row.snapshot_seq for row in rows]),
        a.byteas([row.snapshot for row in rows]),
        a.timestamps([row.ready_at for row in rows]),
        a.texts([row.states for row in rows]),
        a.bools([row.release for row in rows]),
        a.bools([row.key not in flush.unsettled for row in rows]),
        a.nullable_texts([row.parked for row in rows]),
        a.nullable([attributes.pop(row.key, None) for row in rows], a.TEXT),
    ]


def _closing(rows: Sequence[Closing], attributes: dict[RunKey, bytes], publish: Collection[RunKey]) -> _Row:
    return [
        a.int2s([row.key.shard for row in rows]),
        a.uuids([row.key.run_id for row in rows]),
        a.int2s([row.status for row in rows]),
        a.int4s([row.seq for row in rows]),
        a.byteas([row.outcome for row in rows]),
        a.texts([row.states for row in rows]),
        a.nullable([attributes.pop(row.key, None) for row in rows], a.TEXT),
        a.bools([row.key in publish for row in rows]),
    ]


def _successors(rows: Sequence[Closing]) -> _Row:
    pairs = [(row.key, row.successor) for row in rows if row.successor is not None]
    assert all(before.shard == after.key.shard for before, after in pairs), "a successor keeps the workflow id"
    return [a.uuids([before.run_id for before, _ in pairs]), *new_runs([after for _, after in pairs])]
