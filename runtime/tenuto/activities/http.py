"""Activities that are HTTP requests: the binding's expressions around one request with hard limits.

A request follows no redirect, reads at most `RESPONSE_LIMIT` bytes (after decompression) and ends with its attempt's
timeout. Whether an outcome may be tried again follows from what is known: an answer in the 4xx range is the caller's
fault (but for 408, 425 and 429), anything else is worth a retry; `unknown` is set when the request may have had its
effect although no answer came.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import orjson
from tenuto_interpreter import ir
from tenuto_interpreter.events import Failure
from tenuto_interpreter.expr import Context, ExpressionError
from tenuto_interpreter.machine import Executable

from tenuto.activities.binding import Kind, Outcomes
from tenuto.activities.conversion import to_wire
from tenuto.activities.errors import ActivityError, ActivityFault
from tenuto.activities.job import Job
from tenuto.activities.secrets import Secrets

HTTP_ERROR = "HttpError"
RESPONSE_LIMIT = 8 * 1024 * 1024
DEFAULT_TIMEOUT_S = 60.0
CONNECT_TIMEOUT_S = 15.0

_RETRYABLE = frozenset({408, 425, 429})
_BUDGET = 1_000_000
_EXCERPT = 500


class HttpClient:
    """One connection pool for all HTTP activities of a process, made on the event loop at its first use."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._transport = transport
        self._client: httpx.AsyncClient | None = None

    def get(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                transport=self._transport,
                follow_redirects=False,
                trust_env=False,
                timeout=httpx.Timeout(DEFAULT_TIMEOUT_S, connect=CONNECT_TIMEOUT_S, pool=None),
                limits=httpx.Limits(max_connections=500, max_keepalive_connections=50, keepalive_expiry=15.0),
            )
        return self._client

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()


