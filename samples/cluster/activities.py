"""The cluster's own interfaces, as stand-ins that write to the log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import tenuto


@tenuto.activity
def bind_pod(pod: str, node: str) -> None:
    """Put a pod on a node; nothing, when it is there."""
    tenuto.context().logger.info("bound", pod=pod, node=node)


@tenuto.activity
def drain(node: str) -> None:
    """Move everything away from a node."""
    tenuto.context().logger.warning("drained", node=node)


@tenuto.activity
def take_snapshot(cluster: str) -> dict[str, str]:
    """Write the cluster's state away."""
    moment = datetime.now(UTC)
    return {"uri": f"snapshots/{cluster}/{moment:%Y-%m-%dT%H%M%S}"}


@tenuto.activity
def prune_snapshots(cluster: str, keep: int) -> None:
    """Forget all but the newest snapshots."""
    tenuto.context().logger.info("pruned", cluster=cluster, keep=keep)


@tenuto.activity
def issue(name: str) -> dict[str, Any]:
    """A certificate for three months, once for each key."""
    return {"not_after": datetime.now(UTC) + timedelta(days=90), "serial": tenuto.context().idempotency_key}


@tenuto.activity
def install(name: str, serial: str) -> None:
    """Put a certificate to use."""
    tenuto.context().logger.info("installed", name=name, serial=serial)


@tenuto.activity
def page(text: str) -> None:
    """Call whoever is on duty."""
    tenuto.context().logger.error("on duty", text=text)
