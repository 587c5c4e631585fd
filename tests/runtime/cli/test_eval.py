"""`tenuto eval`: values, messages with their place, and a stream that nothing stops."""

from __future__ import annotations

import json
import subprocess
import time
from typing import Any

import pytest

from tests.runtime.cli.calling import Tenuto

ORDER = '{"order": {"total": 120, "items": [{"n": 1}, {"n": 2}]}}'


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        (["1 + 2"], 3),
        (["order.total > 100", "--data", ORDER], True),
        (["order.items.map(i, i.n * 2)", "--data", ORDER], [2, 4]),
        (["order.total * 2", "--type", "order={ total: decimal }", "--data", '{"order": {"total": "1.50"}}'], "3.00"),
        (["email.orValue('none')", "--type", "email=string?"], "none"),
        (["now() > timestamp('2020-01-01T00:00:00Z')"], True),
    ],
)
def test_values(bare: Tenuto, arguments: list[str], value: Any) -> None:
    assert bare("eval", *arguments).said(0).data == value


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["1 +"], 3, ["TEN101"]),
        (["order.total + 'x'", "--data", ORDER], 1, ["TEN270 no such overload: +(int, string)", "^^^^"]),
        (["[1].map(x, x + 'x')"], 3, ["<expression>:1:12: TEN250", "           ^^^^^^^"]),
        (["order.nope", "--data", ORDER], 1, ["<expression>:1:7: TEN270 no such key: nope"]),
        (["lists.range(1000000)"], 1, ["TEN271"]),
        (
            ["o.total == 1", "--type", "o={ total: decimal? }", "--data", '{"o": {"total": 1.5}}'],
            2,
            ["--data: o.total"],
        ),
        (["o", "--type", "o=decimall"], 2, ["unknown type decimall", "decimal"]),
        (["o", "--type", "decimal"], 2, ["NAME=TYPE"]),
        (["o", "--type", "o=int"], 2, ["there is no value for o"]),
        (["1", "--data", "[1]"], 2, ["an object is expected"]),
        (["1", "--data", "{"], 2, ["not JSON"]),
        (["1", "--budget", "0"], 2, ["--budget"]),
        ([], 2, ["an expression is expected"]),
    ],
)
def test_messages(bare: Tenuto, arguments: list[str], code: int, words: list[str]) -> None:
    assert bare("eval", *arguments).said(code, *words).out == ""


def stream(bare: Tenuto, lines: list[bytes | str], *arguments: str) -> list[dict[str, Any]]:
    data = b"".join((line.encode() if isinstance(line, str) else line) + b"\n" for line in lines)
    command = [*bare.command, "eval", "--jsonl", *arguments]
    done = subprocess.run(command, input=data, capture_output=True, timeout=100, cwd=bare.cwd)
    assert (done.returncode, done.stderr) == (0, b"")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(lines)
    return answers


def test_each_line_has_an_answer(bare: Tenuto) -> None:
    deep = b'{"expr": "x", "data": {"x": ' + b"[" * 900 + b"]" * 900 + b"}}"
    lines: list[tuple[bytes | str, Any]] = [
        ('{"expr": "a + b", "data": {"a": 1, "b": 2}}', {"value": 3}),
        ('{"expr": "a + b", "data": {"a": "x", "b": "y"}}', {"value": "xy"}),
        ('{"data": {"size": 7}}', {"value": 14}),
        ('{"expr": "x.y", "data": {"x": {}}}', "no such key: y"),
        ('{"expr": "[1].map(x, "}', "not closed"),
        ('{"expr": "undeclared"}', "undeclared reference"),
        ('{"expr": "b\'hi\'"}', {"value": "aGk="}),
        ('{"expr": "type(1u)"}', {"value": "uint"}),
        ('{"expr": "18446744073709551615u"}', {"value": 2**64 - 1}),
        ('{"expr": "0.0 / 0.0"}', {"value": "NaN"}),
        ('{"expr": "optional.none()"}', {"value": None}),
        ('{"expr": "90s"}', {"value": "1m30s"}),
        ("{}", {"value": "undeclared reference to 'size'"}),
        ("not json", "not JSON"),
        ("", "not JSON"),
        ("[1]", "an object is expected"),
        ('{"expr": 1}', '"expr" is expected'),
        ('{"expr": "1", "data": []}', '"data" is an object'),
        (b'{"expr": "\xff"}', "not JSON"),
        ('{"expr": "\\ud800"}', "not JSON"),
        (deep, "too deeply"),
        (b'{"expr": "1", "data": {"x": "' + b"y" * (9 << 20) + b'"}}', "a line of more than"),
        ('{"expr": "1"}', {"value": 1}),
    ]
    answers = stream(bare, [line for line, _ in lines], "size * 2")
    for (line, wanted), answer in zip(lines, answers, strict=True):
        if line == "{}":
            assert "size is a function" in answer["error"]
        elif isinstance(wanted, str):
            assert wanted in answer["error"], (line[:80], answer)
            assert "value" not in answer
        else:
            assert answer == wanted, line[:80]


def test_a_mistake_has_its_place(bare: Tenuto) -> None:
    (answer,) = stream(bare, ['{"expr": "[1, 2].map(x, x / 0)"}'])
    assert answer == {"error": "division by zero", "code": "TEN270", "line": 1, "column": 15}


def test_answers_come_before_the_next_question(bare: Tenuto) -> None:
    with bare.popen("eval", "--jsonl", stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(3):
            process.stdin.write(json.dumps({"expr": "n + 1", "data": {"n": number}}) + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline()) == {"value": number + 1}
        process.stdin.close()
        assert process.wait(20) == 0


def test_hostile_lines_are_answered_soon(bare: Tenuto) -> None:
    lines = [
        json.dumps({"expr": source})
        for source in (
            "lists.range(1000).map(a, lists.range(1000).map(b, lists.range(1000).map(c, a)))",
            "+".join(["1"] * 20_000),
            "(" * 30_000 + "1" + ")" * 30_000,
            "'%.1000000000f'.format([1.0])",
            "lists.range(9000000000000)",
        )
    ]
    started = time.monotonic()
    answers = stream(bare, lines)
    assert all("error" in answer for answer in answers)
    assert time.monotonic() - started < 30  # two seconds, on a quiet machine
