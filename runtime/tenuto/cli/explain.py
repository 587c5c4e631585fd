"""`tenuto explain`."""

from __future__ import annotations

import re
import sys
from typing import Annotated

from cyclopts import Parameter

from tenuto.cli.options import Output, output_of
from tenuto.cli.stop import Exit, Stop
from tenuto.cli.terminal import paint, write, write_rows, write_value


def explain(
    code: Annotated[str | None, Parameter(name="CODE")] = None,
    /,
    *,
    all: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    output: Output | None = None,
) -> None:
    """Explain a diagnostic's code, such as TEN203.

    Without a code, list all of them.

    Parameters
    ----------
    code
        The code as `tenuto lint` prints it; the number alone will do.
    all
        Explain every code, as a page of Markdown.
    """
    from tenuto_dsl.diagnostics import CODES
    from tenuto_dsl.explain import AREAS
    from tenuto_dsl.explain import explain as explanation_of

    form = output_of(output)
    if all:
        from tenuto_dsl.explain import page

        write(page())
        return
    if code is None:
        rows = [{"code": name, "area": AREAS.get(name[3], ""), "title": CODES[name]} for name in sorted(CODES)]
        write_rows(rows, form, (("CODE", "code"), ("AREA", "area"), ("TITLE", "title")))
        return
    name = f"TEN{code}" if re.fullmatch(r"\d{3}", code) else code.upper()
    if name not in CODES:
        raise Stop(Exit.NOT_FOUND, f"there is no code {code}", "tenuto explain lists all codes")
    found = explanation_of(name)
    data = {"code": name, "area": AREAS.get(name[3], ""), "title": CODES[name]}
    if found is not None:
        data["kind"] = "error" if found.severity is None else "rule"
        data["explanation"] = found.text
        if found.severity is not None:
            data["severity"] = found.severity
            data["default"] = "on" if found.default else "off"
    if form != "text":
        write_value(data, form)
        return
    kind = f", {data['severity']}" if "severity" in data else ""
    write(f"{paint(name, 'bold', sys.stdout)}: {data['title']}\narea: {data['area']}{kind}")
    if found is not None:
        write(f"\n{found.plain_text()}")
