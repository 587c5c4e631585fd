"""TEN341: a time or a number that is not above zero

A timer of zero or of a negative duration fires at once; `every 0s` fires without end; a limit of zero ends what it
was meant to protect; `at most 0` does nothing. None of it is ever meant: a unit or a sign is wrong. (A timeout of an
activity or a call that is not above zero is an error, TEN234.)

Bad:

```tenuto bad steps
wait 0s
```

Good:

```tenuto good steps
wait 10s
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tenuto_dsl.lint.rule import Report, file_rule
from tenuto_dsl.lint.terms import duration_of, number_of
from tenuto_dsl.lint.views import FileView
from tenuto_dsl.syntax import tree


@file_rule("TEN341")
def check(file: FileView, report: Report) -> None:
    for what, node in _times(file):
        value = duration_of(node) if node is not None else None
        if value is not None and value <= 0 and node is not None:
            report(node.span, f"{what} of {'zero' if value == 0 else 'less than nothing'}")
    for what, node in _counts(file):
        number = number_of(node) if node is not None else None
        if number is not None and number <= 0 and node is not None:
            report(node.span, f"{what} {number:.0f}")


def _times(file: FileView) -> Iterator[tuple[str, tree.Expr | None]]:
    yield from (("a timer", trigger.duration) for trigger in file.all(tree.AfterTrigger))
    yield from (("a schedule", trigger.schedule) for trigger in file.all(tree.EveryTrigger))
    yield from (("a wait", step.duration) for step in file.all(tree.WaitStep))
    yield from (("a pause", step.every) for step in file.all(tree.RepeatStep))
    yield from (("a limit", step.within) for step in file.all(tree.ReceiveStep))
    yield from (("a limit", step.within) for step in file.all(tree.WaitForStep))
    yield from (("a rate", rate.per) for rate in file.all(tree.Rate))
    for retry in file.all(tree.Retry):
        yield "a longest wait", retry.up_to


def _counts(file: FileView) -> Iterator[tuple[str, tree.Expr | None]]:
    yield from (("at most", step.at_most) for step in file.all(tree.RepeatStep))
    yield from (("at most", step.at_most) for step in file.all(tree.ForStep))
    yield from (("a rate of", rate.count) for rate in file.all(tree.Rate))
