"""Examines a live database for what the protocol says cannot be. Reads only; each check is one statement.

A finding is a fact, not a verdict: `subject` names the run, lane or workflow id, `remedy` what an operator can do. The
checks are named after the invariants of docs/durability.md. Each statement looks at one snapshot; those that compare
tables which a single transaction changes together cannot see a state in between.
"""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

from tenuto.store.postgres.connect import connect
from tenuto.store.postgres.schema import check_connection

_SHOWN = 20
"""Findings per check; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    invariant: str
    sentence: str
    remedy: str
    sql: str
    """Returns subjects and details, as text."""


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    invariant: str
    sentence: str
    subject: str
    detail: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.invariant} {self.check}: {self.subject}: {self.sentence} ({self.detail}); {self.remedy}"


_REPORT = "this cannot happen by itself: keep the database as it is and report it"

CHECKS: tuple[Check, ...] = (
    Check(
        "history-gap", "I1", "its history has a gap or does not begin with 1", _REPORT,
        """select run_id::text, 'rows ' || count(*) || ', from ' || min(seq) || ' to ' || max(seq) from tenuto.history
           group by shard, run_id having min(seq) <> 1 or count(*) <> max(seq)""",
    ),
    Check(
        "history-without-run", "I1", "there is history of a run that does not exist", _REPORT,
        """select distinct h.run_id::text, 'shard ' || h.shard from tenuto.history h
           where not exists (select from tenuto.run r where r.shard = h.shard and r.run_id = h.run_id)""",
    ),
    Check(
        "snapshot-ahead", "I1", "its snapshot covers more than its history holds", _REPORT,
        """select r.run_id::text, 'snapshot ' || r.snapshot_seq || ', history ' || coalesce(max(h.seq), 0)
           from tenuto.run r left join tenuto.history h on h.shard = r.shard and h.run_id = r.run_id
           group by r.shard, r.run_id having r.snapshot_seq > coalesce(max(h.seq), 0)""",
    ),
    Check(
        "id-held-twice", "I2", "several runs hold this workflow id", _REPORT,
        """select workflow_id, string_agg(run_id::text, ', ') from tenuto.run where status in (0, 1, 7)
           group by shard, workflow_id having count(*) > 1""",
    ),
    Check(
        "owner-without-lane", "I3", "its owner does not exist: nobody will ever give it back", _REPORT,
        """select run_id::text, 'lane ' || owner from tenuto.run r
           where owner is not null and not exists (select from tenuto.lane l where l.lane = r.owner)""",
    ),
    Check(
        "never-woken", "I3", "it is open, nobody owns it, and neither a time nor news will wake it",
        "a workflow may wait for a signal for ever; if this one should not, look at it with `tenuto show`",
        """select run_id::text, 'in ' || states from tenuto.run r
           where status = 0 and owner is null and ready_at is null and not exists
             (select from tenuto.inbox i where i.shard = r.shard and i.run_id = r.run_id)""",
    ),
    Check(
        "closing-unowned", "I3", "it is closing, but no lane is at it", _REPORT,
        "select run_id::text, 'status closing' from tenuto.run where status = 1 and owner is null",
    ),
    Check(
        "overdue", "I3", "it has been due for more than a minute, and nobody has claimed it",
        "is a daemon running that serves it? Are all of them busy?",
        """select run_id::text, 'due since ' || ready_at from tenuto.run
           where status = 0 and owner is null and strikes < 2 and ready_at < tenuto.clock() - interval '1 minute'""",
    ),
    Check(
        "dead-lane", "I3", "its lease expired more than a minute ago, and nobody has reaped it",
        "any running daemon reaps it: start one",
        """select lane::text, 'expired ' || lease_until || ', ' || name from tenuto.lane
           where lease_until < tenuto.clock() - interval '1 minute'""",
    ),
    Check(
        "news-of-closed-run", "I4", "it is closed, but news lies in its inbox", _REPORT,
        """select r.run_id::text, count(*) || ' rows' from tenuto.inbox i
           join tenuto.run r on r.shard = i.shard and r.run_id = i.run_id
           where r.status between 2 and 6 group by r.run_id""",
    ),
    Check(
        "news-of-no-run", "I4", "news lies in the inbox of a run that does not exist", _REPORT,
        """select i.run_id::text, count(*) || ' rows' from tenuto.inbox i
           where not exists (select from tenuto.run r where r.shard = i.shard and r.run_id = i.run_id)
           group by i.run_id""",
    ),
    Check(
        "closed-without-end", "I7", "it is closed, but the last row of its history does not say so", _REPORT,
        """select r.run_id::text, 'status ' || r.status from tenuto.run r
           where r.status between 2 and 6 and coalesce(
             (select h.kind from tenuto.history h where h.shard = r.shard and h.run_id = r.run_id
              order by h.seq desc limit 1), -1) <> 1""",
    ),
    Check(
        "history-after-close", "I7", "its history goes on after its end", _REPORT,
        """select distinct h.run_id::text, 'closed at ' || z.seq || ', row ' || h.seq from tenuto.history z
           join tenuto.history h on h.shard = z.shard and h.run_id = z.run_id and h.seq > z.seq where z.kind = 1""",
    ),
    Check(
        "closed-but-owned", "I7", "it is closed, but a lane owns it or a time would wake it", _REPORT,
        """select run_id::text, 'owner ' || coalesce(owner::text, 'none') from tenuto.run
           where status between 2 and 6 and (owner is not null or ready_at is not null or closed_at is null)""",
    ),
    Check(
        "parked", "I8", "it is parked", "read the reason, mend the cause, then retry or terminate it",
        "select run_id::text, coalesce(parked, 'no reason') from tenuto.run where status = 7",
    ),
    Check(
        "strikes", "I8", "its engines died while they held it", "look into the daemon's log before it is parked",
        "select run_id::text, strikes || ' in a row' from tenuto.run where status = 0 and strikes >= 2",
    ),
)  # fmt: skip

WARNINGS = frozenset({"never-woken", "overdue", "dead-lane", "parked", "strikes"})
"""Checks that may find something on a healthy database: what they say is for an operator to judge."""


def examine(dsn: str, *, warnings: bool = False) -> list[Finding]:
    """What is wrong; with `warnings`, also what deserves a look. Raises Unreachable or SchemaMismatch."""
    with connect(dsn, "tenuto doctor") as connection:
        check_connection(connection)
        return examine_connection(connection, warnings=warnings)


def examine_connection(connection: psycopg.Connection, *, warnings: bool = False) -> list[Finding]:
    """`examine` on a connection that is already there."""
    found: list[Finding] = []
    for check in CHECKS:
        if check.name in WARNINGS and not warnings:
            continue
        rows = connection.execute(check.sql.encode()).fetchall()
        for subject, detail in rows[:_SHOWN]:
            found.append(_finding(check, str(subject), str(detail)))
        if len(rows) > _SHOWN:
            found.append(_finding(check, f"{len(rows) - _SHOWN} more", "not shown"))
    return found


def _finding(check: Check, subject: str, detail: str) -> Finding:
    return Finding(check.name, check.invariant, check.sentence, subject, detail, check.remedy)
