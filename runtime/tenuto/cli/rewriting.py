"""Writing over a workflow file: whole or not at all, its mode, line ends and byte order mark kept, links followed."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from tenuto.cli.stop import Exit, Stop

_MARK = b"\xef\xbb\xbf"


def rewrite(file: Path, text: str) -> None:
    """Replace what a file holds. Raises `Stop` when that is not possible; then the file is as it was."""
    try:
        target = file.resolve(strict=True)
        before = target.read_bytes()
        if not os.access(target, os.W_OK):
            raise PermissionError(13, "Permission denied")
        _replace(target, _bytes(text, before), target.stat().st_mode & 0o7777)
    except OSError as error:
        raise Stop(Exit.USAGE, f"{file} cannot be written: {error.strerror or error}") from None


def _bytes(text: str, before: bytes) -> bytes:
    if b"\n" in before and before.count(b"\r\n") == before.count(b"\n"):
        text = text.replace("\n", "\r\n")
    return (_MARK if before.startswith(_MARK) else b"") + text.encode()


def write_new(file: Path, text: str) -> None:
    """Write a file that may not be there yet, whole or not at all. Raises `Stop`."""
    if file.exists():
        rewrite(file, text)
        return
    try:
        umask = os.umask(0)
        os.umask(umask)
        _replace(file, text.encode(), 0o666 & ~umask)
    except OSError as error:
        raise Stop(Exit.USAGE, f"{file} cannot be written: {error.strerror or error}") from None


def _replace(target: Path, data: bytes, mode: int) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
