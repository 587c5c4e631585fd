"""Somebody who types what a page says into a shell."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_ENDED = "-- ended with "


@dataclass(frozen=True)
class Done:
    output: str
    errors: str
    code: int


class Shell:
    """A bash in `folder`, on the database `dsn`. What is started in the background ends with it."""

    def __init__(self, folder: Path, dsn: str, errors: Path) -> None:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        with errors.open("wb") as written:
            self._process = subprocess.Popen(
                ["bash", "--norc"], cwd=folder, env=os.environ | {"TENUTO_DB": dsn, "PATH": path},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=written, text=True, bufsize=1,
            )  # fmt: skip
        self._errors = errors.open(encoding="utf-8")

    def type(self, line: str) -> Done:
        """Enter a command and wait for it, if it is not one in the background."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f'{line}\ncode=$?; echo; echo "{_ENDED}$code"\n')
        self._process.stdin.flush()
        lines: list[str] = []
        for written in self._process.stdout:
            if written.startswith(_ENDED):
                return Done("".join(lines)[:-1], self._errors.read(), int(written.removeprefix(_ENDED)))
            lines.append(written)
        raise AssertionError(f"the shell has ended at {line!r}: {''.join(lines)}")

    def leave(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.type("kill $(jobs -p); wait")
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()
        self._errors.close()
