"""Sources to syntax trees, in both forms.

`tree` is what both give; `text` reads the text form, `yaml` the YAML form. Whatever a source holds, the answer is a
tree of what could be read, and diagnostics for the rest: never an exception.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.source import MAX_SIZE, Source
from tenuto_dsl.syntax.text.parse import parse_part, parse_text

if TYPE_CHECKING:
    from tenuto_dsl.diagnostics import Diagnostics

__all__ = [
    "MAX_BYTES",
    "decode_source",
    "form_of",
    "parse_expression",
    "parse_file",
    "parse_text",
    "parse_type",
    "parse_yaml",
]


MAX_BYTES = 4 * MAX_SIZE
"""No file of more bytes can have few enough characters; it is refused before anything is made of it."""


def form_of(name: str) -> str | None:
    """ "text" or "yaml" by a file's suffix; None for another."""
    return {".tenuto": "text", ".yaml": "yaml", ".yml": "yaml"}.get(PurePath(name).suffix.lower())


def parse_file(name: str, source: str, sink: Diagnostics) -> tree.File:
    """The tree of a file, in the form its suffix tells."""
    form = form_of(name)
    if form == "text":
        return parse_text(source, name, sink)
    if form == "yaml":
        return parse_yaml(source, name, sink)
    nowhere = tree.Span(name, 1, 1, 1, 1)
    sink.error("TEN130", nowhere, "neither a .tenuto nor a .yaml file", "rename it, or convert it")
    return tree.File((), span=nowhere)


def parse_yaml(source: str, file: str, sink: Diagnostics) -> tree.File:
    """The tree of a file in the YAML form."""
    from tenuto_dsl.syntax.yaml.declarations import parse_yaml as parse  # PyYAML is loaded only when it is needed

    return parse(source, file, sink)


def parse_expression(source: str, file: str, sink: Diagnostics, line: int = 1, col: int = 1) -> tree.Expr | None:
    """A lone expression that begins at (line, col) of its file; None when it cannot be read."""
    node: tree.Expr | None = parse_part(Source(source, file, line, col), sink, "expression_only")
    return node


def parse_type(source: str, file: str, sink: Diagnostics, line: int = 1, col: int = 1) -> tree.TypeNode | None:
    """A lone type that begins at (line, col) of its file; None when it cannot be read."""
    node: tree.TypeNode | None = parse_part(Source(source, file, line, col), sink, "type_only")
    return node


def decode_source(data: bytes, file: str, sink: Diagnostics) -> str | None:
    """The text of a file's bytes: UTF-8, with or without a byte order mark. None, with a diagnostic, for others."""
    nowhere = tree.Span(file, 1, 1, 1, 1)
    if len(data) > MAX_BYTES:
        sink.error("TEN108", nowhere, f"a file of {len(data):,} bytes; {MAX_BYTES:,} are allowed")
        return None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        sink.error("TEN110", nowhere, "a file in UTF-16", "save it as UTF-8")
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        sink.error("TEN110", tree.Span(file, line, 1, line, 1), "not UTF-8 text", "save it as UTF-8")
        return None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        sink.error("TEN110", tree.Span(file, line, 1, line, 1), "a NUL character: not a text file")
        return None
    return text.replace("\r\n", "\n")
