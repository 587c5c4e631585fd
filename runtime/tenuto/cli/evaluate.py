"""`tenuto eval`: one expression on JSON data, or a stream of them."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import orjson
from cyclopts import Parameter

from tenuto.cli.options import Output, output_of
from tenuto.cli.stop import Exit, usage
from tenuto.cli.terminal import coloured, one_line, write_value
from tenuto.cli.values import read_object

if TYPE_CHECKING:
    from tenuto_dsl.evaluation import Evaluator
    from tenuto_interpreter.types import Type

MAX_LINE = 8 * 1024 * 1024
"""The longest line of --jsonl, in bytes."""


def eval_(
    expression: Annotated[str | None, Parameter(name="EXPR")] = None,
    /,
    *,
    data: Annotated[str | None, Parameter(name="--data")] = None,
    type: Annotated[list[str] | None, Parameter(name="--type", negative="", consume_multiple=False)] = None,
    jsonl: Annotated[bool, Parameter(name="--jsonl", negative="")] = False,
    budget: Annotated[int, Parameter(name="--budget")] = 500_000,
    output: Output | None = None,
) -> int:
    """Evaluate an expression on JSON data.

    Exit code 3 when the expression has mistakes, 1 when it has no value for this data.

    Parameters
    ----------
    expression
        The expression. With --jsonl, the one of lines that have none.
    data
        The names it may use, as a JSON object; @FILE reads it from a file, @- from standard input.
    type
        NAME=TYPE, the type of a name, as a workflow declares it; may be given again. Without any, values are `dyn`.
    jsonl
        Answer lines of standard input, {"expr": …, "data": …}, with lines of {"value": …} or {"error": …}.
    budget
        The steps that one evaluation may cost.
    """
    from tenuto_dsl.evaluation import Evaluator

    if budget < 1:
        raise usage("--budget: a whole number from 1 is expected")
    evaluate = Evaluator(_types(type) if type else None, budget=budget)
    names = read_object(data, "--data")
    if jsonl:
        _answer_lines(evaluate, sys.stdin.buffer, sys.stdout.buffer, expression, names)
        return int(Exit.OK)
    if expression is None:
        raise usage(
            "an expression is expected", "tenuto eval 'order.total > 100' --data '{\"order\": {\"total\": 120}}'"
        )
    return _one(evaluate, expression, names, output_of(output))


def _types(pairs: list[str]) -> dict[str, Type]:
    """`NAME=TYPE`, each as the language writes it."""
    from tenuto_dsl.check.expressions import resolve_type
    from tenuto_dsl.diagnostics import Diagnostics
    from tenuto_dsl.syntax import parse_type

    found = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name.strip().isidentifier():
            raise usage(f"--type takes NAME=TYPE, found {one_line(pair, 60)}", "--type 'order={ total: decimal }'")
        sink = Diagnostics()
        node = parse_type(text, f"<type of {name.strip()}>", sink)
        if node is not None:
            found[name.strip()] = resolve_type(node, (), sink)
        if sink.has_errors:
            item = sink.items[0]
            raise usage(f"--type {one_line(pair, 60)}: {item.message}", item.hint or "")
    return found


def _one(evaluate: Evaluator, expression: str, names: dict[str, Any], form: str) -> int:
    from tenuto_dsl.diagnostics.render import render_text
    from tenuto_dsl.evaluation import NAME, DataError, Refused

    try:
        value = evaluate(expression, names, now=_now())
    except DataError as error:
        raise usage(f"--data: {error}") from None
    except Refused as error:
        shown = render_text(error.items, {NAME: expression}, colour=coloured(sys.stderr))
        print(shown, file=sys.stderr)  # noqa: T201  # messages, with their excerpts as they are
        ran = error.items[0].code in ("TEN270", "TEN271")
        return int(Exit.WORKFLOW_FAILED if ran else Exit.LINT_ERRORS)
    write_value(value, form)
    return int(Exit.OK)


def _now() -> int:
    return time.time_ns() // 1000


# -- a line for each line ---------------------------------------------------------------------------------------------


def _answer_lines(
    evaluate: Evaluator, source: BinaryIO, target: BinaryIO, expression: str | None, names: dict[str, Any]
) -> None:
    """Answers as they are asked: each line is flushed before the next is read, and none depends on another."""
    for line in _lines(source):
        target.write(orjson.dumps(_answer(evaluate, line, expression, names)) + b"\n")
        target.flush()


def _lines(source: BinaryIO) -> Iterator[bytes | None]:
    """The lines of a stream; None for one that is too long, which is never held as a whole."""
    while line := source.readline(MAX_LINE + 1):
        if len(line) <= MAX_LINE or line.endswith(b"\n"):
            yield line
            continue
        while (rest := source.readline(MAX_LINE)) and not rest.endswith(b"\n"):
            pass
        yield None


def _answer(evaluate: Evaluator, line: bytes | None, expression: str | None, names: dict[str, Any]) -> dict[str, Any]:
    from tenuto_dsl.evaluation import DataError, Refused

    if line is None:
        return {"error": f"a line of more than {MAX_LINE:,} bytes"}
    try:
        asked = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return {"error": f"not JSON: {error.msg} (column {error.colno})"}
    if not isinstance(asked, dict):
        return {"error": 'an object is expected, {"expr": …, "data": …}'}
    source, data = asked.get("expr", expression), asked.get("data", {})
    if not isinstance(source, str):
        return {"error": '"expr" is expected, a text'}
    if not isinstance(data, dict):
        return {"error": '"data" is an object: the names that the expression may use'}
    try:
        return {"value": evaluate(source, {**names, **data}, now=_now())}
    except DataError as error:
        return {"error": f"data: {error}"}
    except Refused as error:
        item = error.items[0]
        found = {"error": item.message, "code": item.code, "line": item.span.line, "column": item.span.col}
        return found | ({"hint": item.hint} if item.hint else {})
