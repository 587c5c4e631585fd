"""The schema's two verbs, for callers who need nothing else of the store: `migrate(dsn)` and `check(dsn)`."""

from tenuto.store.postgres.schema import Migration, check, migrate, migrations

__all__ = ["Migration", "check", "migrate", "migrations"]
