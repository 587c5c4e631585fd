"""The page of all keys of the YAML form, made of the models: docs/language/yaml.md. Written by `dev.py models`.

It says of each key what it is, how its value is read and whether it must be there; it must not know how the loader
does that.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping

from tenuto_dsl.syntax.yaml import models
from tenuto_dsl.syntax.yaml.models import STRUCTURES, Shape, Structure, Union, keys_of
from tenuto_dsl.syntax.yaml.models.base import Key

_HEAD = """\
# The keys of the YAML form

Every key of every construct. `python3 dev.py models` makes this page of what the loader and the [schema](../editors.md)
are made of. What the constructs mean is said by [the pages of the language](../language.md).

Keys in **bold** must be there. In the column of values, the words are these:

| value | how it is read |
|---|---|
"""

_READINGS: Mapping[str, tuple[str, str]] = {
    "expression": ("expression", "always an expression, written bare: `order.total > limit`, `24h`"),
    "value": (
        "value",
        "a literal, a list or a map; `${…}` marks an expression, and one that is the whole text keeps its type",
    ),
    "text": ("text", "as it stands"),
    "flag": ("flag", "`true` or `false`"),
    "integer": ("number", "a whole number, from 0"),
    "nothing": ("nothing", "the key says it all: left empty, or `null`; in `{ … }` write `null`"),
    "name": ("name", "letters, digits and underscores: a new name, or that of what is declared"),
    "place": ("place", "a variable, or a place in one: `total`, `known[id].ready`"),
    "type": ("type", 'as text, `"string?"`; a record as a map of its fields, a list as `[item]`'),
    "fields": ("fields", "a record as a map of its fields, or as text"),
    "args": ("arguments", "a map of named arguments, or a list of positional ones; each is a value"),
    "values": ("values", "a map from names to values"),
    "assignments": ("assignments", "a map from places to values"),
    "target": ("state", "a state by its name or path, or `history(S)`"),
    "names": ("errors", "`A \\| B`, or a list"),
    "caught": ("errors", "`A \\| B`, or a list"),
    "messages": ("messages", "`a, b`, or a list"),
    "state names": ("states", "a map from names of states to names of states"),
    "headers": ("headers", "a map from names of headers to values"),
    "method": ("method", "`GET`, `POST`, `PUT`, `PATCH`, `DELETE` or `HEAD`"),
    "on_close": ("on close", "`abandon`, `cancel` or `terminate`"),
    "version": ("version", "`1`"),
    "imports": ("files", "a path, or a list of them"),
}

_TAIL = """
## Names that differ

