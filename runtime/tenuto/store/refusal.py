"""News that a store writes on its own account, as `NewsKind` describes it, in the plain JSON that every codec reads."""

from __future__ import annotations

import json

from tenuto.store.ids import run_id_text
from tenuto.store.protocol import NewRun, RunKey, Status

PARENT_CLOSED = b'["its parent closed"]'
"""CANCEL or TERMINATE for the children a closing run leaves behind. `tenuto.flush` says the same in SQL."""


def refusal(child: NewRun) -> bytes:
    """What a parent finds in its inbox when its child's workflow id is taken: a CHILD "failed" payload."""
    reason = f"a run with the workflow id {child.workflow_id!r} is open"
    failure = ["WorkflowIdTaken", reason, None, False, False]
    return json.dumps(["failed", child.parent_op, failure], separators=(",", ":")).encode()


def unanswered(status: Status) -> bytes:
    """The outcome of an update that its run, which has ended so, never took. `tenuto.flush` says the same in SQL."""
    return json.dumps(["closed", int(status)], separators=(",", ":")).encode()


def child_ref(parent: RunKey | None, op: int | None) -> str:
    """The `ref` of a cancellation that is for the child of this run and operation, and for nobody else."""
    return "" if parent is None or op is None else f"{run_id_text(parent.run_id)}:{op}"
