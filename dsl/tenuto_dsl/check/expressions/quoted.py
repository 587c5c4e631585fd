"""Texts that read like expressions: `"order.id"` where the value was meant.

In YAML a text needs no quotes, so that `return: order.id` is one, and nothing is wrong with it but what it does. A text
is suspected when it names what is known at its place: a path of fields that exist, `{name}` or `$name` in the midst of
it, or, written without quotes, the bare name of another text.
"""

from __future__ import annotations

import re

from tenuto_interpreter.types import STRING, MapOf, Record, Type

from tenuto_dsl.check.expressions.relations import core, is_dynamic, without_null
from tenuto_dsl.check.expressions.scope import Scope
from tenuto_dsl.syntax import tree

_PATH = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_INSIDE = re.compile(r"(?<![\w${])(?:\{([A-Za-z_]\w*(?:\.\w+)*)\}|\$([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*))")
_LONGEST = 2_000


def meant_by(node: tree.Literal_, text: str, scope: Scope) -> str | None:
    """The expression that a text was probably meant to be, or to hold; None for what is a text."""
    if len(text) > _LONGEST:
        return None
    if _PATH.fullmatch(text):
        if "." in text:
            return text if _exists(text, scope) else None
        return text if _is_bare(node, text) and _is_text(text, scope) else None
    for found in _INSIDE.finditer(text):
        path = found[1] or found[2]
        if _exists(path, scope):
            return path
    return None


def is_yaml(node: tree.Node) -> bool:
    return node.span.file.endswith((".yaml", ".yml"))


def _is_bare(node: tree.Literal_, text: str) -> bool:
    """Whether it was written without quotes, as only YAML can."""
    span = node.span
    return is_yaml(node) and span.line == span.end_line and span.end_col - span.col == len(text)


def _is_text(name: str, scope: Scope) -> bool:
    binding = scope.lookup(name)
    return (
        binding is not None
        and not binding.is_namespace
        and core(without_null(binding.type, scope.types), scope.types) == STRING
    )


def _exists(path: str, scope: Scope) -> bool:
    """Whether a path leads from a name that is known along fields that exist."""
    name, *fields = path.split(".")
    binding = scope.lookup(name)
    if binding is None or (binding.is_namespace and not fields):
        return False
    type_: Type | None = binding.type
    for field in fields:
        if type_ is None:
            return False
        plain = core(without_null(type_, scope.types), scope.types)
        if is_dynamic(plain):
            return True
        if isinstance(plain, MapOf):
            type_ = plain.value
        else:
            type_ = plain.field(field) if isinstance(plain, Record) else None
    return type_ is not None
