"""From options to a database that can be used: named by the person, or embedded, started and migrated."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tenuto.cli.options import Where, settings
from tenuto.cli.terminal import tell

if TYPE_CHECKING:
    from tenuto.server import EmbeddedServer


def named_url(where: Where | None) -> str | None:
    """The database the person names: flag, TENUTO_DB or settings file. None, or a `--home`: the embedded one."""
    if where is not None and where.db:
        return where.db
    if where is not None and where.home:
        return None
    return settings().db


def embedded(where: Where | None) -> EmbeddedServer:
    """The embedded server of the chosen home."""
    from tenuto.server import EmbeddedServer, default_home

    home: Path | None = (where.home if where is not None else None) or settings().home
    return EmbeddedServer(home.expanduser().absolute() if home else default_home(), tell=tell)


def usable_url(where: Where | None) -> str:
    """The URL of a database with our schema. The embedded one is brought up to it; another is only checked.

    Raises Unreachable, SchemaMismatch.
    """
    from tenuto.store.migrate import check, migrate
    from tenuto.store.protocol import SchemaMismatch

    url = named_url(where)
    if url is not None:
        check(url)
        return url
    url = embedded(where).ensure()
    try:
        check(url)
    except SchemaMismatch:
        migrate(url)  # raises again when the schema is newer
    return url


@contextlib.contextmanager
def lasting_url(where: Where | None) -> Iterator[str]:
    """As `usable_url`, for a command that stays a while; the embedded server is kept up meanwhile."""
    from tenuto.server.keeper import kept_up

    url = usable_url(where)
    if named_url(where) is not None:
        yield url
        return
    with kept_up(embedded(where)):
        yield url
