"""Encodings and digests: base64, hexadecimal SHA-256."""

from __future__ import annotations

import hashlib

from tenuto_interpreter.expr.context import Context, charge, charge_text
from tenuto_interpreter.expr.errors import ExpressionError
from tenuto_interpreter.expr.table import Rows
from tenuto_interpreter.values.texts import read_bytes, write_bytes


def _digest(context: Context, data: bytes) -> str:
    charge(context, len(data) >> 6)
    return hashlib.sha256(data).hexdigest()


def _digest_text(context: Context, text: str) -> str:
    return _digest(context, text.encode(errors="replace"))


def _decode(context: Context, text: str) -> bytes:
    try:
        return charge_text(context, read_bytes(text))
    except ValueError:
        raise ExpressionError("base64.decode of a string that is not base64") from None


def _encode(context: Context, data: bytes) -> str:
    return charge_text(context, write_bytes(data))


ROWS = Rows()

ROWS.function("sha256", "sha256", "string -> string", _digest_text, needs_context=True)
ROWS.function("sha256_bytes", "sha256", "bytes -> string", _digest, needs_context=True)
ROWS.function("base64_encode", "base64.encode", "bytes -> string", _encode, needs_context=True)
ROWS.function("base64_decode", "base64.decode", "string -> bytes", _decode, needs_context=True)
