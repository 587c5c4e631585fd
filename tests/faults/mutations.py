"""The protocol broken on purpose, one rule at a time, so that the stress can show that it would notice.

Three are changes of server functions, made in the harness's own database; one replaces a step of the engine in the
harness's own processes. The product has no switch for any of them.
"""

from __future__ import annotations

import re
from typing import Any

import psycopg
from tenuto.store.migrate import migrations

NAMES = ("nofence", "nokeyshare", "deleteupto", "noattempt")

_NO_CUT = (re.compile(r"(function tenuto\.cut\([^)]*\) returns boolean language plpgsql as \$\$).*", re.DOTALL),
           r"\1 begin return false; end $$;")  # fmt: skip

_GONE = re.compile(
    r"perform 1 from tenuto\.lane where lane = p_lane(?: for key share)?;\s+if not found then\s+"
    r"raise exception 'lane % is gone', p_lane using errcode = 'TN001';\s+end if;"
)

# function -> [(pattern, replacement)]; every pattern must be found
_SQL: dict[str, dict[str, list[tuple[re.Pattern[str], str]]]] = {
    "nofence": {
        "cut": [_NO_CUT],
        "fence": [(_GONE, "null;")],
        "claim": [(_GONE, "null;")],
        "news": [(_GONE, "null;")],
        "flush": [
            (re.compile(r" and r2?\.owner is not distinct from p_lane"), ""),
            (re.compile(r"where r\.owner is not distinct from p_lane order by"), "order by"),
            (re.compile(r" where r\.owner is not distinct from p_lane;"), ";"),
            (re.compile(r"raise exception 'of % runs[^;]*;"), "null;"),
        ],
        "flush_migrated": [
            (re.compile(r" and r\.owner is not distinct from p_lane"), ""),
            (re.compile(r"raise exception 'of % runs[^;]*;"), "null;"),
        ],
    },
    "nokeyshare": {
        "post": [(re.compile(r" for key share;"), ";")],
        "flush": [(re.compile(r" for key share of r(?=[;)])"), "")],
    },
    "deleteupto": {
        "flush": [
            (
                re.compile(r"i\.shard = x\.shard and i\.run_id = x\.run_id and i\.id = x\.id;"),
                "i.shard = x.shard and i.run_id = x.run_id and i.id <= x.id;",
            ),
            (re.compile(r"raise exception 'of % inbox rows[^;]*;"), "null;"),
        ],
    },
}


def mutate(dsn: str, name: str) -> None:
    """Replace the server functions a mutation changes. A pattern that is not found is an error of the harness."""
    for function, changes in _SQL.get(name, {}).items():
        _replace(dsn, function, changes)


def _replace(dsn: str, function: str, changes: list[tuple[re.Pattern[str], str]]) -> None:
    text = _source(function)
    for pattern, replacement in changes:
        text, found = pattern.subn(replacement, text)
        assert found, f"{pattern.pattern} is not in tenuto.{function}: the mutation is out of date"
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(text.encode())


def forbid_cut(dsn: str) -> None:
    """As on a server whose role may not end other sessions: the fence alone keeps out who was declared dead.

    Not a mutation: everything must hold all the same. Where lanes may be cut, hardly any stale write gets to the fence.
    """
    _replace(dsn, "cut", [_NO_CUT])


def _source(function: str) -> str:
    """The function's definition in the newest migration that has it, as a replacement of itself."""
    pattern = re.compile(rf"create (?:or replace )?function tenuto\.{function}\(.*?\n(?:end )?\$\$;", re.DOTALL)
    found = [match.group() for migration in migrations() for match in pattern.finditer(migration.sql)]
    assert found, f"no migration has tenuto.{function}"
    return re.sub("^create function", "create or replace function", found[-1])


def patch_engine(name: str | None) -> None:
    """`noattempt`: an attempt that the log shows as dispatched is dispatched again under its own number, uncounted."""
    if name != "noattempt":
        return
    from dataclasses import replace

    from tenuto.engine.run import Work
    from tenuto.engine.turns import Turns
    from tenuto_interpreter.commands import ScheduleActivity
    from tenuto_interpreter.events import AttemptLost
    from tenuto_interpreter.machine import step

    apply: Any = Turns._apply
    truth: Any = Work.__bool__

    def forgetful(self: Turns, work: Work, event: Any, news: Any, at: int) -> None:
        if not isinstance(event, AttemptLost):
            apply(self, work, event, news, at)
            return
        _, commands = step(work.run.ready.executable, work.after, event)
        work.schedule += [replace(c, attempt=event.attempt) for c in commands if isinstance(c, ScheduleActivity)]

    Turns._apply = forgetful  # type: ignore[method-assign]
    Work.__bool__ = lambda self: truth(self) or bool(self.schedule)  # type: ignore[method-assign]
