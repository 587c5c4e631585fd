"""A stand-in for a slow service, served over real HTTP with nothing but the standard library.

`PUT /jobs/{id} {report}` orders a report (once, however often it is asked), `GET /jobs/{id}` tells its status: queued,
running, then done, one step further at each look; the report `impossible` fails and `endless` is never done.
`PATCH /jobs/{id} {priority}` asks for hurry, `GET /jobs/{id}/report` fetches what is done, `HEAD /jobs/{id}/report.pdf`
tells its size, `DELETE /jobs/{id}` abandons it.

    python3 samples/polling/job_service.py        # to run it by itself
"""

from __future__ import annotations

import json
import os
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

NAME = "the jobs stand-in of Tenuto's samples"
PORT = int(os.environ.get("JOB_SERVICE_PORT", "8766"))
STAGES = ("queued", "running", "running", "done")
PDF_BYTES = 48_213


class JobService(ThreadingHTTPServer):
    """The service and its jobs, in memory: a report and how often it was looked at. `port` 0 takes a free one."""

    daemon_threads = True

    def __init__(self, port: int = PORT) -> None:
        self.jobs: dict[str, dict[str, Any]] = {}
        self.abandoned: list[str] = []
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        """The status and the body for a request."""
        if path == "/":
            return 200, {"service": NAME}
        parts = path.strip("/").split("/")
        if parts[0] != "jobs" or len(parts) not in (2, 3):
            return 404, {"error": "no such thing"}
        with self._lock:
            match method, parts[2:]:
                case "PUT", [] if body.get("email", "") is None:
                    return 422, {"error": "an address, or none: no null"}
                case "PUT", []:
                    job = self.jobs.setdefault(parts[1], {**body, "looks": 0})
                    return 202, {"status": _status(job)}
                case "PATCH", [] if parts[1] in self.jobs:
                    self.jobs[parts[1]]["priority"] = body["priority"]
                    return 200, {"priority": body["priority"]}
                case "HEAD", ["report.pdf"] if parts[1] in self.jobs:
                    return 200, b"%" * PDF_BYTES
                case "DELETE", []:
                    if self.jobs.pop(parts[1], None) is not None:
                        self.abandoned.append(parts[1])
                    return 204, None
                case "GET", rest if parts[1] in self.jobs:
                    return _look(self.jobs[parts[1]], rest)
        return 404, {"error": "no such job"}


def _look(job: dict[str, Any], rest: list[str]) -> tuple[int, Any]:
    if rest == ["report"]:
        if _status(job) != "done":
            return 409, {"error": "not done"}
        return 200, {"pages": 12, "url": f"https://reports.example/{job['report']}.pdf"}
    status = _status(job)
    job["looks"] += 1
    return 200, {"status": status}


def _status(job: dict[str, Any]) -> str:
    if job["report"] == "endless":
        return "running"
    stage = STAGES[min(job["looks"], len(STAGES) - 1)]
    return "failed" if stage == "done" and job["report"] == "impossible" else stage


class _Handler(BaseHTTPRequestHandler):
    server: JobService
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def do_PATCH(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def _answer(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        status, body = self.server.answer(self.command, self.path, json.loads(content) if content else {})
        document = isinstance(body, bytes)
        answer = body if document else b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        if answer:
            self.send_header("Content-Type", "application/pdf" if document else "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    def log_message(self, *args: Any) -> None:
        """Quiet: the workflow's progress is what one wants to see."""


def ensure_running(port: int = PORT) -> None:
    """Serve in a thread of this process, unless another process on this machine already does."""
    try:
        service = JobService(port)
    except OSError:
        _expect_a_twin(port)
        return
    threading.Thread(target=service.serve_forever, name="job-service", daemon=True).start()


def _expect_a_twin(port: int) -> None:
    """Raise RuntimeError when what holds the port is not this service."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as response:
            if json.load(response) == {"service": NAME}:
                return
    except (OSError, ValueError):
        pass
    raise RuntimeError(f"port {port} is taken: set JOB_SERVICE_PORT, and TENUTO_CONFIG_jobs_url to match")


if __name__ == "__main__":
    with JobService() as running:
        print(f"serving jobs at {running.url}")
        running.serve_forever()
