"""Regular expressions that cost time linear in the text: RE2's syntax and engine, never Python's backtracking `re`."""

from __future__ import annotations

import functools
from typing import Any

import re2

from tenuto_interpreter.expr.context import Context, charge
from tenuto_interpreter.expr.errors import ExpressionError

MAX_PATTERN = 1000

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 1 << 20
_OPTIONS.never_capture = True


@functools.lru_cache(maxsize=256)
def compiled(pattern: str) -> Any:
    """The compiled pattern. Raises ExpressionError with RE2's reason."""
    if len(pattern) > MAX_PATTERN:
        raise ExpressionError(f"a regular expression of more than {MAX_PATTERN} characters")
    try:
        return re2.compile(pattern.encode(), _OPTIONS)  # of bytes: the wrapper would count characters for strings
    except re2.error as error:
        reason = error.args[0] if error.args else "malformed"
        text = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise ExpressionError(f"not a regular expression: {text}") from None
    except UnicodeEncodeError:
        raise ExpressionError("not a regular expression: half of a surrogate pair") from None


def matches(context: Context, text: str, pattern: str) -> bool:
    """Whether the pattern occurs anywhere in the text."""
    charge(context, 1 + (len(text) >> 4))
    return compiled(pattern).search(text.encode(errors="replace")) is not None
