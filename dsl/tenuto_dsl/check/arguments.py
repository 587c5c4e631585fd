"""Matching arguments with what they are for: parameters of anything callable, fields of an error.

Arguments are all named or all positional, as the parser has made sure. Each mistake is reported where it stands;
missing ones together, at the name of what was called.
"""

from __future__ import annotations

from collections.abc import Sequence

from tenuto_interpreter.frozen import frozen
from tenuto_interpreter.types import STRING, Optional, Type

from tenuto_dsl.check.facts import ErrorFacts, Parameter
from tenuto_dsl.diagnostics import Diagnostics, nearest
from tenuto_dsl.syntax import tree


@frozen
class Place:
    """What an argument may fill. `named_only` places take no positional argument."""

    name: str
    type: Type
    required: bool
    named_only: bool = False


def places_of(params: Sequence[Parameter]) -> list[Place]:
    """An optional parameter without a default may be left out: absent is null."""
    return [Place(p.name, p.type, p.required and not isinstance(p.type, Optional)) for p in params]


def places_of_error(error: ErrorFacts) -> list[Place]:
    """The fields of an error, and the message that every error may have."""
    places = [Place(name, type_, not isinstance(type_, Optional)) for name, type_ in error.fields]
    if all(place.name != "message" for place in places):
        places.append(Place("message", STRING, required=False, named_only=True))
    return places


def match_arguments(
    callee: tree.Name, args: Sequence[tree.Arg], places: Sequence[Place], sink: Diagnostics
) -> dict[str, tree.Arg]:
    """The argument of each place that has one. Arguments that fit nowhere are reported and left out."""
    named = [arg for arg in args if arg.name is not None]
    positional = [arg for arg in args if arg.name is None]
    if named and positional:
        # The parser has said that they are mixed; what is missing cannot be told then.
        return {arg.name.text: arg for arg in named if arg.name is not None}
    found = _named(callee, named, places, sink) if named else _positional(callee, positional, places, sink)
    missing = [place.name for place in places if place.required and place.name not in found]
    if missing and not (positional and len(positional) > len(places)):
        what = ", ".join(f"{name}" for name in missing)
        word = "argument" if len(missing) == 1 else "arguments"
        if len(found) == len(args):
            sink.error("TEN206", callee.span, f"{callee.text} lacks the {word} {what}")
    return found


def _named(
    callee: tree.Name, args: Sequence[tree.Arg], places: Sequence[Place], sink: Diagnostics
) -> dict[str, tree.Arg]:
    known = {place.name for place in places}
    found: dict[str, tree.Arg] = {}
    for arg in args:
        assert arg.name is not None
        name = arg.name.text
        if name not in known:
            close = nearest(name, [place.name for place in places if place.name not in found])
            takes = ", ".join(f"{place.name}" for place in places) or "no arguments"
            hint = f"did you mean {close}?" if close else f"it takes {takes}"
            sink.error("TEN207", arg.name.span, f"{callee.text} has no argument {name}", hint)
        elif name in found:
            sink.error("TEN208", arg.name.span, f"the argument {name} is given twice")
        else:
            found[name] = arg
    return found


def _positional(
    callee: tree.Name, args: Sequence[tree.Arg], places: Sequence[Place], sink: Diagnostics
) -> dict[str, tree.Arg]:
    takes = [place for place in places if not place.named_only]
    if len(args) > len(takes):
        count = "no arguments" if not takes else f"{len(takes)} argument{'s' if len(takes) > 1 else ''}"
        sink.error("TEN210", args[len(takes)].span, f"{callee.text} takes {count}, {len(args)} are given")
    return {place.name: arg for place, arg in zip(takes, args, strict=False)}
