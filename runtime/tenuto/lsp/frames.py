"""The client's bytes as the library wants them: whatever arrives, it goes on with the next message.

The library knows one spelling of one header, takes any number for a length, and keeps that many bytes in memory. Here
headers are read as those of HTTP are, and a message that no editor means to send is passed over as it comes.
"""

from __future__ import annotations

import re
from typing import BinaryIO

MAX_MESSAGE = 16 * 1024 * 1024
"""The longest message, in bytes: the longest file that is looked into, several times over."""

_MAX_HEADER = 8 * 1024
_CHUNK = 1024 * 1024
_LENGTH = re.compile(rb"content-length[ \t]*:[ \t]*([0-9]{1,9})[ \t]*\r?\n", re.IGNORECASE)
_NAME = b"content-length"
_NO_LENGTH = b"none\r\n"
_NO_MESSAGE = b"null"


class Frames:
    """A reader over the standard input."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source

    def readline(self) -> bytes:
        """A header line, or the empty one after them; nothing at the end of the input. A length that is none, or that
        nobody has the time to send, is not believed."""
        line = self._source.readline(_MAX_HEADER)
        if line[: len(_NAME)].lower() != _NAME:
            return line
        length = _LENGTH.fullmatch(line)
        return b"Content-Length: %d\r\n" % int(length[1]) if length is not None else _NO_LENGTH

    def read(self, size: int) -> bytes:
        """The bytes of a message; of one that is too long, a message that says nothing."""
        if size <= MAX_MESSAGE:
            return self._source.read(size)
        while size > 0:
            passed = self._source.read(min(size, _CHUNK))
            if not passed:
                return b""
            size -= len(passed)
        return _NO_MESSAGE
