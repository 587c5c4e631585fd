"""Tenuto: durable workflows as files, on Postgres alone.

What activities and applications import:

    import tenuto

    @tenuto.activity
    def charge(order_id: str, amount: Decimal) -> dict: ...

    with tenuto.Client("postgresql://…") as client:
        run = client.start("order_fulfilment", {"order": …})
        print(client.result(run.workflow_id))
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tenuto.activities import ActivityCancelled, ActivityContext, ActivityError, activity, context
    from tenuto.client import Client, WorkflowFailed

__all__ = ["ActivityCancelled", "ActivityContext", "ActivityError", "Client", "WorkflowFailed", "activity", "context"]

_HOMES = {name: "tenuto.client" if name in ("Client", "WorkflowFailed") else "tenuto.activities" for name in __all__}


def __getattr__(name: str) -> Any:
    """Each only when it is asked for: activities need no database driver, the command line starts without either."""
    if name in _HOMES:
        value = getattr(importlib.import_module(_HOMES[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'tenuto' has no attribute {name!r}")
