"""Every statement that writes, and every one of lanes, by name. What they do is in the migrations' server functions."""

from __future__ import annotations

from tenuto.store.postgres import arrays as a
from tenuto.store.postgres.session import Statement

REGISTER = Statement("register", "select tenuto.register($1, $2)", (a.INT4, a.TEXT))
BEAT = Statement("beat", "select tenuto.beat($1, $2)", (a.INT8S, a.INT4))
LANES = Statement("lanes", "select o_lane, o_beat, o_ttl_ms, o_expired, o_gone from tenuto.lanes()")
CUT = Statement("cut", "select tenuto.cut($1)", (a.INT8,))
REAP = Statement("reap", "select o_lane, o_runs from tenuto.reap($1, $2)", (a.INT8S, a.INT8S))
LEAVE = Statement("leave", "select tenuto.leave($1)", (a.INT8,))
NEXT_READY_AT = Statement("next_ready_at", "select tenuto.next_ready_at($1, $2)", (a.TIMESTAMPTZ, a.BYTEAS))
NOW = Statement("now", "select tenuto.clock()")
CLAIM = Statement(
    "claim",
    "select o_part, o_shard, o_run, o_number, o_kind, o_text, o_payload, o_definition, o_parent_shard, o_parent_run,"
    " o_parent_op from tenuto.claim($1, $2, $3, $4, $5, $6)",
    (a.INT8, a.INT4, a.BOOL, a.TIMESTAMPTZ, a.BYTEAS, a.TEXTS),
)
GIVE_BACK = Statement("give_back", "select tenuto.give_back($1, $2, $3)", (a.INT8, a.INT2S, a.UUIDS))
ENQUEUE = Statement("enqueue", "select tenuto.enqueue($1, $2, $3, $4)", (a.INT8, a.INT2S, a.UUIDS, a.TEXTS))
ADMIT = Statement(
    "admit", "select o_admitted, o_wait from tenuto.admit($1, $2, $3, $4)", (a.TEXT, a.INT4, a.INT8, a.INT4)
)
NEWS = Statement("news", "select o_shard, o_run, o_id, o_kind, o_ref, o_payload from tenuto.news($1)", (a.INT8,))
HINT = Statement("hint", "select tenuto.hint($1, $2)", (a.BOOL, a.BOOL))

NEW_RUN_TYPES = (
    a.INT2S, a.UUIDS, a.TEXTS, a.TEXTS, a.BYTEAS, a.BYTEAS, a.INT2S, a.UUIDS, a.INT4S, a.INT2S, a.TIMESTAMPTZS,
)  # fmt: skip
"""shard, run, workflow id, workflow, definition, start, parent shard, parent run, parent op, on close, ready at"""

_FLUSH_TYPES = (
    a.INT8,
    a.INT2S, a.UUIDS, a.INT4S, a.BYTEAS,
    a.INT2S, a.UUIDS, a.INT8S,
    *NEW_RUN_TYPES, a.BYTEAS,
    a.INT2S, a.UUIDS, a.INT2S, a.TEXTS, a.BYTEAS, a.INT2S, a.UUIDS,
    a.INT2S, a.TEXTS, a.INT2S, a.TEXTS, a.BYTEAS,
    a.INT2S, a.TEXTS, a.TEXTS, a.BYTEAS,
    a.INT2S, a.UUIDS, a.TEXTS, a.BOOLS,
    a.INT2S, a.UUIDS, a.INT4S, a.BYTEAS, a.TIMESTAMPTZS, a.TEXTS, a.BOOLS, a.BOOLS, a.TEXTS, a.TEXTS,
    a.INT2S, a.UUIDS, a.INT2S, a.INT4S, a.BYTEAS, a.TEXTS, a.TEXTS, a.BOOLS,
    a.UUIDS, *NEW_RUN_TYPES,
)  # fmt: skip
_FLUSH_PLACES = ", ".join(f"${n + 1}" for n in range(len(_FLUSH_TYPES)))
FLUSH = Statement(
    "flush",
    f"select o_part, o_shard, o_run from tenuto.flush({_FLUSH_PLACES})",  # noqa: S608 - our own placeholders
    _FLUSH_TYPES,
)
FLUSH_MIGRATED = Statement(
    "flush_migrated",
    "select o_part, o_shard, o_run from tenuto.flush_migrated("  # noqa: S608 - our own placeholders
    f"{', '.join(f'${n + 1}' for n in range(len(_FLUSH_TYPES) + 3))})",
    (a.INT2S, a.UUIDS, a.BYTEAS, *_FLUSH_TYPES),
)
"""FLUSH with migrations before it: shard, run, definition"""

DEPLOY = Statement(
    "deploy", "select tenuto.deploy($1, $2, $3, $4, $5, $6)", (a.BYTEA, a.TEXT, a.BYTEA, a.TEXT, a.TEXT, a.TEXT)
)
START = Statement(
    "start",
    "select o_made, o_run from tenuto.start($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    (
        a.INT2, a.UUID, a.TEXT, a.TEXT, a.BYTEA, a.BYTEA, a.INT2, a.UUID, a.INT4, a.INT2, a.TIMESTAMPTZ, a.TEXT, a.TEXT,
        a.TEXT,
    ),
)  # fmt: skip
START_MANY = Statement(
    "start_many",
    "select o_shard, o_run from tenuto.start_many($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    NEW_RUN_TYPES,
)
POST = Statement(
    "post", "select tenuto.post($1, $2, $3, $4, $5, $6)", (a.INT2, a.TEXT, a.INT2, a.TEXT, a.BYTEA, a.TEXT)
)
