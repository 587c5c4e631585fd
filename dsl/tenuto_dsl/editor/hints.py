"""Inlay hints: the types of what is named without one, and the names of positional arguments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tenuto_interpreter.expr.kinds import UNKNOWN

from tenuto_dsl.check.expressions.relations import type_text
from tenuto_dsl.editor.analysis import Analysis
from tenuto_dsl.editor.positions import Place
from tenuto_dsl.syntax import tree

_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Hint:
    place: Place
    text: str
    kind: Literal["type", "parameter"]


def hints(analysis: Analysis) -> list[Hint]:
    """Of the text form: YAML has no room for them."""
    if analysis.form == "yaml":
        return []
    return sorted([*_types(analysis), *_arguments(analysis)], key=lambda hint: hint.place)


def _types(analysis: Analysis) -> list[Hint]:
    facts = analysis.checked.facts.facts
    found = []
    for occurrence in analysis.index.occurrences:
        if occurrence.role != "declaration":
            continue
        match occurrence.symbol.node:
            case tree.LetStep(name=name, type=None) | tree.ForStep(variable=name):
                type_ = facts.types.get(name)
            case _:
                continue
        if type_ is not None and type_ != UNKNOWN and len(type_text(type_)) <= _LONGEST:
            found.append(Hint((name.span.end_line, name.span.end_col), f": {type_text(type_)}", "type"))
    return found


def _arguments(analysis: Analysis) -> list[Hint]:
    found = []
    for node, invocation in analysis.checked.facts.facts.invocations.items():
        args: tuple[tree.Arg, ...] = getattr(node, "args", ())
        if node.span.file != analysis.name or any(arg.name is not None for arg in args):
            continue
        for arg, param in zip(args, invocation.callee.params, strict=False):
            found.append(Hint((arg.span.line, arg.span.col), f"{param.name}:", "parameter"))
    return found
