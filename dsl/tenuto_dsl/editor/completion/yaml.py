"""Completion in the YAML form: the keys of the shape at hand, and in values what their reading refers to.

YAML cannot be read while a line is unfinished, so a word is put where the cursor is, and what is missing after it: the
first of a few ways in which the file can be read is taken. That file is analysed; the word leads back to the place.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import pairwise

from tenuto_dsl.check.expressions.relations import literals
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.editor.analysis import Analysis, blanked
from tenuto_dsl.editor.completion import items, shapes, text
from tenuto_dsl.editor.completion.expressions import fields
from tenuto_dsl.editor.completion.items import Item
from tenuto_dsl.editor.completion.prefix import Prefix, read_expression
from tenuto_dsl.editor.completion.shapes import Spot
from tenuto_dsl.editor.completion.where import Where, find, find_tested
from tenuto_dsl.editor.completion.within import called, expected_type, name_at
from tenuto_dsl.editor.positions import Lines, Place, within
from tenuto_dsl.editor.workspace import Workspace
from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.text.literals import pieces
from tenuto_dsl.syntax.yaml.compose import Mapping, compose
from tenuto_dsl.syntax.yaml.known import is_long_form
from tenuto_dsl.syntax.yaml.models import Shape, Structure, Union, keys_of

CURSOR = "cursor_of_the_editor"

_ENDS = ("", ":", '"', "}", " } }", '}"', '}" }', '}" } }', '" }', '" } }', "'", "]")
"""What may be missing after the cursor."""


def complete(workspace: Workspace, path: str, lines: Lines, place: Place) -> tuple[list[Item], Place]:
    offset = lines.offset(*place)
    start = offset
    while start > 0 and (lines.text[start - 1].isalnum() or lines.text[start - 1] == "_"):
        start -= 1

    def found() -> list[Item]:
        for source in _finished(lines.text, start, offset):
            root = compose(source, path, Diagnostics(), trying=True).root
            spot = shapes.find(root, lambda scalar: CURSOR in scalar.text) if root is not None else None
            if spot is not None:
                items = _at(workspace, Analysis(path, source, workspace.read), spot)
                unique = {(item.label, item.kind): item for item in items}
                return sorted(unique.values(), key=lambda item: (item.rank, item.label))
        return []

    rest = start, lines.text[:start] + lines.text[offset:]  # what is offered does not depend on the word
    return workspace.draft(path, rest, found), lines.place(start)


def _finished(source: str, start: int, offset: int) -> Iterator[str]:
    """The file with a word at the cursor, in ways in which it may be readable."""
    end = source.find("\n", offset)
    end = len(source) if end < 0 else end
    rest = source[offset:end]
    for tail in dict.fromkeys((rest, "")):
        for more in _ENDS:
            yield f"{source[:start]}{CURSOR}{more}{tail}{source[end:]}"
    line = source.count("\n", 0, start) + 1
    for other in (line + 1, line - 1):  # another line may be unfinished, too
        yield blanked(f"{source[:start]}{CURSOR}:{source[end:]}", other)


def key_doc(analysis: Analysis, place: Place) -> str:
    """What a key means that stands at a place."""
    root = compose(analysis.source, analysis.name, Diagnostics()).root
    if root is None:
        return ""
    spot = shapes.find(root, lambda scalar: within(place, scalar.span))
    if spot is None or not spot.is_key or not isinstance(spot.expected, type):
        return ""
    known = keys_of(spot.expected)
    return known[spot.node.text].description if spot.node.text in known else ""


# -- what is offered --------------------------------------------------------------------------------------------------


def _at(workspace: Workspace, analysis: Analysis, spot: Spot) -> Iterator[Item]:
    where = _where(analysis, spot)
    if spot.is_key:
        yield from _keys(spot, where)
        return
    if isinstance(spot.expected, type | Union):
        yield from _of_shape(spot.expected, None)
        return
    expected = spot.expected
    if isinstance(expected, Structure):
        if expected.kind != "one":
            return
        if isinstance(expected.holds, type):
            yield from _of_shape(expected.holds, None)
        expected = expected.scalar
    if expected in ("value", None) and spot.node.text == CURSOR:
        wanted = expected_type(spot, where)
        for value in literals(wanted, where.scope.types) if wanted is not None else ():
            yield Item(value, "value", rank=0)
    if expected in ("args", "assignments"):
        yield from _open_keys(spot, where, spot.holder, ())
    elif spot.refers and spot.refers != "type":
        yield from _referred(workspace, spot, where)
    elif expected == "type":
        prefix = read_expression(spot.node.source, 0, spot.node.text.index(CURSOR), "type_only")
        if prefix is not None:
            yield from text.complete(prefix, where)
    elif expected in ("expression", "value"):
        yield from _expression(spot, where, whole=expected == "expression")


def _where(analysis: Analysis, spot: Spot) -> Where:
    line, col = spot.node.span.line, spot.node.span.col
    place = spot.node.source.place(spot.node.text.index(CURSOR)) if CURSOR in spot.node.text else (line, col)
    keys = spot.keys
    if keys[:1] == ["tests"]:
        named = next((found for node in spot.around if (found := name_at(node, "workflow")) is not None), None)
        return find_tested(analysis, place, named)
    if keys[:1] == ["activities"] and len(keys) > 1:
        return find(analysis, place, None, [], keys[1])
    states = [name for kind, name in pairwise(keys[2:]) if kind in ("states", "regions")]
    return find(analysis, place, keys[1] if len(keys) > 1 and keys[0] == "workflows" else None, states, None)


def _keys(spot: Spot, where: Where) -> Iterator[Item]:
    holder = spot.holder
    if isinstance(spot.expected, Structure):
        inner = spot.expected.holds if spot.expected.kind == "one" else None
        if inner is not None and not _begins_record(spot, inner):
            yield from _of_shape(inner, holder)
    elif isinstance(spot.expected, type | Union):
        yield from _of_shape(spot.expected, holder)
    elif spot.expected in ("args", "assignments") and holder is not None:
        maps = [node for node in spot.around if isinstance(node, Mapping)]
        yield from _open_keys(spot, where, maps[-2] if len(maps) > 1 else None, {key.text for key, _ in holder.entries})
    elif spot.expected in ("value", None) and holder is not None:
        record = expected_type(spot, where)
        given = {key.text for key, _ in holder.entries}
        for item in fields(record, where.scope) if record is not None else ():
            if item.label not in given:
                yield Item(item.label, item.kind, item.detail, item.doc, f"{item.label}: ", rank=1)


def _begins_record(spot: Spot, long: type[Shape] | Union) -> bool:
    """Whether the keys beside a key are fields, whose names the author gives."""
    if not shapes.is_type(spot.expected) or spot.holder is None or isinstance(long, Union):
        return False
    others = [key.text for key, _ in spot.holder.entries if key is not spot.node]
    return bool(others) and not is_long_form(others, keys_of(long))


def _open_keys(spot: Spot, where: Where, beside: Mapping | None, given: Collection[str]) -> Iterator[Item]:
    """Arguments of what is called beside, or variables to assign."""
    if spot.expected == "args":
        for item in items.arguments(called(spot.keys, where, beside), set(given)):
            yield Item(item.label, item.kind, item.detail, item.doc, f"{item.label}: ", rank=1)
    elif where.workflow is not None:
        for name, facts in where.workflow.variables.items():
            if isinstance(facts.node, tree.VarDecl) and name not in given:
                yield Item(name, "variable", insert=f"{name}: ", rank=1)


def _of_shape(expected: type[Shape] | Union, holder: Mapping | None) -> Iterator[Item]:
    """The keys that are not there yet; of a union, the verbs."""
    given = {key.text for key, _ in holder.entries} if holder is not None else set()
    if isinstance(expected, Union):
        shaped = [(verb, keys_of(shape)[verb]) for verb, shape in expected.shapes.items()]
    else:
        shaped = list(keys_of(expected).items())
    for key, said in shaped:
        if key not in given:
            needed = not isinstance(expected, Union) and said.is_required
            detail = "required" if needed else ""
            is_alone = isinstance(expected, Union) and holder is None and key in expected.alone
            insert = key if is_alone else f"{key}: "
            yield Item(key, "key", detail, said.description, insert, rank=1 if needed else 2)


def _referred(workspace: Workspace, spot: Spot, where: Where) -> Iterator[Item]:
    analysis = where.analysis
    workflow = where.workflow.node if where.workflow is not None else None
    match spot.refers:
        case "callable":
            yield from items.callables(analysis, activities=True, workflows=True, arguments=False)
        case "workflow":
            yield from items.callables(analysis, activities=False, workflows=True, arguments=False)
        case "signal":
            yield from items.messages(workflow, signals=True, updates=False)
        case "update":
            yield from items.messages(workflow, signals=False, updates=True)
        case "message":
            yield from items.messages(workflow, signals=True, updates=True)
            yield Item("cancel", "keyword", "cancellation", rank=3)
        case "error":
            yield from items.errors(analysis)
        case "state":
            yield from text.states_below(where, spot.node.text.partition(CURSOR)[0])
        case "variable":
            for name in where.workflow.variables if where.workflow is not None else ():
                yield Item(name, "variable", rank=1)
        case "effect":
            yield from items.named(items.EFFECT_NOTES)
        case "attribute type":
            yield from items.named(items.ATTRIBUTE_NOTES)
        case "method":
            yield from items.named(dict.fromkeys(("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"), ""))
        case "on close":
            yield from items.named(dict.fromkeys(("abandon", "cancel", "terminate"), ""))
        case "file":
            from tenuto_dsl.editor.completion import importable

            yield from importable(workspace, analysis.name)
        case _:
            pass


def _expression(spot: Spot, where: Where, *, whole: bool) -> Iterator[Item]:
    """In an expression; of a value, only within `${…}`."""
    node = spot.node
    offset = node.text.index(CURSOR)
    start = 0 if whole else _code_before(node.text, offset)
    if start is None:
        return
    prefix: Prefix | None = read_expression(node.source, start, offset)
    if prefix is not None:
        yield from text.complete(prefix, where)


def _code_before(value: str, offset: int) -> int | None:
    """Where the `${…}` begins in which an offset stands."""
    for kind, start, end in pieces(value, escapes=False):
        if kind == "code" and start <= offset <= end:
            return start
        if kind == "open" and start + 2 <= offset:
            return start + 2
    return None
