"""The embedded server's life: found, set up, started, stopped. What every command without a database calls.

`ensure` is the whole interface: afterwards a server answers at the URL it returns, whoever started it. Rules:

- A server is running when a connection to it answers, and not otherwise; files and process numbers only say where to
  look and why nobody answers.
- It belongs to its home, not to the process that started it: it runs in a session of its own and outlives everybody.
- Setting up, starting and stopping happen under a file lock; finding a running server takes none.
- Waiting is limited by progress, not by a short clock: recovery after a crash may take minutes, and the server says so.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tenuto.server import account as accounts
from tenuto.server import binaries
from tenuto.server.account import Account
from tenuto.server.errors import ServerError, explain_os_error
from tenuto.server.initialise import environment, initialise, initialised
from tenuto.server.lock import exclusive
from tenuto.server.places import SOCKET_NAME, default_home, make_home, server_directory, socket_directory
from tenuto.server.postmaster import PidFile, is_serving, read_pid_file
from tenuto.server.probe import DATABASE, Answer, dsn, probe

START_LIMIT_S = 600.0
"""Recovery from the log after a crash can take this long; a server that dies or refuses is reported at once."""
STOP_LIMIT_S = 120.0
SILENCE_LIMIT_S = 15.0
"""A server that takes connections and says nothing for so long is frozen."""
QUIET_S = 2.0
"""Waiting longer than this is worth a word to the person."""
LOG_LIMIT_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ServerStatus:
    home: Path
    directory: Path
    running: bool
    initialised: bool
    pid: int | None
    started_at: int | None
    """seconds since 1970"""
    dsn: str | None
    detail: str
    """Why it is not running, when that is known."""


def _silent(_: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """The server of one home directory. Making the object does nothing."""

    home: Path = field(default_factory=default_home)
    settings: Mapping[str, str] = field(default_factory=dict)
    """postgresql.conf settings for a database that is made now; one that exists keeps its own."""
    tell: Callable[[str], None] = _silent
    """Told what takes long, in words for a person."""

    def ensure(self) -> str:
        """Return the URL of a server that answers, starting (and first making) it if need be. Raises `ServerError`."""
        if found := self._running():
            return found
        start = self._lockable()
        with exclusive(self.home / "postgres.lock", START_LIMIT_S, waiting=self._tell_waiting):
            if found := self._running():
                return found
            return self._start(start)

    def stop(self) -> bool:
        """Stop the server, with a checkpoint, ending its connections; False if none was running."""
        if not self.home.exists():
            return False
        self._lockable()
        with exclusive(self.home / "postgres.lock", START_LIMIT_S, waiting=self._tell_waiting):
            data = self._data()
            found = read_pid_file(data)
            if found is None or not is_serving(found.pid, data):
                return False
            self._end(found, data)
            return True

    def status(self) -> ServerStatus:
        """What is known, without starting anything."""
        data = self._data()
        found = read_pid_file(data)
        ready = (data / "PG_VERSION").exists()
        detail = "" if ready else "no database has been made here yet"
        if found is not None and found.socket_directory is not None:
            answer, text = probe(dsn(found.socket_directory))
            if answer not in (Answer.ABSENT, Answer.SILENT):
                url = dsn(found.socket_directory)
                note = "" if answer is Answer.READY else answer.value
                return ServerStatus(self.home, data.parent, True, ready, found.pid, found.started_at, url, note)
            detail = "its process does not answer" if is_serving(found.pid, data) else "its process is gone"
            if answer is Answer.SILENT:
                detail = f"process {found.pid} does not answer: {text.splitlines()[0]}"
        return ServerStatus(self.home, data.parent, False, ready, None, None, None, detail)

    @property
    def log(self) -> Path:
        """Where the server writes its messages."""
        return self.home / "postgres" / "server.log"

    # Finding

    def _data(self) -> Path:
        return (self.home / "postgres").resolve() / "data"

    def _running(self) -> str | None:
        """The URL, if a server of this home answers now or is about to."""
        data = self._data()
        found = read_pid_file(data)
        while found is not None and found.socket_directory is None and is_serving(found.pid, data):
            time.sleep(0.005)  # it writes the socket's place a moment after its number
            found = read_pid_file(data)
        if found is None or found.socket_directory is None:
            return None
        return self._await(found.pid, found.socket_directory, data, started_by_us=False)

    def _lockable(self) -> Account:
        account = accounts.choose(self.home / "postgres")
        make_home(self.home, private=not account.switched)
        return account

    def _tell_waiting(self) -> None:
        self.tell("another command is starting the embedded database; waiting for it")

    # Starting

    def _start(self, account: Account) -> str:
        directory = server_directory(self.home, account)
        data = directory / "data"
        programs = binaries.find(account)
        if not initialised(data):
            self.tell(f"setting up the embedded database in {self.home} (only once)")
            initialise(data, programs, account, self.settings)
        sockets = socket_directory(directory, account)
        deadline = time.monotonic() + START_LIMIT_S
        while True:
            written = self._rotate_log()
            pid = self._spawn(programs, data, sockets, account)
            url = self._await(pid, sockets, data, started_by_us=True)
            if url is not None:
                return url
            if found := self._running():
                return found  # begun by a command that was killed meanwhile
            said = self._log_since(written)
            # The dead postmaster's processes notice its death at their next wait; until then its memory is in use.
            if "shared memory block" not in said or time.monotonic() > deadline:
                raise ServerError(self._explain_death(said))
            time.sleep(0.2)

    def _spawn(self, programs: Path, data: Path, sockets: Path, account: Account) -> int:
        quoted = '"' + str(sockets).replace('"', '""') + '"'
        command = [
            str(programs / "postgres"), "-D", str(data), "-c", "listen_addresses=",
            "-c", f"unix_socket_directories={quoted}", "-c", "unix_socket_permissions=0700", "-c", "port=5432",
        ]  # fmt: skip
        variables = environment()
        stale = read_pid_file(data)
        if stale is None:
            # Missing, or cut short by a crash, which PostgreSQL refuses. The shared memory's own check stays in force.
            (data / "postmaster.pid").unlink(missing_ok=True)
        elif not is_serving(stale.pid, data):
            # PostgreSQL believes any living process with the number in its stale file, zombies too. It makes an
            # exception for its own ancestors: name the stranger as one, and every other check stays in force.
            variables["PG_GRANDPARENT_PID"] = str(stale.pid)
        # Guards only the socket's name, in a directory that is ours alone; believes zombies likewise.
        (sockets / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)
        try:
            # The directory is the server's user's own: root must not follow a link laid there.
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
            with os.fdopen(os.open(self.log, flags, 0o600), "ab") as log:
                done = subprocess.run(  # noqa: S603 - our own program and arguments
                    # The shell in between leaves the server without a parent: nobody has to wait for it.
                    ["/bin/sh", "-c", '"$@" >&2 & echo $!', "sh", *command],
                    cwd="/", env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                    start_new_session=True, check=True, timeout=60, **account.spawn_options(),
                )  # fmt: skip
        except OSError as error:
            raise explain_os_error(error, "start the embedded database") from error
        except subprocess.SubprocessError as error:
            raise ServerError(f"cannot start the embedded database: {error}") from error
        return int(done.stdout)

    def _await(self, pid: int, sockets: Path, data: Path, *, started_by_us: bool) -> str | None:
        """Wait until the server answers; None when its process is gone or never was."""
        url = dsn(sockets)
        began = time.monotonic()
        told = False
        pause = 0.005
        while True:
            answer, text = probe(url)
            if answer in (Answer.READY, Answer.FULL):
                return url
            if answer is Answer.NO_DATABASE:
                self._create_database(sockets)
                return url
            # Asked after the probe: a process that is gone now may have answered a moment ago.
            if not is_serving(pid, data):
                return None
            waited = time.monotonic() - began
            if answer is Answer.SILENT and waited > SILENCE_LIMIT_S:
                raise ServerError(
                    f"the embedded database's process {pid} lives but does not answer. "
                    f"Is it stopped (SIGSTOP), or the machine overloaded? Its log is {self.log}"
                )
            if waited > (START_LIMIT_S if started_by_us or answer is Answer.STARTING else 60):
                raise ServerError(f"the embedded database is not ready after {waited:.0f} s ({text}). Log: {self.log}")
            if waited > QUIET_S and not told:
                told = True
                self.tell("the embedded database is starting; after a crash it first recovers, which can take minutes")
            time.sleep(pause)
            pause = min(pause * 1.5, 0.1)

    def _create_database(self, sockets: Path) -> None:
        try:
            with psycopg.connect(dsn(sockets, "postgres"), autocommit=True, connect_timeout=30) as connection:
                connection.execute(f'create database "{DATABASE}"')
        except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            pass  # another command was quicker
        except psycopg.Error as error:
            raise ServerError(f"cannot create the database: {str(error).strip()}. Log: {self.log}") from error

    # Ending

    def _end(self, found: PidFile, data: Path) -> None:
        try:
            os.kill(found.pid, signal.SIGINT)  # "fast": connections end, then a checkpoint
        except PermissionError as error:
            raise ServerError(f"process {found.pid} belongs to another user: stop it as that user") from error
        except ProcessLookupError:
            return
        deadline = time.monotonic() + STOP_LIMIT_S
        while is_serving(found.pid, data):
            if time.monotonic() > deadline:
                raise ServerError(
                    f"the embedded database (process {found.pid}) has not stopped after {STOP_LIMIT_S:.0f} s. "
                    f"Log: {self.log}"
                )
            time.sleep(0.02)
        sockets = found.socket_directory
        if sockets is not None and sockets != data.parent:
            with contextlib.suppress(OSError):
                sockets.rmdir()

    # The log

    def _rotate_log(self) -> int:
        """Keep the log short; returns its length now."""
        try:
            size = self.log.stat().st_size
            if size > LOG_LIMIT_BYTES:
                self.log.replace(self.log.with_suffix(".log.1"))
                return 0
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise explain_os_error(error, "write the embedded database's log") from error
        return size

    def _log_since(self, offset: int) -> str:
        with contextlib.suppress(OSError), self.log.open("rb") as log:
            log.seek(offset)
            return log.read(65536).decode("utf-8", errors="replace")
        return ""

    def _explain_death(self, said: str) -> str:
        if "No space left on device" in said or "Disk quota exceeded" in said:
            return f"the embedded database cannot start: the disk is full ({self.home}). Free some space and try again"
        fatal = [line for line in said.splitlines() if "FATAL" in line or "PANIC" in line]
        reason = fatal[-1].split(":  ", 1)[-1] if fatal else (said.strip().splitlines() or ["it said nothing"])[-1]
        return f"the embedded database did not start: {reason}. Log: {self.log}"
