"""A proxy between a store and its server that loses replies, delays them, or goes silent."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

from psycopg.conninfo import conninfo_to_dict, make_conninfo


class Proxy:
    """Listens on a free port of this machine; `dsn` leads through it.

    `lose_reply`: of the next request, nothing comes back and the connection ends. `silent`: nothing passes any more,
    and nothing is closed.
    """

    def __init__(self, dsn: str) -> None:
        given = conninfo_to_dict(dsn)
        self._target = (str(given["host"]), int(given.get("port") or 5432))
        self._server = socket.create_server(("127.0.0.1", 0))
        port = self._server.getsockname()[1]
        self.dsn = make_conninfo("", **{**given, "host": "127.0.0.1", "port": port, "sslmode": "disable"})
        self.lose_reply = False
        self.silent = False
        self._closed = False
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._run(self._accept)

    def close(self) -> None:
        self._closed = True
        for one in (self._server, *self._sockets):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)  # also ends a wait for connections
        for thread in self._threads:
            thread.join(5)
        for one in (self._server, *self._sockets):
            one.close()

    def _run(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while not self._closed:
                client, _ = self._server.accept()
                self._sockets.append(client)
                server = self._connect()
                self._sockets.append(server)
                self._run(self._pump, client, server, False)
                self._run(self._pump, server, client, True)

    def _connect(self) -> socket.socket:
        host, port = self._target
        if host.startswith("/"):
            server = socket.socket(socket.AF_UNIX)
            server.connect(f"{host}/.s.PGSQL.{port}")
            return server
        return socket.create_connection((host, port))

    def _pump(self, source: socket.socket, target: socket.socket, replies: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if self.silent:
                    continue
                if replies and self.lose_reply:
                    self.lose_reply = False
                    break
                target.sendall(data)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
