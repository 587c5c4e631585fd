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

from typing import TYPE_CHECKING, Any

from tenuto.activities import ActivityCancelled, ActivityContext, ActivityError, activity, context

if TYPE_CHECKING:
    from tenuto.client import Client, WorkflowFailed

__all__ = ["ActivityCancelled", "ActivityContext", "ActivityError", "Client", "WorkflowFailed", "activity", "context"]

_CLIENT = ("Client", "WorkflowFailed")


def __getattr__(name: str) -> Any:
    """The client only when it is asked for: a module of activities should not load a database driver."""
    if name in _CLIENT:
        from tenuto import client

        return getattr(client, name)
    raise AttributeError(f"module 'tenuto' has no attribute {name!r}")
