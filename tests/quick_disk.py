"""Where tests put their databases: in memory when the machine has room, since they make and drop hundreds."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
_NEEDED_BYTES = 2 * 1024**3


def _choose() -> Path:
    if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= _NEEDED_BYTES:
        return _MEMORY
    return Path(tempfile.gettempdir())


QUICK_DISK = _choose()
