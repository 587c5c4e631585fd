"""Waiting for a run's end as people want it: through a restart of the database, and not for ever for a parked run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tenuto.cli.stop import Exit, Stop

if TYPE_CHECKING:
    from tenuto.client import Client

_LOOK_S = 1.0
"""How often the run's row is looked at for what nothing tells: that it is parked."""
_PATIENCE_S = 30.0
"""How long the database may be away."""
WONDERING_S = 5.0
"""How long a run may be due before somebody who waits is told that no daemon takes it."""


NOBODY = "is one running that has its activities and config? tenuto daemon --workflows … --activities …"


def wait(client: Client, workflow_id: str, timeout: float | None, again: str) -> Any:
    """The run's result. Raises `Stop` for every other way in which waiting ends; `again` is the command to repeat."""
    from tenuto.cli.terminal import tell
    from tenuto.client import ResultTimeout, WorkflowFailed
    from tenuto.client.describing import unclaimed_since
    from tenuto.store.protocol import Doubt, Unreachable

    end = None if timeout is None else time.monotonic() + timeout
    began = answered = time.monotonic()
    told = False
    while True:
        left = _LOOK_S if end is None else min(_LOOK_S, end - time.monotonic())
        parked = None
        try:
            try:
                return client.result(workflow_id, max(left, 0.0))
            except WorkflowFailed as failed:
                raise failure(failed) from None
            except ResultTimeout:
                pass
            view = client.view(workflow_id)
            parked = view.parked
            answered = time.monotonic()
            if not told and answered - began > WONDERING_S and unclaimed_since(client.store, view) is not None:
                told = True
                tell(f"no daemon has taken {workflow_id} yet: {NOBODY}")
        except (Doubt, Unreachable) as error:
            # Nothing is in doubt: this only reads. An engine beside it reconnects as a daemon's does.
            if time.monotonic() - answered > _PATIENCE_S:
                raise Stop(
                    Exit.UNREACHABLE,
                    f"{error}; the run {workflow_id} is kept and not lost",
                    f"when the database is back: {again}, or let a daemon serve it",
                ) from None
            time.sleep(_LOOK_S / 4)
        if parked is not None:
            raise Stop(
                Exit.WORKFLOW_FAILED,
                f"{workflow_id} is parked: {parked}",
                f"nothing is lost; repair the cause, then: tenuto retry {workflow_id}",
            )
        if end is not None and time.monotonic() >= end:
            nobody = unclaimed_since(client.store, client.view(workflow_id)) is not None
            raise Stop(
                Exit.TIMEOUT,
                f"{workflow_id} has not ended within {timeout:g} s; it is kept and not lost",
                f"no daemon has taken it yet: {NOBODY}" if nobody else f"watch it with: tenuto show {workflow_id}",
            )


def failure(failed: Any) -> Stop:
    """The workflow's own error, as the command's."""
    message = f"{failed.workflow_id} {failed.status}: {failed.code}"
    if failed.message:
        message += f": {failed.message}"
    if failed.where:
        message += f" ({failed.where})"
    if failed.details:
        from tenuto.cli.terminal import cell

        message += f" {cell(failed.details)}"
    return Stop(Exit.WORKFLOW_FAILED, message)
