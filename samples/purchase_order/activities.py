"""The accounts and the people around a purchase, as stand-ins: a budget for each cost centre, in memory."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import tenuto

BUDGETS = {"lab": Decimal(20_000), "office": Decimal(500)}
HELD: dict[str, tuple[str, Decimal]] = {}


@tenuto.activity
def approval_chain(cost_centre: str, amount: Decimal) -> list[dict[str, Any]]:
    """Who approves what: nobody below 100, the head of the group, and above 5,000 the head of finance."""
    levels = [{"level": 1, "approver": f"head of {cost_centre}", "deputy": "bob"}] if amount > 100 else []
    return levels + ([{"level": 2, "approver": "head of finance", "deputy": "eve"}] if amount > 5000 else [])


@tenuto.activity
def reserve_budget(request: str, cost_centre: str, amount: Decimal) -> dict[str, Decimal]:
    """Set money aside for a request. The same request again changes what it holds."""
    HELD.pop(request, None)
    held = sum((value for centre, value in HELD.values() if centre == cost_centre), Decimal(0))
    available = BUDGETS.get(cost_centre, Decimal(0)) - held
    if amount > available:
        raise tenuto.ActivityError("BudgetExceeded", f"{cost_centre} has only {available}", available=available)
    HELD[request] = (cost_centre, amount)
    return {"left": available - amount}


@tenuto.activity
def release_budget(request: str) -> None:
    """Give back what a request holds; nothing, when it holds nothing."""
    HELD.pop(request, None)


@tenuto.activity
def notify(person: str, subject: str, text: str) -> None:
    """Write to somebody."""
    tenuto.context().logger.info(subject, person=person, text=text)


@tenuto.activity
def place_order(request: str, lines: list[dict[str, Any]], approvals: list[dict[str, Any]]) -> dict[str, str]:
    """Order from the supplier, once for each key."""
    tenuto.context().logger.info("ordered", request=request, lines=len(lines), approvals=len(approvals))
    return {"number": f"order-{request}"}
