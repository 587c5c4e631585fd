"""How an activity says that it failed, and how any exception becomes a `Failure`."""

from __future__ import annotations

import contextlib
import sysconfig
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from tenuto_interpreter.events import Failure

if TYPE_CHECKING:
    from tenuto.activities.job import Job

CANCELLED = "Cancelled"
FAULT = "Fault"
INVALID_RESULT = "InvalidResult"
PUT_OFF = "PutOff"
"""No failure: the attempt has not begun, and is to be made later. Never seen by a workflow."""
TIMEOUT = "Timeout"

ACTIVITY_FAILED = "activity failed"
"""The log's event for an exception that an activity did not foresee."""

_MESSAGE_LIMIT = 4_000
_TENUTO = str(Path(__file__).resolve().parents[1])
_LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})
_log = structlog.get_logger("tenuto.activity")


class ActivityError(Exception):
    """Raise it in an activity to fail with a code that the workflow can catch.

    `details` are the declared fields of the error. With `retryable=False` the retry policy is not asked.
    """

    def __init__(self, code: str, message: str = "", retryable: bool = True, **details: Any) -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code
        self.message = message
        self.retryable = retryable
        self.details = details


class ActivityCancelled(ActivityError):
    """Raised by `raise_if_cancelled()`: the workflow no longer wants the outcome."""

    def __init__(self, message: str = "the workflow asked this activity to stop") -> None:
        super().__init__(CANCELLED, message, retryable=False)


class ActivityFault(Exception):
    """The program or its deployment is at fault (an expression, a missing secret), not the outside world.

    `begun`: the activity may have had its effect.
    """

    def __init__(self, message: str, *, begun: bool = False) -> None:
        super().__init__(message)
        self.begun = begun


def failure_of(error: BaseException) -> Failure:
    """The failure an exception stands for: its own code for an `ActivityError`, its class name for any other."""
    if isinstance(error, ActivityError):
        return Failure(
            _text(error.code), _text(error.message), dict(error.details) or None, bool(error.retryable),
            bool(getattr(error, "unknown", False)),
        )  # fmt: skip
    if isinstance(error, ActivityFault):
        return Failure(FAULT, _text(error), None, retryable=False, unknown=error.begun)
    return Failure(type(error).__name__, _text(error), where=place_of(error))


def place_of(error: BaseException) -> str:
    """File and line of the activity's own code that an exception came from: the last frame that is not a library's.

    Of an activity that is installed like a library, the last frame of all.
    """
    own = installed = ""
    for frame, line in traceback.walk_tb(error.__traceback__):
        file = frame.f_code.co_filename
        if file.startswith(_TENUTO):
            continue
        installed = f"{_short(file)}:{line} in {frame.f_code.co_qualname}"
        if not file.startswith((*_LIBRARIES, "<")):
            own = installed
    return _text(own or installed)


def _short(file: str) -> str:
    with contextlib.suppress(OSError, ValueError):
        return str(Path(file).relative_to(Path.cwd()))
    return file


def report(job: Job, error: BaseException) -> None:
    """Log an exception that nobody foresaw, with its traceback: history keeps its place only."""
    if isinstance(error, ActivityError | ActivityFault):
        return
    _log.warning(
        ACTIVITY_FAILED, activity=job.binding.name, workflow_id=job.workflow_id, run_id=job.run_id,
        attempt=job.attempt, exc_info=error,
    )  # fmt: skip


def put_off_failure(wait_s: float) -> Failure:
    """An attempt handed back unbegun, for this long; 0 for whoever comes first."""
    return Failure(PUT_OFF, details={"wait_s": wait_s})


def cancelled_failure(message: str = "the workflow asked this activity to stop") -> Failure:
    return Failure(CANCELLED, message, None, retryable=False)


def _text(message: object) -> str:
    """A message that any store and any terminal can carry: bounded, no NUL, no lone surrogates.

    Whatever user code made its message of: an outcome that cannot be told would never be settled.
    """
    try:
        text = str(message)
    except Exception as error:  # noqa: BLE001  # a broken __str__
        text = f"(no message: its __str__ raised {type(error).__name__})"
    text = text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
    return text if len(text) <= _MESSAGE_LIMIT else text[:_MESSAGE_LIMIT] + "…"
