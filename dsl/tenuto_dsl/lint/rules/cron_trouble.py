"""TEN729: a schedule that never fires, or skips a day

A `cron(…)` for a day that does not exist (30 February), or one between one and three in the morning in a zone with
summer time, without a policy. Once a year that hour does not exist, once it comes twice: say what is meant with the
third argument, or choose another hour.

Bad:

```tenuto bad members
every cron("30 2 * * *", "Europe/Paris") { note = "nightly" }
```

Good:

```tenuto good members
every cron("30 2 * * *", "Europe/Paris", "once") { note = "nightly" }
```
"""

from __future__ import annotations

from tenuto_dsl.lint.rule import Report, file_rule
from tenuto_dsl.lint.terms import text_of
from tenuto_dsl.lint.views import FileView
from tenuto_dsl.syntax import tree

_DAYS = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}


@file_rule("TEN729")
def check(file: FileView, report: Report) -> None:
    for call in file.all(tree.Call):
        if call.target is not None or call.function.text != "cron" or not call.args:
            continue
        fields = (text_of(call.args[0]) or "").split()
        if len(fields) != 5:
            continue
        _, hour, day, month, weekday = fields
        if weekday == "*" and _never(day, month):
            report(call.args[0].span, f"no month {month} has a day {day}: this never fires")
        elif len(call.args) == 2 and hour in ("1", "2", "01", "02") and _has_summer(text_of(call.args[1])):
            message = "once a year this hour does not exist, and once it comes twice"
            report(call.span, message, 'say what is meant: `cron("…", zone, "once")`')


def _never(day: str, month: str) -> bool:
    return day.isdigit() and month.isdigit() and int(day) > _DAYS.get(int(month), 31)


def _has_summer(zone: str | None) -> bool:
    """Most zones of Europe and America change their clocks; elsewhere few do."""
    return zone is not None and zone.startswith(
        ("Europe/", "America/", "US/", "Canada/", "Australia/", "Pacific/Auckland")
    )
