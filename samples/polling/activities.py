"""All activities of this sample are HTTP requests, declared in the workflow file; there is nothing to write in Python.

This file only starts the stand-in for the service they ask. In a real project it would not exist.
"""

from __future__ import annotations

import job_service

job_service.ensure_running()
