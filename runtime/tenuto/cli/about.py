"""`tenuto version`."""

from __future__ import annotations

import platform

from tenuto.cli.options import Output, output_of
from tenuto.cli.terminal import write, write_value


def version(*, output: Output | None = None) -> None:
    """Show the versions of Tenuto and of what it runs on."""
    from tenuto.cli.app import installed_version

    found = {
        "tenuto": installed_version(),
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
    }
    form = output_of(output)
    if form == "text":
        write("\n".join(f"{name} {value}" for name, value in found.items()))
    else:
        write_value(found, form)
