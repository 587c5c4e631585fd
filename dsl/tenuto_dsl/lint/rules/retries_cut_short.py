"""TEN410: retries that the overall timeout leaves no time for

The waits between the attempts alone take longer than `timeout overall` allows. The last attempts are never made: what
looks like twenty tries are six, and a service that is down for a while fails the call all the same.

Bad:

```tenuto bad
activity pack(order: string) {
  python  "shop:pack"
  timeout attempt 10s overall 1m
  retry   20 times backoff 5s
  effect  keyed
}
```

Good:

```tenuto good
activity pack(order: string) {
  python  "shop:pack"
  timeout attempt 10s overall 2h
  retry   20 times backoff 5s up to 5m
  effect  keyed
}
```
"""

from __future__ import annotations

from tenuto_dsl.lint.rule import Report, file_rule
from tenuto_dsl.lint.terms import SECOND, duration_of, number_of
from tenuto_dsl.lint.views import FileView
from tenuto_dsl.syntax import tree

_SHORTEST = 0.8
"""Waits are off by up to 20 %, at random."""


@file_rule("TEN410")
def check(file: FileView, report: Report) -> None:
    policies = [(node.timeout, node.retry) for node in file.all(tree.ActivityDecl)]
    policies += [(call.timeout, call.retry) for call in file.all(tree.CallStep)]
    for timeout, retry in policies:
        overall = duration_of(timeout.overall) if timeout is not None else None
        if overall is None or retry is None:
            continue
        made = _attempts_within(overall, retry)
        if made is not None:
            message = f"the waits between attempts alone take longer: at most {made} of these retries are made"
            report(retry.times.span, message, "give the timeout `overall` more, or retry less often")


def _attempts_within(overall: int, retry: tree.Retry) -> int | None:
    """How many retries begin in time at best; None when all do, or when it cannot be told."""
    times, factor = number_of(retry.times), number_of(retry.factor) if retry.factor is not None else 2.0
    backoff = duration_of(retry.backoff) if retry.backoff is not None else SECOND
    if times is None or factor is None or backoff is None:
        return None
    longest = duration_of(retry.up_to) if retry.up_to is not None else backoff * 100
    if longest is None:
        return None
    waited, pause = 0.0, float(backoff)
    for number in range(int(min(times, 10_000))):
        waited += min(pause, longest) * _SHORTEST
        if waited >= overall:
            return number
        pause = min(pause * factor, longest)
    return None
