"""The command line. Data goes to stdout, everything else to stderr; a person never sees a traceback."""

from tenuto.cli.entry import main

__all__ = ["main"]
