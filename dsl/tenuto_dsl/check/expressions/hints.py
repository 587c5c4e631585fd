"""Reading trees for messages: what an expression is called, and what would mend a mistake."""

from __future__ import annotations

import re

from tenuto_interpreter.expr import TABLE
from tenuto_interpreter.expr.kinds import DYN, NEVER, UNKNOWN
from tenuto_interpreter.types import ANY, NULL, ListOf, MapOf, Record, Type

from tenuto_dsl.check.expressions.narrowing import path_of
from tenuto_dsl.check.expressions.relations import type_text, unify
from tenuto_dsl.diagnostics import Hint, Spelled
from tenuto_dsl.syntax import tree

CONVERSIONS = frozenset(("int", "uint", "double", "decimal", "string", "bool", "bytes", "timestamp", "duration"))
"""Functions named after the type they make."""


def converts(source: Type, wanted: str) -> bool:
    """Whether a function named after a type makes one of `source`."""
    return any(unify(op.params[0], source, {}, {}) for op in TABLE.named("function", wanted))


def is_literal(node: tree.Expr) -> bool:
    """Whether a node takes its type from where it stands."""
    if isinstance(node, tree.Unary):
        return node.operator == "-" and isinstance(node.operand, tree.Literal_)
    return isinstance(node, tree.Literal_ | tree.ListExpr | tree.MapExpr)


def operand_hint(type_: Type) -> Type | None:
    return None if type_ in (UNKNOWN, ANY, DYN, NULL, NEVER) else type_


def in_optional_chain(node: tree.Expr) -> bool:
    """Whether a node is what follows `.?` or `[?]`, so that null goes through it."""
    while isinstance(node, tree.Select | tree.Index):
        if node.optional:
            return True
        node = node.operand
    return False


def text_of(node: tree.Expr) -> str:
    """An expression for a message: its path when it is one."""
    path = path_of(node)
    return ".".join(path) if path else "this"


def null_hint(node: tree.Expr) -> str:
    path = path_of(node)
    if path:
        name = ".".join(path)
        return f"test it ({name} != null ? … : …), or give a value for null: {name}.orValue(…)"
    return "give a value for null: (…).orValue(…)"


def conversion_hint(found: Type, expected: Type) -> str | None:
    """The conversion that would make one type of the other."""
    pair = type_text(found), type_text(expected)
    if "decimal" in pair and "double" in pair:
        return "doubles are inexact: decimal(…) or double(…) says which is meant"
    for one, other in (pair, pair[::-1]):
        if one == "string" and other in CONVERSIONS:
            return f"convert one: string(…) or {other}(…)"
    return None


FOREIGN_NAMES = {
    "None": "null", "nil": "null", "NULL": "null", "undefined": "null", "True": "true", "False": "false",
}  # fmt: skip
"""What other languages call a value of ours."""

_ISO_DURATION = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


def iso_duration(name: str) -> str | None:
    """What `PT1H30M` of ISO 8601 is here."""
    found = _ISO_DURATION.fullmatch(name)
    return "".join(f"{n}{unit}" for n, unit in zip(found.groups(), "wdhms", strict=True) if n) if found else None


FOREIGN_FUNCTIONS = {"len": "x.size()", "length": "x.size()", "str": "string(x)", "float": "double(x)"}
"""What other languages call a function of ours."""


FOREIGN_TYPES = {
    "integer": "int", "long": "int", "float": "double", "number": "double", "str": "string", "text": "string",
    "boolean": "bool", "datetime": "timestamp", "date": "timestamp", "object": "any",
}  # fmt: skip
"""What other languages call a type of ours."""


def mismatch_hint(node: tree.Expr, found: Type, expected: Type) -> Hint:
    wanted = type_text(expected).removesuffix("?")
    if isinstance(node, tree.Literal_) and wanted == "decimal" and isinstance(node.value, int | float):
        return Spelled(f'write decimal("{node.value}")', f'write "{node.value}", in quotes')
    if isinstance(node, tree.Literal_) and type(node.value) is int and node.kind == "int" and wanted == "duration":
        return f"write {node.value}s, {node.value}m, {node.value}h or {node.value}d"
    if isinstance(node, tree.Literal_) and type(node.value) is str and wanted in ("int", "uint", "double"):
        return f"write {node.value}" if node.value.removeprefix("-").isdecimal() else None
    if isinstance(node, tree.Literal_) and type(node.value) is str and wanted == "bool":
        return "write true or false"
    if type_text(found) in CONVERSIONS and wanted in CONVERSIONS and converts(found, wanted):
        return f"convert it: {wanted}(…)"
    if isinstance(found, ListOf | MapOf | Record) and not isinstance(node, tree.ListExpr | tree.MapExpr):
        return Spelled(
            f"declare its type where it is made, as in `let x: {wanted} = …`",
            f"declare its type where it is made: `type: {wanted}` beside `let` or `as`",
        )
    return None
