"""The help desk's side of a ticket: reading it, and telling people about it."""

from __future__ import annotations

import tenuto

URGENT_WORDS = ("down", "urgent", "cannot log in", "charged twice")


@tenuto.activity
def triage(subject: str, text: str) -> dict[str, str]:
    """Judge a ticket by its words, as a stand-in for whatever judges tickets in your house."""
    words = f"{subject} {text}".lower()
    priority = "urgent" if any(word in words for word in URGENT_WORDS) else "normal"
    team = "billing" if "invoice" in words or "charged" in words else "product"
    return {"priority": priority, "team": team}


@tenuto.activity
def notify_team(team: str, ticket: str, text: str) -> None:
    """Post to the team's channel."""
    tenuto.context().logger.info("to the team", team=team, ticket=ticket, text=text)


@tenuto.activity
def page_manager(ticket: str, priority: str) -> None:
    """Wake somebody up."""
    tenuto.context().logger.warning("nobody has answered", ticket=ticket, priority=priority)


@tenuto.activity
def write_to_customer(customer: str, ticket: str, text: str) -> None:
    """Mail an agent's answer to the customer."""
    tenuto.context().logger.info("to the customer", customer=customer, ticket=ticket, text=text)