class HttpBinding:
    """`http METHOD url` with its headers, body, result and raises."""

    kind: Kind = "async"
    transactional = False

    def __init__(self, executable: Executable, declared: ir.Activity, client: HttpClient, secrets: Secrets) -> None:
        assert declared.http is not None, "only for activities with an http binding"
        self.name = declared.name
        self.outcomes = Outcomes(executable.program, declared)
        self._http = declared.http
        self._raises = [(raises.codes[0], raises.when) for raises in declared.raises if raises.when is not None]
        self._fields = {error.code: tuple(name for name, _ in error.fields) for error in executable.program.errors}
        self._evaluate = executable.evaluate
        self._client = client
        self._secrets = secrets

    def call(self, job: Job) -> Any:  # noqa: ARG002 - the protocol's
        raise AssertionError("HTTP activities run on the event loop")

    def failure(self, failure: Failure) -> Failure:
        return self.outcomes.failure(failure)

    async def call_async(self, job: Job) -> Any:
        run = self._evaluator(job)
        response, content = await self._send(job, self._request(job, run))
        try:
            return self._outcome(job, run, response, content)
        except ActivityFault as fault:
            fault.begun = True
            raise

    def _outcome(self, job: Job, run: Callable[[int, list[Any]], Any], response: httpx.Response, content: bytes) -> Any:
        seen = {
            "status": response.status_code,
            "headers": {key.lower(): value for key, value in response.headers.items()},
            "body": _body(response, content),
        }
        for code, when in self._raises:
            if run(when, [*job.args, seen]) is True:
                again = _may_succeed_later(response.status_code)
                raise ActivityError(code, self._summary(response), again, **self._details(code, seen["body"]))
        if not response.is_success:
            raise self._http_error(response, content)
        if self._http.result is not None:
            return self.outcomes.result(run(self._http.result, [*job.args, seen]))
        return self.outcomes.result(seen["body"])

    def _evaluator(self, job: Job) -> Callable[[int, list[Any]], Any]:
        """Evaluates an expression of the binding for this job; its errors are faults of the program."""
        context = Context()
        context.config = job.config or {}
        context.workflow = {"id": job.workflow_id, "run_id": job.run_id}
        context.activity = {"name": self.name, "attempt": job.attempt, "idempotency_key": job.idempotency_key}
        context.secret = self._secrets.get
        context.budget = _BUDGET

        def run(expression: int, values: list[Any]) -> Any:
            try:
                return self._evaluate[expression]([], values, context)
            except ExpressionError as error:
                if isinstance(error.__context__, ActivityFault):  # a secret that is not there
                    raise ActivityFault(str(error.__context__)) from error
                raise ActivityFault(f"an expression of activity {self.name} failed: {error}") from error

        return run

    def _request(self, job: Job, run: Callable[[int, list[Any]], Any]) -> httpx.Request:
        args = list(job.args)
        headers = {"accept": "application/json", "user-agent": "tenuto"}
        for name, expression in self._http.headers:
            value = run(expression, args)
            if value is not None:
                headers[name.lower()] = str(to_wire(value))
        content = None
        if self._http.body is not None:
            content = orjson.dumps(to_wire(run(self._http.body, args)))
            headers.setdefault("content-type", "application/json")
        url = run(self._http.url, args)
        timeout = DEFAULT_TIMEOUT_S if job.timeout is None else job.timeout
        try:
            request = self._client.get().build_request(
                self._http.method, str(url), headers=headers, content=content,
                timeout=httpx.Timeout(timeout, connect=min(timeout, CONNECT_TIMEOUT_S), pool=None),
            )  # fmt: skip
        except (httpx.InvalidURL, ValueError, TypeError, UnicodeError) as error:
            raise ActivityFault(f"activity {self.name} cannot ask {str(url)[:_EXCERPT]!r}: {error}") from error
        if request.url.scheme not in ("http", "https") or not request.url.host:
            raise ActivityFault(f"activity {self.name}: {str(url)[:_EXCERPT]!r} is not an http or https address")
        return request

    async def _send(self, job: Job, request: httpx.Request) -> tuple[httpx.Response, bytes]:
        what = f"{request.method} {_address(request.url)}"
        try:
            response = await self._client.get().send(request, stream=True)
            try:
                return response, await _read(response, job)
            finally:
                await response.aclose()
        except httpx.ConnectError as error:
            raise HttpFailure(f"{what}: cannot connect: {error}", unknown=False) from None
        except httpx.ConnectTimeout:
            raise HttpFailure(f"{what}: cannot connect in time", unknown=False) from None
        except httpx.TimeoutException:
            raise HttpFailure(f"{what}: no answer in time", unknown=True) from None
        except httpx.HTTPError as error:
            raise HttpFailure(f"{what}: {type(error).__name__}: {error}", unknown=True) from None

    def _details(self, code: str, body: Any) -> dict[str, Any]:
        """The declared fields of the error, as far as the answer's body has them."""
        if not isinstance(body, dict):
            return {}
        return {field: body[field] for field in self._fields.get(code, ()) if field in body}

    def _http_error(self, response: httpx.Response, content: bytes) -> ActivityError:
        status = response.status_code
        text = content[:_EXCERPT].decode("utf-8", "replace").strip()
        message = self._summary(response) + (f": {text}" if text else "")
        details: dict[str, Any] = {"status": status}
        if "retry-after" in response.headers:
            details["retry_after"] = response.headers["retry-after"][:100]
        return ActivityError(HTTP_ERROR, message, _may_succeed_later(status), **details)

    def _summary(self, response: httpx.Response) -> str:
        return f"{self._http.method} {_address(response.request.url)} answered {response.status_code}"


def _may_succeed_later(status: int) -> bool:
    """Whether an answer of this status is worth asking again, whatever error it is made."""
    return status in _RETRYABLE or status >= 500


class HttpFailure(ActivityError):
    """No usable answer. `unknown`: the request may have had its effect."""

    def __init__(self, message: str, *, unknown: bool, retryable: bool = True) -> None:
        super().__init__(HTTP_ERROR, message, retryable)
        self.unknown = unknown


async def _read(response: httpx.Response, job: Job) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.aiter_bytes():
        size += len(chunk)
        if size > RESPONSE_LIMIT:
            message = f"the answer to {job.binding.name} is larger than {RESPONSE_LIMIT} bytes"
            raise HttpFailure(message, unknown=True, retryable=False)
        chunks.append(chunk)
        job.beat(None)
    return b"".join(chunks)


def _body(response: httpx.Response, content: bytes) -> Any:
    """JSON when the answer says so or looks so, else its text, else null."""
    if not content:
        return None
    kind = response.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind in ("", "application/json", "text/json") or kind.endswith("+json"):
        try:
            return orjson.loads(content)
        except orjson.JSONDecodeError:
            if kind:
                name = response.request.url.host
                raise ActivityError(HTTP_ERROR, f"{name} answered what is not JSON", retryable=False) from None
    return content.decode(response.charset_encoding or "utf-8", "replace")


def _address(url: httpx.URL) -> str:
    """The address without what may be secret: user, password, query."""
    return str(url.copy_with(username=None, password=None, query=None, fragment=None))
