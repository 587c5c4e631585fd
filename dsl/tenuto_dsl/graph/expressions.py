"""Expressions as short texts for labels: as an author of the text form writes them, on one line.

Nothing here is read back by anything, so long lists and texts are cut.
"""

from __future__ import annotations

import json

from tenuto_interpreter.values.texts import write_bytes

from tenuto_dsl.syntax import tree

_BINDING = {
    "||": 1, "&&": 2,
    "==": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3, "in": 3,
    "+": 4, "-": 4, "*": 5, "/": 5, "%": 5,
}  # fmt: skip
_UNARY = 6
_PRIMARY = 7
_DEEPEST = 25
_UNITS = (("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000), ("ms", 1_000), ("us", 1))


def expression_text(node: tree.Expr, limit: int = 120) -> str:
    """The expression, with no more parentheses than it needs."""
    text = _text(node, 0, 0)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _text(node: tree.Expr, around: int, depth: int) -> str:
    """`around` is how strongly what stands around binds."""
    if depth > _DEEPEST:
        return "…"
    binding, text = _parts(node, depth + 1)
    return f"({text})" if binding < around else text


def _parts(node: tree.Expr, depth: int) -> tuple[int, str]:
    match node:
        case tree.Literal_():
            return _PRIMARY, _literal(node)
        case tree.Interpolation(parts):
            inner = (
                json.dumps(part, ensure_ascii=False)[1:-1] if isinstance(part, str) else f"${{{_text(part, 0, depth)}}}"
                for part in parts
            )
            return _PRIMARY, '"' + "".join(inner) + '"'
        case tree.Ident(name):
            return _PRIMARY, name
        case tree.Select(operand, field, optional):
            return _PRIMARY, f"{_text(operand, _PRIMARY, depth)}.{'?' if optional else ''}{field.text}"
        case tree.Index(operand, index, optional):
            return _PRIMARY, f"{_text(operand, _PRIMARY, depth)}[{'?' if optional else ''}{_text(index, 0, depth)}]"
        case tree.Call(target, function, args):
            inside = ", ".join(_text(arg, 0, depth) for arg in args)
            before = "" if target is None else f"{_text(target, _PRIMARY, depth)}."
            return _PRIMARY, f"{before}{function.text}({inside})"
        case tree.Unary(operator, operand):
            return _UNARY, f"{operator}{_text(operand, _UNARY, depth)}"
        case tree.Binary(operator, left, right):
            binding = _BINDING[operator]
            return binding, f"{_text(left, binding, depth)} {operator} {_text(right, binding + 1, depth)}"
        case tree.Conditional(condition, then, otherwise):
            return 0, f"{_text(condition, 1, depth)} ? {_text(then, 1, depth)} : {_text(otherwise, 0, depth)}"
        case tree.ListExpr(items):
            return _PRIMARY, f"[{', '.join(_text(item, 0, depth) for item in items)}]"
        case tree.MapExpr(entries):
            pairs = (f"{_text(entry.key, 0, depth)}: {_text(entry.value, 0, depth)}" for entry in entries)
            return _PRIMARY, "{" + ", ".join(pairs) + "}"


def _literal(node: tree.Literal_) -> str:
    value = node.value
    if node.kind == "duration" and isinstance(value, int):
        return _duration(value)
    if isinstance(value, bytes):
        return f'b"{write_bytes(value)}"'
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return f"{value}u" if node.kind == "uint" else str(value)


def _duration(microseconds: int) -> str:
    """The way people say it: `24h` and `90d`, not `86400s`."""
    if microseconds <= 0:
        return "0s" if microseconds == 0 else f"-{_duration(-microseconds)}"
    for unit, size in _UNITS:
        if microseconds % size == 0 and not (unit == "d" and microseconds == size):
            return f"{microseconds // size}{unit}"
    raise AssertionError("every duration is a number of microseconds")
