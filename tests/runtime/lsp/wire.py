"""The protocol without a library."""

from __future__ import annotations

import json
from typing import IO, Any


class Wire:
    """Messages as they are, for those that no client library would send."""

    def __init__(self, to: IO[bytes], back: IO[bytes]) -> None:
        self.to, self.back = to, back

    def raw(self, data: bytes) -> None:
        self.to.write(data)
        self.to.flush()

    def send(self, **message: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.raw(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def answer(self, identifier: int) -> dict[str, Any]:
        while True:
            length = int(self.back.readline().split(b":")[1])
            while self.back.readline().strip():
                pass
            message: dict[str, Any] = json.loads(self.back.read(length))
            if message.get("id") == identifier:
                return message
