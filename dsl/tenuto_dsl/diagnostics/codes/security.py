"""TEN5xx: security."""

from __future__ import annotations

SECURITY: dict[str, str] = {
    "TEN501": "a sensitive value where everybody reads it",
    "TEN502": "a secret in a URL",
    "TEN503": "plain http to somewhere else",
    "TEN504": "what looks like a secret in the file",
    "TEN505": "a secret that is not marked `sensitive`",
    "TEN506": "a search attribute that is different for every run",
    "TEN507": "a sensitive value where its type does not say so",
}
