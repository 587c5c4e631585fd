"""Runs cases of cel-spec's conformance suite: reads their values, types and bindings, and compares.

The cases are `testdata/simple.jsonl.gz`, taken from the npm package by `extract.mjs`. A case that is not run is in
`excluded.txt` with its reason.
"""

from __future__ import annotations

import base64
import gzip
import json
import math
from functools import cache
from pathlib import Path
from typing import Any

from tenuto_dsl.check.cel import Declarations, check_cel
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import parse_expression
from tenuto_interpreter.expr import Context, ExpressionError
from tenuto_interpreter.expr.cel import TypeName, UInt, compile_cel
from tenuto_interpreter.expr.cel.conversions import read_length, read_moment
from tenuto_interpreter.expr.cel.types import CelType, text_of
from tenuto_interpreter.expr.cel.values import equal, key_in, kind_of

_HERE = Path(__file__).parent
Case = dict[str, Any]


class NeedsProtobuf(Exception):
    """The case has a value or a type that only protobuf has."""


@cache
def cases() -> dict[str, Case]:
    """All cases by `suite/section/name`; a name that comes again has a number behind it."""
    found: dict[str, Case] = {}
    for line in gzip.decompress((_HERE / "testdata/simple.jsonl.gz").read_bytes()).splitlines()[1:]:
        case = json.loads(line)
        title = base = f"{case['suite']}/{case['section']}/{case['name']}"
        count = 1
        while title in found:
            count += 1
            title = f"{base}#{count}"
        found[title] = case
    return found


@cache
def excluded() -> dict[str, str]:
    """The reason for each case that is not run."""
    reasons: dict[str, str] = {}
    reason = ""
    for line in (_HERE / "excluded.txt").read_text().splitlines():
        if line.startswith("# "):
            reason = line.removeprefix("# ")
        elif line:
            reasons[line] = reason
    return reasons


def failure(case: Case) -> str | None:
    """What is wrong with our answer to a case; None when it is right."""
    try:
        return _failure(case)
    except NeedsProtobuf as error:
        return f"needs protobuf: {error}"


def _failure(case: Case) -> str | None:
    sink = Diagnostics()
    node = parse_expression(case["expr"], "case", sink)
    wanted = case.get("value")
    typed = case.get("typedResult")
    if typed is not None:
        wanted = typed.get("result")
    if node is None:
        return f"not parsed: {sink.items[0].message}"
    bindings = {name: value_of(found["value"]) for name, found in case.get("bindings", {}).items()}
    checked = check_cel(node, _declarations(case, bindings), sink)
    if not case.get("disableCheck"):
        errors = [item.message for item in sink.items]
        if errors and "evalError" not in case:
            return f"not checked: {errors[0]}"
        if typed is not None and "deducedType" in typed:
            deduced = type_of(typed["deducedType"])
            if checked.type != deduced:
                return f"type {text_of(checked.type)}, not {text_of(deduced)}"
    if case.get("checkOnly"):
        return None
    try:
        found = compile_cel(checked.ir)(bindings, Context())
    except ExpressionError as error:
        return None if "evalError" in case else f"failed: {error}"
    if "evalError" in case:
        return f"a value, {found!r}, where an error is due"
    expected = value_of(wanted) if wanted is not None else True
    same = kind_of(found) == kind_of(expected) and (equal(Context(), found, expected) or _both_nan(found, expected))
    return None if same else f"{found!r} ({kind_of(found)}), not {expected!r} ({kind_of(expected)})"


def _both_nan(a: Any, b: Any) -> bool:
    return isinstance(a, float) and isinstance(b, float) and math.isnan(a) and math.isnan(b)


def _declarations(case: Case, bindings: dict[str, Any]) -> Declarations:
    variables: dict[str, CelType] = dict.fromkeys(bindings, ("dyn",))
    functions: dict[str, Any] = {}
    for found in case.get("typeEnv", []):
        if "ident" in found:
            variables[found["name"]] = type_of(found["ident"]["type"])
        else:
            functions[found["name"]] = tuple(
                (tuple(map(type_of, overload.get("params", []))), type_of(overload["resultType"]))
                for overload in found["function"]["overloads"]
            )
    return Declarations(variables, functions, case.get("container", ""))


# -- protobuf's JSON form of values and types -------------------------------------------------------------------------


def value_of(data: dict[str, Any]) -> Any:
    ((kind, value),) = data.items()
    match kind:
        case "nullValue":
            return None
        case "int64Value":
            return int(value)
        case "uint64Value":
            return UInt(value)
        case "doubleValue":
            return float(value)
        case "bytesValue":
            return base64.b64decode(value)
        case "stringValue" | "boolValue":
            return value
        case "typeValue":
            return TypeName(value)
        case "listValue":
            return [value_of(item) for item in value.get("values", [])]
        case "mapValue":
            return {key_in(value_of(e["key"])): value_of(e["value"]) for e in value.get("entries", [])}
        case "objectValue" if value["@type"].endswith("google.protobuf.Timestamp"):
            return read_moment(value["value"])
        case "objectValue" if value["@type"].endswith("google.protobuf.Duration"):
            return read_length(value["value"])
    raise NeedsProtobuf(str(data)[:80])


_PRIMITIVES = {
    "BOOL": "bool",
    "INT64": "int",
    "UINT64": "uint",
    "DOUBLE": "double",
    "STRING": "string",
    "BYTES": "bytes",
}


def type_of(data: dict[str, Any]) -> CelType:
    ((kind, value),) = data.items()
    match kind:
        case "primitive":
            return (_PRIMITIVES[value],)
        case "wellKnown" if value in ("TIMESTAMP", "DURATION"):
            return (value.lower(),)
        case "messageType" if value in ("google.protobuf.Timestamp", "google.protobuf.Duration"):
            return (value.rsplit(".", 1)[1].lower(),)
        case "dyn" | "null":
            return (kind,)
        case "typeParam":
            return ("param", value)
        case "listType":
            return ("list", type_of(value["elemType"]))
        case "mapType":
            return ("map", type_of(value["keyType"]), type_of(value["valueType"]))
        case "abstractType" if value["name"] == "optional_type":
            return ("optional", *map(type_of, value["parameterTypes"]))
        case "abstractType":
            return ("opaque", value["name"], *map(type_of, value["parameterTypes"]))
        case "type":
            return ("type", type_of(value) if value else ("dyn",))
    raise NeedsProtobuf(str(data)[:80])
