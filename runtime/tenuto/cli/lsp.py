"""`tenuto lsp`."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter


def lsp(*, stdio: Annotated[bool, Parameter(negative="", show_default=False)] = True) -> int:
    """Serve an editor: the language server.

    It speaks the Language Server Protocol over standard input and output; an editor starts it. docs/editors.md says
    how for each.

    Parameters
    ----------
    stdio
        What it does anyway; editors like to say it.
    """
    import logging

    from tenuto.cli.app import installed_version
    from tenuto.lsp.server import serve

    del stdio
    logging.disable(logging.CRITICAL)  # what goes wrong is told to the client, and kept in errors.log
    return serve(installed_version())
