"""The converter: a source of one form in, the same in the other form out; or nothing, with diagnostics that say why.

As with the formatter, what is written is read back: it has the same declarations, those of each kind in their order,
and the same comments. Between kinds the YAML form knows no order.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.format.comments import Reading, attach_text
from tenuto_dsl.format.formatter import Form, format_source
from tenuto_dsl.format.from_yaml import Blanks, attach_yaml
from tenuto_dsl.format.text import text_of
from tenuto_dsl.format.yaml.declarations import SCHEMA, model_of
from tenuto_dsl.format.yaml.write import write
from tenuto_dsl.syntax import parse_text, parse_yaml, tree

__all__ = ["SCHEMA", "by_kind", "convert_source"]


def convert_source(
    source: str, file: str, form: Form, to: Form, sink: Diagnostics, schema: str | None = None
) -> str | None:  # fmt: skip
    """A source in the other form; None, with diagnostics, when it cannot be read or cannot be said there.

    `schema` is the address of the schema to name in the first line of a YAML file.
    """
    if form == to:
        written = format_source(source, file, form, sink)
    else:
        own = Diagnostics()
        read = (parse_text if form == "text" else parse_yaml)(source, file, own)
        for item in own.items:
            sink.add(item)
        if own.has_errors:
            return None
        made = (_as_yaml if to == "yaml" else _as_text)(read, source)
        # What is laid out by rule is then laid out as what an author wrote: the formatter has nothing to do on it.
        written = format_source(made, file, to, sink) if _is_same(read, made, to, sink) else None
    if written is not None and schema is not None and to == "yaml" and SCHEMA not in written:
        written = f"{SCHEMA}{schema}\n{written}"
    return written


def _as_text(read: tree.File, source: str) -> str:
    blanks = Blanks(source)
    return text_of(read, attach_yaml(read, blanks), blanks=blanks)


def _as_yaml(read: tree.File, source: str) -> str:
    reading = Reading(source, read.comments)
    return write(*model_of(read, attach_text(read, reading), reading))


def by_kind(declarations: Iterable[Any]) -> dict[str, list[Any]]:
    """Declarations of each kind in their order."""
    found: dict[str, list[Any]] = {}
    for declaration in declarations:
        found.setdefault(type(declaration).__name__, []).append(declaration)
    return found


def _is_same(read: tree.File, written: str, to: Form, sink: Diagnostics) -> bool:
    own = Diagnostics()
    back = (parse_text if to == "text" else parse_yaml)(written, read.span.file, own)
    form = "YAML" if to == "yaml" else "text"
    if own.has_errors:
        message = f"this file cannot be said in the {form} form: {own.items[0].message}"
        sink.error("TEN151", read.span, message, own.items[0].hint)
    elif by_kind(back.declarations) != by_kind(read.declarations):
        sink.error("TEN151", read.span, f"the {form} form would say something else than this file")
    elif sorted(c.text for c in back.comments) != sorted(c.text for c in read.comments):
        sink.error("TEN151", read.span, f"the {form} form would lose a comment of this file")
    else:
        return True
    return False
