"""`tenuto schema`."""

from __future__ import annotations


def schema() -> None:
    """Print the JSON Schema of the YAML form.

    It is in draft 7, for editors that complete and check YAML by schemas; docs/editors.md says how to use it.
    """
    from tenuto_dsl.syntax.yaml.schema import schema_text

    from tenuto.cli.terminal import write

    write(schema_text().rstrip("\n"))
