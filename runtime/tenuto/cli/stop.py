"""How a command ends early: an exit code and a message for people. The codes are part of the interface."""

from __future__ import annotations

import enum
import os
from collections.abc import Iterable


class Exit(enum.IntEnum):
    OK = 0
    WORKFLOW_FAILED = 1
    USAGE = 2
    LINT_ERRORS = 3
    NOT_FOUND = 4
    UNREACHABLE = 5
    TIMEOUT = 6
    INTERNAL = 70
    """A mistake of ours (EX_SOFTWARE): not one of the answers a script should expect."""
    INTERRUPTED = 130


class Stop(Exception):
    """End the command with this code, telling the person why and, in `hint`, what to do."""

    def __init__(self, code: Exit, message: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


DEBUG = "TENUTO_DEBUG"


def debugging() -> bool:
    """Whether tracebacks are wanted on the screen: `--debug`, or the variable."""
    return bool(os.environ.get(DEBUG))


def usage(message: str, hint: str = "") -> Stop:
    return Stop(Exit.USAGE, message, hint)


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """A hint: the nearest candidate, else what there is."""
    from tenuto_dsl.diagnostics import nearest  # only on the way to an error

    known = sorted(set(candidates))
    near = nearest(name, known)
    if near is not None:
        return f"did you mean {near}?"
    if not known:
        return ""
    shown = ", ".join(known[:10]) + (", …" if len(known) > 10 else "")
    return f"there {'is' if len(known) == 1 else 'are'} {shown}"
