"""Counts round trips: a proxy between a program and the server, on a socket of its own.

A round trip begins whenever a program sends after the server has answered. The proxy costs time, so that a subject is
counted in another run than it is timed in.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo


class Counter:
    def __init__(self) -> None:
        self.trips = 0


@contextmanager
def counted(dsn: str) -> Iterator[tuple[str, Counter]]:
    """(the DSN to connect to instead, what has been counted)"""
    counter = Counter()
    parts = conninfo_to_dict(dsn)
    port = parts.get("port", 5432)
    server = f"{parts['host']}/.s.PGSQL.{port}"
    with tempfile.TemporaryDirectory(prefix="tenuto-trips-") as folder:
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()

        async def listen() -> asyncio.Server:
            return await asyncio.start_unix_server(
                lambda reader, writer: _serve(reader, writer, server, counter), Path(folder) / f".s.PGSQL.{port}"
            )

        asyncio.run_coroutine_threadsafe(listen(), loop).result()
        try:
            yield make_conninfo(dsn, host=folder), counter
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(5)


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: str, counter: Counter) -> None:
    server_reader, server_writer = await asyncio.open_unix_connection(server)
    answered = True

    async def forth() -> None:
        nonlocal answered
        while data := await reader.read(65_536):
            if answered:
                answered = False
                counter.trips += 1
            server_writer.write(data)
            await server_writer.drain()
        server_writer.close()

    async def back() -> None:
        nonlocal answered
        while data := await server_reader.read(65_536):
            answered = True
            writer.write(data)
            await writer.drain()
        writer.close()

    with suppress(ConnectionError, asyncio.CancelledError):
        await asyncio.gather(forth(), back(), return_exceptions=True)
