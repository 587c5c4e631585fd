"""Where secrets come from: the environment, or a directory with a file for each. Read at every use, never stored."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from tenuto.activities.errors import ActivityFault

PREFIX = "TENUTO_SECRET_"
FOLDER = "TENUTO_SECRETS_DIR"

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_LIMIT = 65_536


class Secrets:
    """`get` looks for `TENUTO_SECRET_<NAME>`, then for a file of that name in `folder` (or `TENUTO_SECRETS_DIR`)."""

    def __init__(self, folder: Path | None = None, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment
        self._folder = folder

    def get(self, name: str) -> str:
        """The secret. Raises ActivityFault when it is nowhere; its value is never part of a message."""
        if not _NAME.fullmatch(name):
            raise ActivityFault(f"{name[:80]!r} is not a name of a secret")
        value = self._environment.get(PREFIX + name)
        if value is not None:
            return value
        folder = self._folder or self._environment.get(FOLDER)
        if folder is not None:
            try:
                with (Path(folder) / name).open(encoding="utf-8") as file:
                    return file.read(_LIMIT).rstrip("\r\n")
            except OSError:
                pass
            except UnicodeDecodeError:
                raise ActivityFault(f"secret {name} is not UTF-8 text") from None
        raise ActivityFault(f"secret {name} is not set: set {PREFIX}{name}, or put it into a file in {FOLDER}")
