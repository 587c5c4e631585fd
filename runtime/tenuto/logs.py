"""Logs of engines and activities: structured, on stderr, readable on a terminal and JSON lines elsewhere if wanted.

`TENUTO_LOG_LEVEL` is debug, info, warning or error; `TENUTO_LOG_FORMAT` is text or json.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Collection
from typing import Any

import structlog

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
FORMATS = ("text", "json")

# Without the values of local variables: an activity's arguments may be sensitive.
_TRACEBACKS = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))


def configure(level: str | None = None, form: str | None = None, told: Collection[str] = ()) -> None:
    """Set up logging for this process; None: as the environment says. `told` are events that people are told
    otherwise."""
    level = level or os.environ.get("TENUTO_LOG_LEVEL", "info")
    form = form or os.environ.get("TENUTO_LOG_FORMAT", "text")
    renderer: Any
    if form == "json":
        renderer = structlog.processors.JSONRenderer(default=str)
    else:
        colours = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
        renderer = structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=structlog.dev.plain_traceback)
    silent = frozenset(told)

    def drop_told(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        if event["event"] in silent:
            raise structlog.DropEvent
        return event

    processors: list[Any] = [
        drop_told,
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        *([_TRACEBACKS] if form == "json" else []),
        renderer,
    ]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS.get(level, logging.INFO)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
