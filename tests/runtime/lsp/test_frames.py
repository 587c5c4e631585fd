"""Bytes that no editor sends: the server says nothing on standard error, and answers the next request."""

from __future__ import annotations

import io
import random
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tenuto.lsp.frames import MAX_MESSAGE, Frames

from tests.runtime.lsp.editor import TENUTO
from tests.runtime.lsp.wire import Wire

URI = "file:///w/a.tenuto"
TEXT = 'workflow w(id: string) -> int {\n  do { log "é\U0001f600"; return 1 }\n}\n'


def framed(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def request(method: bytes, params: bytes) -> bytes:
    return framed(b'{"jsonrpc":"2.0","id":7000,"method":%s,"params":%s}' % (method, params))


def at(line: str, character: str) -> bytes:
    where = f'{{"textDocument":{{"uri":"{URI}"}},"position":{{"line":{line},"character":{character}}}}}'
    return b"".join(
        request(b'"textDocument/%s"' % each, where.encode()) for each in (b"hover", b"completion", b"rename")
    )


def opened(uri: str, text: str = "x") -> bytes:
    item = f'{{"textDocument":{{"uri":"{uri}","languageId":"tenuto","version":1,"text":"{text}"}}}}'
    return framed(b'{"jsonrpc":"2.0","method":"textDocument/didOpen","params":%s}' % item.encode())


ODD: dict[str, bytes] = {
    "no JSON": framed(b"{nope"),
    "no text": framed(b'{"a":"\xff\xfe"}'),
    "no object": framed(b"5") + framed(b"null") + framed(b"[1, 2]") + framed(b'"x"'),
    "a batch": framed(b'[{"jsonrpc":"2.0","id":900,"method":"shutdown"}]'),
    "no method": request(b"5", b"{}") + request(b"null", b"[]") + framed(b'{"id":1}') + framed(b"{}"),
    "an unknown method": request(b'"no/such"', b"{}"),
    "other parameters": request(b'"textDocument/hover"', b"[1]") + request(b'"initialize"', b'{"capabilities":5}'),
    "an identifier that is none": framed(b'{"jsonrpc":"2.0","id":{"a":[1]},"method":"textDocument/hover","params":{}}'),
    "an answer to nothing": framed(b'{"jsonrpc":"2.0","id":999,"result":{}}') + framed(b'{"id":998,"error":5}'),
    "nested deeply": request(b'"x"', b"[" * 50_000 + b"]" * 50_000),
    "a long number": request(b'"x"', b"9" * 6000) + at("9" * 5000, "1"),
    "places that are none": at("-5", "-7") + at("1000000000", "2000000000") + at("NaN", "Infinity") + at("1.5", "2.5"),
    "half of a character": at("1", "14") + at("1", "15") + at("1", "999"),
    "half of a pair": opened("file:///w/s.tenuto", "log \\ud800"),
    "odd addresses": opened("file://%zz/../\\u0000.tenuto") + opened("file://[::1/x.tenuto") + opened(""),
    "cancelled": framed(b'{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":{"a":[1]}}}'),
    "other headers": b"X-Y: z\r\nContent-Type: x; charset=utf-8\r\ncontent-length:2\r\n\r\n{}",
    "other line ends": b"Content-Length: 2\n\n{}",
    "junk": b"garbage\r\n\r\n\x00\xff\r\n\r\n" + b"h" * 100_000 + b"\r\n\r\n",
    "no length": b"Content-Type: x\r\n\r\n" + b"Content-Length:\r\n\r\n" + b"Content-Length: many\r\n\r\n",
    "a length below zero": b"Content-Length: -5\r\n\r\n",
    "a length of zero": b"Content-Length: 0\r\n\r\n",
    "a length of many digits": b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n" + b"Content-Length: 99999999999\r\n\r\n",
    "a length that is short": b'Content-Length: 5\r\n\r\n{"jsonrpc":"2.0","method":"x"}\r\n\r\n',
    "a message that is too long": framed(b" " * (MAX_MESSAGE + 1)),
}  # fmt: skip


def noise(seed: int) -> bytes:
    """Frames with bytes changed at random, and lengths that still fit."""
    choose = random.Random(seed)
    body = bytearray(
        choose.choice([at("1", "9"), opened("file:///w/n.tenuto", "workflow w() {}")]).partition(b"\r\n\r\n")[2]
    )
    for _ in range(choose.randrange(1, 6)):
        place = choose.randrange(len(body))
        body[place : place + choose.randrange(3)] = bytes(choose.randrange(256) for _ in range(choose.randrange(3)))
    return framed(bytes(body))


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[bytes], dict[str, Any]]]:
    """Sends some bytes and then a request; the answer to that."""
    command = [TENUTO, "lsp"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=tmp_path_factory.mktemp("w"), **pipes) as server:  # type: ignore[call-overload]  # pipes
        wire = Wire(server.stdin, server.stdout)
        wire.send(id=1, method="initialize", params={"processId": None, "rootUri": None, "capabilities": {}})
        wire.answer(1)
        item = {"uri": URI, "languageId": "tenuto", "version": 1, "text": TEXT}
        wire.send(method="textDocument/didOpen", params={"textDocument": item})
        asked = 100

        def send(data: bytes) -> dict[str, Any]:
            nonlocal asked
            asked += 1
            wire.raw(data)
            where = {"textDocument": {"uri": URI}, "position": {"line": 1, "character": 3}}
            wire.send(id=asked, method="textDocument/hover", params=where)
            return wire.answer(asked)

        yield send
        wire.send(id=2, method="shutdown")
        assert wire.answer(2)["result"] is None
        wire.send(method="exit")
        assert server.wait(20) == 0
        assert server.stderr.read() == b""


@pytest.mark.parametrize("what", ODD)
def test_the_server_goes_on(ask: Callable[[bytes], dict[str, Any]], what: str) -> None:
    answer = ask(ODD[what])
    assert "contents" in answer["result"]
    assert "Traceback" not in str(answer)


@pytest.mark.parametrize("seed", range(20))
def test_the_server_goes_on_after_noise(ask: Callable[[bytes], dict[str, Any]], seed: int) -> None:
    assert "contents" in ask(noise(seed))["result"]


def test_what_is_too_long_is_passed_over_and_not_kept() -> None:
    frames = Frames(io.BytesIO(b"x" * (MAX_MESSAGE + 3) + b"next\r\n"))
    assert frames.read(MAX_MESSAGE + 3) == b"null"
    assert frames.readline() == b"next\r\n"
    assert Frames(io.BytesIO(b"x")).read(MAX_MESSAGE + 1) == b""
