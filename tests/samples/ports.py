"""Free ports for the samples' stand-ins, and the variables that tell both sides of them."""

from __future__ import annotations

import socket


def stand_ins() -> dict[str, str]:
    payments, jobs = _free_port(), _free_port()
    return {
        "PAYMENT_SERVICE_PORT": str(payments),
        "TENUTO_CONFIG_payments_url": f"http://127.0.0.1:{payments}",
        "JOB_SERVICE_PORT": str(jobs),
        "TENUTO_CONFIG_jobs_url": f"http://127.0.0.1:{jobs}",
    }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
