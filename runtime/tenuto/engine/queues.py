"""Which queues an engine serves: what `queue` of an activity is held against.

A run whose next attempt waits in a queue that is not served here is given back and put into that queue, for an engine
that serves it. Its timers and its news are anybody's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tenuto_interpreter import ir

DEFAULT = "default"
"""The queue of activities that name none."""


class Queues:
    """`names` is None for an engine that serves all queues."""

    __slots__ = ("names",)

    def __init__(self, names: Iterable[str] | None = None) -> None:
        self.names = None if names is None else frozenset(names)

    def serves(self, queue: str | None) -> bool:
        return self.names is None or (queue or DEFAULT) in self.names

    def needs(self, program: ir.Program, constants: Mapping[int, Any], activity: int) -> bool:
        """Whether an activity's code must be here. A queue that is computed says nothing before its attempt is made."""
        if self.names is None:
            return True
        own = program.activities[activity].queue
        queues = {own} | {call.queue for call in program.calls if call.activity == activity and call.queue is not None}
        return any(
            self.serves(None if queue is None else constants[queue])
            for queue in queues
            if self._known(queue, constants)
        )

    @staticmethod
    def _known(queue: ir.ExprIndex | None, constants: Mapping[int, Any]) -> bool:
        return queue is None or queue in constants
