"""The embedded server's postgresql.conf: durable first, then modest, then quick to start.

Written once, when the database directory is made; after that it belongs to the operator. What must hold for the
supervisor to find its server (no TCP, the socket's place) is given on the command line instead.
"""

from __future__ import annotations

from collections.abc import Mapping

SETTINGS: Mapping[str, str] = {
    # Nothing acknowledged is lost.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_level": "replica",  # so that pg_basebackup and archiving stay possible
    "max_wal_senders": "4",
    # Room for many daemons, lanes and commands, in little memory.
    "max_connections": "200",
    "shared_buffers": "128MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "1GB",
    "min_wal_size": "128MB",
    "checkpoint_timeout": "10min",
    "checkpoint_completion_target": "0.9",
    "wal_buffers": "8MB",
    # Small hot tables: vacuum them early.
    "autovacuum_naptime": "15s",
    "autovacuum_vacuum_cost_delay": "1ms",
    # Short statements only: compiling them would cost more than running them, and reads come from memory.
    "jit": "off",
    "io_method": "sync",
    "cluster_name": "tenuto",
    "password_encryption": "scram-sha-256",
    # Times are UTC and messages English wherever the server runs: the supervisor reads both.
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
}

_HEADER = """\
# Written by tenuto when this database was made; yours to edit. Read again by `tenuto db stop` and `tenuto db start`.
# The socket's place and "no TCP" come from the command line and cannot be changed here.
"""


def render(extra: Mapping[str, str]) -> str:
    """The text of postgresql.conf, `extra` settings last and winning."""
    settings = {**SETTINGS, **extra}
    return _HEADER + "".join(f"{name} = {_quoted(value)}\n" for name, value in settings.items())


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
