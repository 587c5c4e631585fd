"""Keeps the embedded server up while something long-lived uses it: whoever kills it, it comes back within seconds."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from tenuto.server.errors import ServerError
from tenuto.server.supervisor import EmbeddedServer

INTERVAL_S = 2.0


@contextlib.contextmanager
def kept_up(server: EmbeddedServer) -> Iterator[None]:
    """Probe the server now and then, and start it again when it does not answer."""
    ended = threading.Event()

    def keep() -> None:
        while not ended.wait(INTERVAL_S):
            try:
                server.ensure()
            except ServerError as error:
                server.tell(str(error))

    thread = threading.Thread(target=keep, name="tenuto-keeper", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
