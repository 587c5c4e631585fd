"""The formatter: a source in, the same source in its canonical layout out; or nothing, with diagnostics that say why.

What is written is read back before anybody gets to see it. Unless it says the same and keeps every comment, the file is
left alone: a mistake in a printer must never cost an author anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.format.comments import Reading, attach_text
from tenuto_dsl.format.text import text_of
from tenuto_dsl.syntax import parse_text, parse_yaml

if TYPE_CHECKING:
    from tenuto_dsl.syntax import tree

Form = Literal["text", "yaml"]


def format_source(source: str, file: str, form: Form, sink: Diagnostics) -> str | None:
    """The canonical layout of a source of one form; None, with diagnostics, when it cannot be read."""
    read, written = (_text if form == "text" else _yaml)(source, file, sink)
    if read is None or written is None:
        return None
    return written if is_faithful(read, written, form, sink) else None


def _text(source: str, file: str, sink: Diagnostics) -> tuple[tree.File | None, str | None]:
    own = Diagnostics()
    read = parse_text(source, file, own)
    if _pass_on(own, sink):
        return None, None
    reading = Reading(source, read.comments)
    return read, text_of(read, attach_text(read, reading), reading)


def _yaml(source: str, file: str, sink: Diagnostics) -> tuple[tree.File | None, str | None]:
    from tenuto_dsl.format.yaml.read import ModelReader
    from tenuto_dsl.format.yaml.write import write
    from tenuto_dsl.syntax.yaml.compose import Mapping, compose
    from tenuto_dsl.syntax.yaml.declarations import read_document

    own = Diagnostics()
    document = compose(source, file, own)
    read = read_document(document, source, file, own)
    if _pass_on(own, sink) or not isinstance(document.root, Mapping):
        return None, None
    return read, write(*ModelReader(source).read(document.root, document.comments))


def _pass_on(own: Diagnostics, sink: Diagnostics) -> bool:
    """Hand diagnostics on; whether there are errors among them."""
    for item in own.items:
        sink.add(item)
    return own.has_errors


def is_faithful(read: tree.File, written: str, form: Form, sink: Diagnostics) -> bool:
    """Whether a text reads back as the same tree with the same comments; a diagnostic tells if not."""
    own = Diagnostics()
    back = (parse_text if form == "text" else parse_yaml)(written, read.span.file, own)
    hint = "it is left as it is; please report this with the file"
    if own.has_errors:
        first = own.items[0]
        sink.error("TEN150", read.span, f"what the formatter wrote cannot be read: {first.message}", hint)
    elif back.declarations != read.declarations:
        sink.error("TEN150", read.span, "the formatter would change what this file says", hint)
    elif sorted(c.text for c in back.comments) != sorted(c.text for c in read.comments):
        sink.error("TEN150", read.span, "the formatter would lose a comment of this file", hint)
    else:
        return True
    return False
