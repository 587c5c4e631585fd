"""`tenuto db …`: the embedded server's life, and the schema of any database."""

from __future__ import annotations

from typing import Any

from tenuto.cli.connection import embedded, named_url, usable_url
from tenuto.cli.options import Output, Where, output_of
from tenuto.cli.stop import Exit, usage
from tenuto.cli.terminal import moment, one_line, tell, write, write_value


def status(*, where: Where | None = None, output: Output | None = None) -> int:
    """Show which database is used, whether it answers and which schema it has.

    Exit code 5 when it does not answer."""
    from tenuto.store.migrate import check, version
    from tenuto.store.protocol import SchemaMismatch, Unreachable

    named = named_url(where)
    found: dict[str, Any]
    if named is not None:
        found = {"database": "named", "url": _without_password(named), "running": True, "detail": ""}
    else:
        server = embedded(where)
        state = server.status()
        found = {
            "database": "embedded", "home": str(state.home), "directory": str(state.directory),
            "running": state.running,
            "pid": state.pid, "started_at": moment(state.started_at * 1_000_000) if state.started_at else None,
            "url": state.dsn, "log": str(server.log), "detail": state.detail,
        }  # fmt: skip
        named = state.dsn
    found |= {"schema": None, "schema_version": None, "schema_needed": None}
    if named is not None and found["running"]:
        try:
            found["schema_version"], found["schema_needed"] = version(named)
            check(named)
            found["schema"] = "current"
        except SchemaMismatch as error:
            found["schema"] = str(error)
        except Unreachable as error:
            found |= {"running": False, "detail": str(error)}
    form = output_of(output)
    if form == "text":
        said = dict(found)
        if found["url"]:
            said["url"] = _place(found["url"])
        if found["schema"] == "current":
            said["schema"] = f"current, version {found['schema_version']}"
        shown = {"place" if name == "url" else name: value for name, value in said.items()}
        left_out = ("schema_version", "schema_needed")
        lines = [(n, v) for n, v in shown.items() if v not in (None, "") and n not in left_out]
        write("\n".join(f"{name:<10} {_text(value)}" for name, value in lines))
    else:
        write_value(found, form)
    return int(Exit.OK if found["running"] else Exit.UNREACHABLE)


def start(*, where: Where | None = None) -> None:
    """Start the embedded server (and make it, the first time); print its URL."""
    _demand_embedded(where, "start")
    write(usable_url(where))


def stop(*, where: Where | None = None) -> None:
    """Stop the embedded server.

    Daemons and commands that use it lose their connections; nothing is lost."""
    _demand_embedded(where, "stop")
    tell("stopped" if embedded(where).stop() else "it was not running")


def migrate(*, where: Where | None = None) -> None:
    """Bring the database's schema to this program's version.

    An older program then refuses the database."""
    from tenuto.store import migrate as migrations

    url = named_url(where) or embedded(where).ensure()
    applied = migrations.migrate(url)
    tell("the schema is current" if not applied else f"applied {', '.join(applied)}")


def url(*, where: Where | None = None) -> None:
    """Print the URL of the database that commands would use, for psql, pg_dump and other programs."""
    write(named_url(where) or embedded(where).ensure())


def _demand_embedded(where: Where | None, verb: str) -> None:
    if where is not None and where.db:
        raise usage(f"`tenuto db {verb}` is about the embedded server, not about a database named with --db")
    if named_url(where) is not None:
        raise usage(
            f"`tenuto db {verb}` is about the embedded server, but TENUTO_DB or the settings file names a database",
            "name the home to override it: --home DIRECTORY",
        )


def _text(value: Any) -> str:
    if value is True or value is False:
        return "yes" if value else "no"
    return one_line(str(value))


def _place(url: str) -> str:
    """Where a database is, in words."""
    from psycopg import Error
    from psycopg.conninfo import conninfo_to_dict

    try:
        parts = conninfo_to_dict(url)
    except Error:
        return "(cannot be parsed)"
    host = str(parts.get("host") or parts.get("hostaddr") or "")
    where = f"socket {host}" if host.startswith("/") else f"host {host or 'given by the environment'}"
    port = f", port {parts['port']}" if parts.get("port") else ""
    user = f", user {parts['user']}" if parts.get("user") else ""
    return f"database {parts.get('dbname') or parts.get('user') or 'of the environment'}, {where}{port}{user}"


def _without_password(text: str) -> str:
    from psycopg import Error
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    try:
        parts = conninfo_to_dict(text)
    except Error:
        return "(cannot be parsed)"
    return make_conninfo("", **{key: value for key, value in parts.items() if key not in ("password", "sslpassword")})
