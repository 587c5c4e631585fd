"""The samples' stand-ins take free ports here, so that tests run beside each other and beside a demo."""

from __future__ import annotations

import os

os.environ.setdefault("PAYMENT_SERVICE_PORT", "0")
os.environ.setdefault("JOB_SERVICE_PORT", "0")
