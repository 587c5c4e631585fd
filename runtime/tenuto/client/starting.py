"""Starting a run whose workflow id may be taken, or have been used before: what then, in Temporal's terms."""

from __future__ import annotations

import time
import uuid
from typing import Literal

from tenuto_interpreter import codec

from tenuto.client.errors import ResultTimeout
from tenuto.store.protocol import (
    ClientStore,
    NewRun,
    NewsKind,
    NotFound,
    RunClosed,
    RunKey,
    WorkflowIdTaken,
    WorkflowIdUsed,
)

IdReuse = Literal["allow_duplicate", "allow_duplicate_failed_only", "reject_duplicate"]
"""Of an id whose run has ended: may another run have it?"""
IdConflict = Literal["fail", "use_existing", "terminate_existing"]
"""Of an id whose run is open."""

_REUSE = {"allow_duplicate": "allow", "allow_duplicate_failed_only": "if_failed", "reject_duplicate": "reject"}
_PAUSE_S = 0.02
_PATIENCE_S = 30.0


def start(
    store: ClientStore, run: NewRun, request: str | None, reuse: IdReuse, conflict: IdConflict
) -> tuple[RunKey, bool]:
    """As `ClientStore.start`. Raises WorkflowIdTaken, and ResultTimeout when the existing run does not end.

    Whoever terminates the existing run orders its end and waits until the id is free: an engine carries the order out.
    The same request again finds the order given and the run started.
    """
    policy = _REUSE[reuse]
    if conflict != "terminate_existing":
        kind = "use" if conflict == "use_existing" else "fail"
        return store.start(run, request=request, reuse=policy, conflict=kind)
    order = request or uuid.uuid4().hex
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return store.start(run, request=request, reuse=policy)
        except WorkflowIdUsed:
            raise
        except WorkflowIdTaken as taken:
            holder: RunKey = taken.args[1]
        if time.monotonic() > end:
            raise ResultTimeout(
                f"{run.workflow_id} was asked to terminate and has not ended within {_PATIENCE_S:g} s: "
                "does an engine run?"
            )
        payload = codec.encode(["another run is to have its id"])
        try:
            store.post(run.workflow_id, NewsKind.TERMINATE, payload, request=f"{order}/{holder.run_id.hex()}")
        except (RunClosed, NotFound):
            continue
        time.sleep(_PAUSE_S)
