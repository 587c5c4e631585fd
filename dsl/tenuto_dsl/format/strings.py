"""How values are spelled in the text form: strings, bytes, durations and numbers."""

from __future__ import annotations

import re

_SHORT = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\u0000"}
_DOLLARS = re.compile(r"\$+(?=\{)")
_ENDING_QUOTE = re.compile(r'\A"|"(?="")|"\Z')
_UNITS = (
    ("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000), ("ms", 1_000), ("us", 1),
)  # fmt: skip


def quoted(text: str) -> str:
    """A string literal. One with backslashes is written raw where that reads better."""
    if "\\" in text and "'" not in text and _raw(text):
        return f'r"{text}"' if '"' not in text else f"r'{text}'"
    return plainly_quoted(text)


def plainly_quoted(text: str) -> str:
    """A string literal in the quotes that need fewer escapes; never a raw one."""
    quote = "'" if '"' in text and "'" not in text else '"'
    return f"{quote}{escaped(text, quote)}{quote}"


def _raw(text: str) -> bool:
    return text.isprintable() and "${" not in text and not text.endswith("\\")


def escaped(text: str, quote: str, *, before_code: bool = False) -> str:
    """What stands between the quotes. `before_code`: a `${` follows, so that a dollar at the end is doubled."""
    text = _DOLLARS.sub(lambda found: found[0] * 2, text)
    if before_code:
        kept = text.rstrip("$")
        text = kept + "$$" * (len(text) - len(kept))
    multiline = len(quote) == 3
    return "".join(_escape(sign, quote[0], multiline) for sign in text)


def _escape(sign: str, quote: str, multiline: bool) -> str:
    if sign == quote:
        return "\\" + sign
    if multiline and sign == "\n":
        return sign
    short = _SHORT.get(sign)
    if short is not None:
        return short
    if sign.isprintable():
        return sign
    code = ord(sign)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def docstring(text: str) -> str:
    """A description: its line ends and dollars as they are, and its quotes where they cannot be taken for its end."""
    quotes = _ENDING_QUOTE.sub(r"\\\g<0>", "".join(_escape(sign, "", multiline=True) for sign in text))
    return f'"""{quotes}"""'


def sql_text(statement: str) -> str:
    """An SQL statement, in which nothing is interpolated and dollars are no pairs."""
    quote = '"""' if "\n" in statement else '"'
    body = "".join(_escape(sign, '"', len(quote) == 3) for sign in statement)
    return quote + _DOLLARS.sub(lambda found: "\\$" * len(found[0]), body) + quote


def bytes_text(value: bytes) -> str:
    """A bytes literal: readable where the bytes are text."""
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if text.isprintable() and (text or not value):
        quote = "'" if '"' in text and "'" not in text else '"'
        body = "".join("\\" + sign if sign in ("\\", quote) else sign for sign in text)
        return f"b{quote}{body}{quote}"
    return 'b"' + "".join(_byte(code) for code in value) + '"'


def _byte(code: int) -> str:
    sign = chr(code)
    if sign in '"\\':
        return "\\" + sign
    return sign if 0x20 <= code < 0x7F else f"\\x{code:02x}"


def duration_text(microseconds: int) -> str:
    """`1d2h`, in the largest units that give whole numbers; days are the largest."""
    parts = []
    for unit, size in _UNITS:
        count, microseconds = divmod(microseconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def double_text(value: float) -> str:
    """The shortest spelling that reads back as the same number, and as a double."""
    return repr(value)
