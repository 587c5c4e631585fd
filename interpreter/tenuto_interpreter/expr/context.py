"""What an expression may see beside variables and locals, and the budget it spends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from tenuto_interpreter.expr.errors import LimitError

Text = TypeVar("Text", str, bytes)


class Named(Protocol):
    """Values by name: a dict, or anything that computes them on demand."""

    def __getitem__(self, name: str, /) -> Any: ...


class Context:
    """The third argument of every compiled expression. One may serve many evaluations: `budget` is what is left.

    `now` is in microseconds since 1970 UTC. `workflow` and `activity` hold facts by field name. `secret` is None where
    secrets are not resolved; the checker allows `secret(…)` only where it is set.
    """

    __slots__ = (
        "active",
        "activity",
        "attempts",
        "budget",
        "calls",
        "config",
        "now",
        "patterns",
        "random",
        "secret",
        "uuid",
        "workflow",
    )

    def __init__(
        self,
        *,
        now: int = 0,
        config: Mapping[str, Any] | None = None,
        workflow: Named | None = None,
        activity: Named | None = None,
        active: Callable[[str], bool] | None = None,
        calls: Callable[[str], int] | None = None,
        attempts: Callable[[str], int] | None = None,
        secret: Callable[[str], str] | None = None,
        random: Callable[[], float] | None = None,
        uuid: Callable[[], str] | None = None,
        budget: int = 1_000_000,
    ) -> None:
        self.now = now
        self.config: Mapping[str, Any] = {} if config is None else config
        self.workflow: Named = {} if workflow is None else workflow
        self.activity: Named = {} if activity is None else activity
        self.active = active
        self.calls = calls
        self.attempts = attempts
        self.secret = secret
        self.random = random
        self.uuid = uuid
        self.budget = budget
        self.patterns: set[str] | None = None
        """The regular expressions that were paid for: the first use of one is dearer."""


def charge(context: Context, cost: int) -> None:
    """Spend from the budget. Raises LimitError when there is not enough left."""
    context.budget -= cost
    if context.budget < 0:
        raise LimitError("the expression costs too much: its budget of steps is spent")


FAILED = 20
"""What a failure costs that another test may make good: making, raising and keeping an exception."""


def charge_text(context: Context, text: Text) -> Text:
    """Pay for a string that was made: growth is what makes doubling dangerous."""
    size = len(text)
    if size > 64:
        if size > MAX_TEXT:
            raise LimitError(f"a string of more than {MAX_TEXT} characters")
        charge(context, size >> 4)
    return text


def charge_search(context: Context, text: str | bytes) -> None:
    """Pay for going through a string, which costs little but not nothing: a loop may do it a hundred thousand times."""
    size = len(text)
    if size > 1024:
        charge(context, size >> 8)


def charge_order(context: Context, items: Sequence[Any], rounds: int = 1) -> None:
    """Pay for comparing the items of a list with each other so many times: long strings have much to compare."""
    charge(context, 1 + (len(items) * rounds >> 5))
    size = sum(len(item) for item in items if type(item) is str or type(item) is bytes)
    if size > 1024:
        charge(context, (size >> 8) * rounds)


MAX_TEXT = 1 << 20
"""The longest string an expression may make, in characters."""

MAX_ITEMS = 100_000
"""The longest list an expression may make."""


def charge_items(context: Context, count: int) -> None:
    """Pay for a list or map of so many items, before it is made."""
    if count > MAX_ITEMS:
        raise LimitError(f"a list of more than {MAX_ITEMS} items")
    charge(context, 1 + (count >> 2))
