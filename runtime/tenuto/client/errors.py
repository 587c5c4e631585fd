"""What a client raises beside the store's own errors (`tenuto.store.protocol`): each with a message for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tenuto_interpreter.events import Failure

if TYPE_CHECKING:
    from tenuto_dsl.diagnostics import Diagnostic


class ClientError(Exception):
    """The request cannot be carried out as it is."""


class UnknownName(ClientError):
    """No such workflow, signal, update or query; `nearest` is what was probably meant."""

    def __init__(self, what: str, name: str, known: list[str], nearest: str | None) -> None:
        hint = f"; did you mean {nearest}?" if nearest else (f"; there are {', '.join(known[:20])}" if known else "")
        super().__init__(f"{what} {name}{hint}")
        self.name = name
        self.known = known
        self.nearest = nearest


class InvalidInput(ClientError):
    """A value that is not of its declared type. `path` leads to the part."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.path = path


class BadFilter(ClientError):
    """A filter with mistakes, or one that the database cannot be asked. `items` say where and why."""

    def __init__(self, items: list[Diagnostic]) -> None:
        super().__init__(f"the filter: {items[0].message}")
        self.items = items


class QueryFailed(ClientError):
    """The query's expression cannot be computed in the run's present state."""


class UpdateRejected(ClientError):
    """The run did not take the update."""


class ResultTimeout(TimeoutError):
    """The run has not ended, or the update was not answered, within the time given."""


class WorkflowFailed(Exception):
    """The run ended without a result: `status` is failed, cancelled or terminated."""

    def __init__(self, workflow_id: str, status: str, failure: Failure) -> None:
        text = f": {failure.message}" if failure.message else ""
        super().__init__(f"{workflow_id} {status}: {failure.code}{text}")
        self.workflow_id = workflow_id
        self.status = status
        self.code = failure.code
        self.message = failure.message
        self.where = failure.where
        self.details: dict[str, Any] = failure.details or {}
