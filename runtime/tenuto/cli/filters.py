"""Filters that people write wrongly."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tenuto.cli.stop import Exit, Stop
from tenuto.cli.terminal import coloured, tell

if TYPE_CHECKING:
    from tenuto.client import BadFilter


def refused(error: BadFilter, source: str) -> Stop:
    """The mistakes of a filter, each with its place."""
    from tenuto_dsl.diagnostics.render import render_text
    from tenuto_dsl.filters.filter import NAME

    from tenuto.store.filters import RUN_COLUMNS

    print(render_text(error.items, {NAME: source}, colour=coloured(sys.stderr)), file=sys.stderr)  # noqa: T201  # as it is
    if any(item.code == "TEN240" for item in error.items):
        tell(f"a filter knows {', '.join(RUN_COLUMNS)}")
    return Stop(Exit.USAGE)
