"""How a text is spelled as a YAML scalar: plain where that is safe, else in quotes, or as a block of lines."""

from __future__ import annotations

import re

from tenuto_dsl.format.yaml.model import Text

_MEANS_ELSE = re.compile(
    r"null|Null|NULL|~|true|True|TRUE|false|False|FALSE"
    r"|[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
)
_NULL = re.compile(r"null|Null|NULL|~|")
_INDICATORS = frozenset("-?:,[]{}#&*!|>'\"%@`=")
_SHORT = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}
_FLOW = re.compile(r"[,?\[\]{}]")


def value_text(text: str) -> Text:
    """A text where a value is read: one that would be taken for a number, true, false or null is quoted."""
    return _spelled(text, plain=_MEANS_ELSE.fullmatch(text) is None)


def source_text(text: str) -> Text:
    """A name, a type or an expression where such is read: only what would be taken for nothing is quoted."""
    return _spelled(text, plain=_NULL.fullmatch(text) is None)


def key_text(text: str) -> str:
    found = _spelled(text, plain=_NULL.fullmatch(text) is None, lines=False)
    return found.flow or found.first


def block_text(lines: list[str]) -> Text:
    """Lines that are a source: where the lines end means nothing in it."""
    return Text("|-", lines, flow=None)


def _spelled(text: str, *, plain: bool, lines: bool = True) -> Text:
    if plain and _is_plain(text):
        return Text(text, flow=quoted(text) if _FLOW.search(text) else None)
    if lines and "\n" in text and _is_block(text):
        body = text.split("\n")
        chomp = "-"
        if body[-1] == "":
            chomp, body = "", body[:-1]
        return Text(f"|{chomp}", body, flow=quoted(text))
    return Text(quoted(text))


def _is_plain(text: str) -> bool:
    if not text or text != text.strip(" ") or not text.isprintable() or text.startswith(("---", "...", "<<")):
        return False
    negative = len(text) > 1 and text[0] == "-" and text[1].isalnum()
    if text[0] in _INDICATORS and not negative:
        return False
    return ": " not in text and " #" not in text and not text.endswith(":")


def _is_block(text: str) -> bool:
    lines = text.split("\n")
    if not lines[0].strip() or lines[0].startswith(" ") or text.endswith("\n\n"):
        return False
    return all(line.isprintable() and line == line.rstrip() for line in lines)


def quoted(text: str) -> str:
    if text.isprintable():
        if '"' not in text and "\\" not in text:
            return f'"{text}"'
        if "'" not in text:
            return f"'{text}'"
    return '"' + "".join(_escape(sign) for sign in text) + '"'


def _escape(sign: str) -> str:
    if sign in _SHORT:
        return _SHORT[sign]
    if sign.isprintable():
        return sign
    code = ord(sign)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
