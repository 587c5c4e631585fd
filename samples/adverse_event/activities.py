"""The people and systems around a case, as stand-ins that write to the log."""

from __future__ import annotations

import tenuto


@tenuto.activity
def find_duplicates(report: str, product: str, description: str) -> dict[str, str | None]:
    """Look for an earlier report of the same event."""
    return {"of": "AE-0001" if "again" in description else None}


@tenuto.activity
def request_assessment(report: str, role: str) -> None:
    """Put a case before whoever has a role."""
    tenuto.context().logger.info("please assess", report=report, role=role)


@tenuto.activity
def ask_reporter(reporter: str, report: str, question: str) -> None:
    """Write to whoever has reported."""
    tenuto.context().logger.info("to the reporter", reporter=reporter, report=report, question=question)


@tenuto.activity
def submit_to_authority(report: str, serious: bool, fatal: bool, version: int) -> dict[str, str]:
    """Hand a case to the authority's gateway. The same version again gives the same acknowledgement."""
    tenuto.context().logger.info("submitted", report=report, serious=serious, fatal=fatal, version=version)
    return {"acknowledgement": f"ACK-{report}-{version}"}


@tenuto.activity
def alarm(report: str, text: str) -> None:
    """Call whoever is on duty."""
    tenuto.context().logger.warning("on duty", report=report, text=text)
