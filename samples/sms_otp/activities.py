"""Codes and messages. The code is derived from the idempotency key of the call, so a repeated attempt sends it again.

The secret would come from your secret store; whoever knows it can compute every code.
"""

from __future__ import annotations

import hashlib
import hmac
import os

import tenuto

SECRET = os.environ.get("OTP_SECRET", "only for the sample").encode()


def _digest(*parts: str) -> bytes:
    return hmac.new(SECRET, "\0".join(parts).encode(), hashlib.sha256).digest()


def code_for(idempotency_key: str) -> str:
    """The six digits that belong to one call of `send_code`."""
    return f"{int.from_bytes(_digest('code', idempotency_key)[:8], 'big') % 1_000_000:06}"


def hash_of(phone: str, code: str) -> str:
    return _digest("hash", phone, code).hex()


@tenuto.activity
def send_code(phone: str) -> dict[str, str]:
    """Send a code by SMS; here it is printed to the log, where a real one would never be."""
    context = tenuto.context()
    if phone.startswith("+000"):
        raise tenuto.ActivityError("Undeliverable", "no such number", retryable=False, phone=phone)
    code = code_for(context.idempotency_key)
    context.logger.info("SMS", to=phone, text=f"Your code is {code}")
    return {"hash": hash_of(phone, code)}


@tenuto.activity
def check_code(phone: str, code: str, hash: str) -> bool:
    return hmac.compare_digest(hash_of(phone, code), hash)
