"""Where tracebacks go instead of the screen."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

LIMIT_BYTES = 1024 * 1024


def keep(error: BaseException) -> Path | None:
    """Append the traceback to `errors.log` in the home, or a temporary file; None if neither can be written."""
    from tenuto.server.places import default_home

    heading = f"{datetime.now(UTC).isoformat(timespec='seconds')} {' '.join(sys.argv)}\n"
    text = (heading + "".join(traceback.format_exception(error)) + "\n").encode("utf-8", errors="replace")
    path = default_home() / "errors.log"
    try:
        started_over = path.exists() and path.stat().st_size > LIMIT_BYTES
        flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if started_over else os.O_APPEND)
        descriptor = os.open(path, flags, 0o600)
    except OSError:
        try:
            descriptor, name = tempfile.mkstemp(prefix="tenuto-error-", suffix=".log")
        except OSError:
            return None
        path = Path(name)
    try:
        os.write(descriptor, text)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return path
