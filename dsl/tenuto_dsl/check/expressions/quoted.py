"""Texts that read like expressions: `"order.id"` where the value was meant.

In YAML a text needs no quotes, so that `return: order.id` is one, and nothing is wrong with it but what it does. A text
is suspected when it means something at its place: as a path of fields that exist, also in the spelling of other tools
(`{{ order.id }}`, `$.order.id`); as `{name}` or `$name` in the midst of it; or, written without quotes, as any name or
expression that the checker would take there. Where no text can stand, the same is a hint for the error.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tenuto_interpreter.expr import TABLE
from tenuto_interpreter.types import MapOf, Record, Type

from tenuto_dsl.check.expressions.relations import core, is_dynamic, without_null
from tenuto_dsl.check.expressions.scope import Scope
from tenuto_dsl.diagnostics import Diagnostics, Fix, Spelled
from tenuto_dsl.syntax import parse_expression, tree

if TYPE_CHECKING:
    from tenuto_dsl.check.expressions.checker import Checker

_PATH = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_INSIDE = re.compile(r"(?<![\w${])(?:\{([A-Za-z_]\w*(?:\.\w+)*)\}|\$([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*))")
_ELSEWHERE = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}|\$\.([A-Za-z_][\w.]*)")
_NAME = re.compile(r"(?<![\w.\"'])([A-Za-z_]\w*)(\()?")
_PROSE = re.compile(r"\w\s+[\w(]|[.,;:!?]$")
_LONGEST = 2_000
_LONGEST_CODE = 200


def suspect(checker: Checker, node: tree.Literal_, text: str, scope: Scope) -> None:
    """Warn of a text that was probably meant to be an expression, or to hold one."""
    meant = expression_in(checker, node, text, scope)
    if meant is not None:
        dotted = "." in text and _PATH.fullmatch(text) is not None
        bare = not dotted and meant == text and _is_bare(node, text)
        if dotted or bare or meant != text:
            hint = Spelled(
                f"write {meant}", f"write ${{{meant}}}" + (f", or {_quoted(text)} for the text" if bare else "")
            )
            fix = None if bare else _as_meant(node, meant)
            checker.sink.warning("TEN266", node.span, "this is a text that reads like an expression", hint, fix)
        return
    for found in _INSIDE.finditer(text) if len(text) <= _LONGEST else ():
        path = found[1] or found[2]
        if _exists(path, scope):
            message = f"this text holds no value of {path}"
            checker.sink.warning("TEN266", node.span, message, f"write ${{{path}}}")
            return


def _quoted(text: str) -> str:
    """A text of a YAML file, as one that is meant as such."""
    from tenuto_dsl.syntax.yaml.mend import in_quotes  # who reads text files alone loads no YAML

    return in_quotes(text)


def _as_meant(node: tree.Literal_, meant: str) -> Fix | None:
    """The expression in place of the text; where YAML would need other quotes, that is left to people."""
    if not node.span.is_yaml:
        return Fix(f"write {meant}", node.span, meant)
    if '"' in meant or "\\" in meant or node.span.line != node.span.end_line:
        return None
    return Fix(f"write ${{{meant}}}", node.span, f'"${{{meant}}}"')


def expression_in(checker: Checker, node: tree.Literal_, text: str, scope: Scope) -> str | None:
    """The expression that the whole of a text is, in our spelling; None for what is but a text."""
    if len(text) > _LONGEST_CODE:
        return None
    elsewhere = _ELSEWHERE.fullmatch(text)
    if elsewhere is not None:
        text = elsewhere[1] or elsewhere[2]
    if _PATH.fullmatch(text):
        return text if _exists(text, scope) else None
    return text if _names_something(text, scope) and _is_sound(checker, node, text, scope) else None


def instead(meant: str) -> Spelled:
    """What to say where no text can stand."""
    said = f"this is a text; the value of {meant} is written"
    return Spelled(f"{said} without quotes", f"{said} ${{{meant}}}")


def _is_bare(node: tree.Literal_, text: str) -> bool:
    """Whether it was written without quotes, as only YAML can."""
    span = node.span
    return span.is_yaml and span.line == span.end_line and span.end_col - span.col == len(text)


def _names_something(text: str, scope: Scope) -> bool:
    """Whether it is worth to read a text as an expression: no sentence, and with a name that is known."""
    if _PROSE.search(text):
        return False
    return any(
        TABLE.named("function", found[1]) if found[2] else scope.lookup(found[1]) is not None
        for found in _NAME.finditer(text)
    )


def _is_sound(checker: Checker, node: tree.Literal_, text: str, scope: Scope) -> bool:
    sink = Diagnostics()
    found = parse_expression(text, node.span.file, sink)
    if found is None or len(sink):
        return False
    probe = type(checker)(sink)
    if probe.fits_limits(found):
        probe.check(found, scope)
    return not sink.has_errors


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
