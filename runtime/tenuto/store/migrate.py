"""The schema's verbs, for callers who need nothing else of the store: `migrate`, `check` and `version`, of a dsn."""

from tenuto.store.postgres.schema import Migration, check, migrate, migrations, version

__all__ = ["Migration", "check", "migrate", "migrations", "version"]