| | |
|---|---|
| an error | `error: X` where one is named: in `raises`, `catch` and transitions. `fail: X` with `args` beside it as a step; `fail: { fail: X, args: … }` in a final state, or `fail: X` alone; `fails: X` with `args` beside it as the outcome of a mock |
| a value to begin with | `value` of a variable, which is the workflow's own; `default` of a parameter and of a config value, which somebody else may set |
| what goes in and comes out | `input` and `output` of a workflow; `params` and `returns` of an activity and an update; `params` of a signal; `type` and `value` of a query |
| `value` | bare in an attribute, for it is always computed; with `${…}` in a variable and a query, where constants are usual |
| `at_most` | in `repeat` how many rounds; in `for` how many items at once |
"""  # noqa: E501 - a row of a table is a line

_Row = tuple[str, type[Shape]]


def _rows(union: Union) -> list[_Row]:
    return [(f"`{verb}`", shape) for verb, shape in union.shapes.items()]


_GROUPS: Mapping[str, list[_Row]] = {
    "A file": [("a file", models.WorkflowFile)],
    "Types, errors, config, parameters": [
        ("a type", models.TypeShape),
        ("an error", models.ErrorShape),
        ("a config value", models.ConfigValue),
        ("a parameter", models.ParameterShape),
    ],
    "Activities": [
        ("an activity", models.Activity),
        ("`http`", models.HttpRequest),
        ("`raises`", models.RaisesShape),
        ("`timeout`", models.Limits),
        ("`retry`", models.RetryShape),
        ("`rate`", models.RateShape),
    ],
    "Workflows": [
        ("a workflow", models.Workflow),
        ("a signal", models.SignalShape),
        ("an update", models.UpdateShape),
        ("a query", models.QueryShape),
        ("an attribute", models.AttributeShape),
        ("a variable", models.VariableShape),
        ("a property", models.PropertyShape),
        ("a migration", models.MigrationShape),
    ],
    "States": [
        ("a state", models.StateShape),
        ("a region", models.RegionShape),
        ("`fail`", models.FailShape),
    ],
    "Transitions": _rows(models.TRANSITIONS),
    "Steps": [
        *_rows(models.STEPS),
        ("`with`", models.CallOptions),
        ("`undo`", models.UndoShape),
        ("a handler", models.Handler),
    ],
    "Tests": [("a test", models.TestShape), *_rows(models.TEST_STEPS), ("an outcome", models.OutcomeShape)],
}

_WORDS: Mapping[str, str] = {
    "block": "steps", "params": "parameters", "config": "config values", "list of raises": "errors",
    "options": "options of a call", "ending": "an error", "branches": "lists of steps", "undo": "an undo",
}  # fmt: skip
"""What structures are called, where that is not the name of their reading."""

_ALONE: Mapping[str, str] = {
    "type": "a type", "fields": "fields", "hangs": "`hangs`", "names": "errors", "expression": "an expression",
    "name": "a name", "params": "parameters", "value": "a value",
}  # fmt: skip
"""What stands for the whole of a map with known keys."""


def page() -> str:
    """The page as the committed file has it."""
    parts = [_HEAD, *(f"| {word} | {text} |\n" for word, text in dict(_READINGS.values()).items())]
    for title, rows in _GROUPS.items():
        parts.append(f"\n## {title}\n\n{_said_before(title)}| | key | value | |\n|---|---|---|---|\n")
        parts += _table(title, rows)
    return "".join(parts) + _TAIL


def bare_keys() -> dict[str, list[str]]:
    """Where expressions are written bare: the keys of each group, in the order of the page."""
    found: dict[str, list[str]] = {}
    for title, rows in _GROUPS.items():
        keys = [name for _, shape in rows for name, key in keys_of(shape).items() if _is_bare(key)]
        if keys:
            found[title] = list(dict.fromkeys(keys))
    return found


def _is_bare(key: Key) -> bool:
    structure = STRUCTURES.get(key.reading.method)
    return key.reading.method == "expression" or (structure is not None and structure.scalar == "expression")


def shapes() -> set[type[Shape]]:
    """The shapes that the page shows."""
    return {shape for rows in _GROUPS.values() for _, shape in rows}


def _said_before(title: str) -> str:
    match title:
        case "Workflows":
            return "A workflow has the keys of a [state](#states), too, but for `initial` and `final`.\n\n"
        case "States":
            return "A region has the keys of a state, but for `initial` and `final`.\n\n"
        case "Transitions":
            return "A transition has exactly one trigger, and with each of them what the first rows say.\n\n"
        case "Steps":
            alone = ", ".join(f"`{verb}`" for verb in models.STEPS.alone)
            return f"A step has exactly one verb, its first row. {alone} may stand alone, without a map.\n\n"
        case _:
            return ""


def _table(title: str, rows: Iterable[_Row]) -> Iterator[str]:
    match title:
        case "Transitions":
            shared = keys_of(models.TransitionShape)
            yield from _of("any", shared)
            for label, shape in rows:
                own = {name: key for name, key in keys_of(shape).items() if name not in shared or key.is_required}
                yield from _of(label, own)
        case "Workflows" | "States":
            region = keys_of(models.RegionShape)
            for label, shape in rows:
                keys = keys_of(shape)
                if shape is models.Workflow:
                    keys = {name: key for name, key in keys.items() if name not in region}
                if shape is not models.RegionShape:
                    yield from _of(label, keys)
        case _:
            for label, shape in rows:
                yield from _of(label, keys_of(shape))


def _of(label: str, keys: Mapping[str, Key]) -> Iterator[str]:
    for number, (name, key) in enumerate(keys.items()):
        shown = f"**`{name}`**" if key.is_required else f"`{name}`"
        text = key.description.replace("|", "\\|")
        yield f"| {label if number == 0 else ''} | {shown} | {_value(key)} | {text} |\n".replace("|  |", "| |")


def _value(key: Key) -> str:
    method = key.reading.method
    structure = STRUCTURES.get(method)
    if structure is None:
        return _READINGS[method][0]
    words = f"[{_WORDS.get(method, method)}](#{_anchor(structure)})"
    alone = "" if structure.scalar is None else _ALONE[structure.scalar]
    if structure.kind == "one":
        return f"{words}, or {alone}" if alone else words
    return f"{structure.kind} of {words}{f', in full or as {alone}' if alone else ''}"


def _anchor(structure: Structure) -> str:
    """Of the part of the page that has what a structure holds."""
    held = structure.holds or structure.listed
    assert held is not None, "a structure holds something"
    shape = next(iter(held.shapes.values())) if isinstance(held, Union) else held
    title = next(title for title, rows in _GROUPS.items() if any(shape is known for _, known in rows))
    return title.lower().replace(",", "").replace(" ", "-")


if __name__ == "__main__":
    sys.stdout.write(page())
