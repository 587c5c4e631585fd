"""Signature help: what takes the argument that is being written, and which argument that is."""

from __future__ import annotations

from dataclasses import dataclass

from tenuto_dsl.editor.completion.calls import open_call
from tenuto_dsl.editor.completion.prefix import Prefix, read_prefix
from tenuto_dsl.editor.completion.text import place_of
from tenuto_dsl.editor.describe import MACROS, doc_of, overloads, parameter, returning, written
from tenuto_dsl.editor.positions import Lines, Place
from tenuto_dsl.editor.workspace import Workspace
from tenuto_dsl.syntax import form_of, tree


@dataclass(frozen=True, slots=True)
class Signature:
    """`parameters` are texts that stand in the label; `active` is the position of the one being written."""

    label: str
    parameters: tuple[str, ...]
    active: int | None
    doc: str = ""


def signatures(workspace: Workspace, path: str, place: Place) -> list[Signature]:
    """Every way to call what the cursor stands in the parentheses of; innermost only."""
    source = workspace.text(path)
    if source is None or form_of(path) != "text":
        return []
    lines = Lines(source)
    offset = lines.offset(*place)
    prefix = read_prefix(source, path, offset)
    if prefix is None or prefix.in_string is not None:
        return []
    opened = _innermost(prefix)
    if opened is None:
        return []
    if prefix.top() and prefix.symbols[opened - 1] == "name" and _is_function(prefix, opened):
        return _function(prefix, opened)
    analysis = workspace.without(path, prefix.start, offset)
    if analysis is None:
        return []
    call = open_call(prefix, place_of(prefix, analysis, lines.place(prefix.start)))
    if call is None:
        return []
    node = analysis.table.callables.get(call.name)
    parts = tuple(
        parameter(m) if isinstance(m, tree.Param) else f"{m.name.text}: {written(m.type)}" for m in call.members
    )
    current = call.current(prefix)
    names = [member.name.text for member in call.members]
    active = names.index(current) if current in names else None
    returns = returning(node.returns) if node is not None else ""
    return [Signature(f"{call.name}({', '.join(parts)}){returns}", parts, active, doc_of(node) if node else "")]


def _innermost(prefix: Prefix) -> int | None:
    for position in range(len(prefix.symbols) - 1, 0, -1):
        if prefix.symbols[position] == "_LPAR":
            return position
        if prefix.symbols[position] == "_LBRACE":
            return None
    return None


def _is_function(prefix: Prefix, opened: int) -> bool:
    """A function's name follows no word of an operation."""
    before = prefix.symbols[opened - 2] if opened > 1 else ""
    return before not in (
        "_CALL",
        "_UNDO",
        "_START",
        "_MOCK",
        "_SEND",
        "_FAIL",
        "_FAILS",
        "_UPDATE",
        "_SIGNAL",
        "_QUERY",
    )


def _function(prefix: Prefix, opened: int) -> list[Signature]:
    name = prefix.values[opened - 1].text
    is_method = opened > 1 and prefix.symbols[opened - 2] in ("_DOT", "_DOTQ")
    active = prefix.symbols[opened + 1 :].count("_COMMA")
    inside = [s for s in prefix.symbols[opened + 1 :] if s.startswith("__")]  # a list that has been read so far
    if inside:
        active = max(active, 1)
    if is_method and name in MACROS:
        ways, doc = [MACROS[name][0]], MACROS[name][1]
    else:
        ways, doc = overloads("method" if is_method else "function", name), ""
        operand = prefix.values[opened - 3] if is_method and opened > 2 else None
        space = operand[0] if isinstance(operand, list) and operand else operand
        if not ways and isinstance(space, tree.Ident):
            ways = overloads("function", f"{space.name}.{name}")
    return [Signature(way, _parts(way), active, doc) for way in ways]


def _parts(way: str) -> tuple[str, ...]:
    """The parameters in a label such as `x.f([A], map(string, B)) -> C`."""
    head = way.rpartition(" -> ")[0] or way
    inner = head[head.index("(", head.find(".") + 1 if head.startswith(("[", "map(")) else 0) + 1 : -1]
    parts: list[str] = []
    depth = 0
    for character in inner:
        depth += character in "([{"
        depth -= character in ")]}"
        if character == "," and depth == 0:
            parts.append("")
        elif parts:
            parts[-1] += character
        else:
            parts = [character]
    return tuple(part.strip() for part in parts if part.strip())
