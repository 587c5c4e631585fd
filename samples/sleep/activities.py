"""Sends mail; here, to the log."""

from __future__ import annotations

import tenuto


@tenuto.activity
def send_mail(to: str, text: str) -> None:
    tenuto.context().logger.info("mail", to=to, text=text)
