"""`tenuto explain`."""

from __future__ import annotations

import re
from typing import Annotated

from cyclopts import Parameter

from tenuto.cli.options import Output, output_of
from tenuto.cli.stop import Exit, Stop, did_you_mean
from tenuto.cli.terminal import write, write_rows, write_value

_AREAS = {
    "1": "syntax", "2": "names and types", "3": "state machine", "4": "durability",
    "5": "security", "6": "compatibility",
}  # fmt: skip


def explain(
    code: Annotated[str | None, Parameter(name="CODE")] = None, /, *, output: Output | None = None
) -> None:  # fmt: skip
    """Explain a diagnostic's code, such as TEN203.

    Without a code, list all of them.

    Parameters
    ----------
    code
        The code as `tenuto lint` prints it; the number alone will do.
    """
    from tenuto_dsl.diagnostics import CODES

    form = output_of(output)
    if code is None:
        rows = [{"code": name, "area": _AREAS.get(name[3], ""), "title": CODES[name]} for name in sorted(CODES)]
        write_rows(rows, form, (("CODE", "code"), ("AREA", "area"), ("TITLE", "title")))
        return
    name = f"TEN{code}" if re.fullmatch(r"\d{3}", code) else code.upper()
    if name not in CODES:
        raise Stop(Exit.NOT_FOUND, f"there is no code {code}", did_you_mean(name, CODES))
    found = {"code": name, "area": _AREAS.get(name[3], ""), "title": CODES[name]}
    if form == "text":
        write(f"{name}: {found['title']}\narea: {found['area']}")
    else:
        write_value(found, form)
