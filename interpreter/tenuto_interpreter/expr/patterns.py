"""Regular expressions that cost time linear in the text: RE2's syntax and engine, never Python's backtracking `re`."""

from __future__ import annotations

import functools
import re
from typing import Any

from tenuto_interpreter.expr.context import Context, charge
from tenuto_interpreter.expr.errors import ExpressionError

MAX_PATTERN = 1000

_REPEATED = re.compile(r"\{([0-9]+)(?:,([0-9]*))?\}")


@functools.lru_cache(maxsize=64)
def compiled(pattern: str) -> Any:
    """The compiled pattern. Raises ExpressionError with RE2's reason."""
    if len(pattern) > MAX_PATTERN:
        raise ExpressionError(f"a regular expression of more than {MAX_PATTERN} characters")
    import re2  # most expressions match nothing

    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    options.never_capture = True
    try:
        return re2.compile(pattern.encode(), options)  # of bytes: the wrapper would count characters for strings
    except re2.error as error:
        reason = error.args[0] if error.args else "malformed"
        text = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise ExpressionError(f"not a regular expression: {text}") from None
    except UnicodeEncodeError:
        raise ExpressionError("not a regular expression: half of a surrogate pair") from None


@functools.lru_cache(maxsize=1024)
def sizes(pattern: str) -> tuple[int, int]:
    """About how large what RE2 makes of a pattern may be, to make and to run, from its text alone.

    RE2 writes repetitions out, one within the other up to a thousand times, and classes of Unicode as all their
    ranges. The numbers are the same wherever this runs, as budgets have to be.
    """
    alone, nested = len(pattern), 1
    for match in _REPEATED.finditer(pattern[:MAX_PATTERN]):
        times = max(int(match[1][:5]), int((match[2] or "0")[:5]))
        if pattern[match.start() - 1 : match.start()] == ")":
            nested = min(nested * max(times, 1), 1000)
        else:
            alone += min(times, 1000)
    classes = 1024 * (pattern.count("\\p") + pattern.count("\\P"))
    return (8 * alone + classes * (1 + alone - len(pattern))) * nested, 8 * alone * nested


def matches(context: Context, text: str, pattern: str) -> bool:
    """Whether the pattern occurs anywhere in the text.

    RE2 takes time by the length of the text, but for patterns whose states are too many to keep, by that length times
    the size of the pattern: that is what is paid, and for the first use of a pattern what it takes to compile it.
    """
    to_make, to_run = sizes(pattern)
    seen = context.patterns
    if seen is None:
        seen = context.patterns = set()
    if pattern not in seen:
        charge(context, to_make >> 2)
        seen.add(pattern)
    charge(context, 1 + (len(text) >> 4) + (len(text) * to_run >> 10))
    return compiled(pattern).search(text.encode(errors="replace")) is not None
