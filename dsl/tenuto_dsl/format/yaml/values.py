"""Values, expressions, types and lists of entries as models, with the comments of their nodes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from tenuto_dsl.format.comments import Comments, Reading, Remarks
from tenuto_dsl.format.document import Doc, lay
from tenuto_dsl.format.expressions import ExpressionPrinter, expression_text
from tenuto_dsl.format.types import type_doc, type_text
from tenuto_dsl.format.yaml.model import Entry, Many, Text, Value
from tenuto_dsl.format.yaml.spell import block_text, key_text, quoted, source_text, value_text
from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.text.literals import pieces
from tenuto_dsl.syntax.yaml.known import KnownShape, is_long_form
from tenuto_dsl.syntax.yaml.table import PARAMETER

_LONG = 100
_LONG_KEY = 100
_DOLLARS = re.compile(r"\$+(?=\{)")
_WHOLE = re.compile(r"-?[0-9]+|0x[0-9a-fA-F]+")
_BROKEN = re.compile(r"-?[0-9]*\.[0-9]+(?:[eE][-+]?[0-9]+)?|-?[0-9]+[eE][-+]?[0-9]+")


class ValueMaker:
    def __init__(self, comments: Comments, reading: Reading | None) -> None:
        self.comments = comments
        self.reading = reading
        self.named: frozenset[str] = frozenset()
        """What has a value in the file: a text that is one of these names is quoted, lest it be taken for the value."""
        self._begun: set[int] = set()
        """Lines on which an entry has begun: before another on the same line there is no blank one."""

    # -- entries ---------------------------------------------------------------------------------------------------

    def put(self, many: Many, key: str | None, node: Any, make: Callable[[Any], Value], name: str = "") -> Entry:
        """An entry for a node, with the comments of the node and what is left of those in it."""
        around = self.comments.take_around(node, name)
        entry = many.add(key, Text(""))
        first = around.before[0].span if around.before else self._span(node, name)
        entry.blank = (
            self.reading is not None and first.line not in self._begun and self.reading.blank_above(first.line)
        )
        self._begun |= {first.line, node.span.line}
        entry.value = make(node)
        self._inside(entry, node)
        rest = [] if name else self.comments.rest(node)
        self._remark(entry, around, rest)
        return entry

    def _span(self, node: Any, name: str) -> tree.Span:
        span: tree.Span = getattr(node, f"{name}_span", None) or node.span if name else node.span
        return span

    def _remark(self, entry: Entry, around: Remarks, rest: Iterable[tree.Comment]) -> None:
        for comment in around.before:
            entry.before.append(comment.text)
            if self.reading is not None and self.reading.blank_below(comment.span.line):
                entry.before.append(None)
        entry.behind += [comment.text for comment in [*around.behind, *rest]]
        for comment in around.below:
            if self.reading is not None and self.reading.blank_above(comment.span.line):
                entry.below.append(None)
            entry.below.append(comment.text)

    def section(self, many: Many, key: str, nodes: Iterable[Any], add: Callable[[Many, Any], object]) -> None:
        """A map of entries under a key, if there are any; the blank line before the first goes before the key."""
        inner = Many(is_map=True)
        for node in nodes:
            add(inner, node)
        if inner.entries:
            entry = many.add(key, inner)
            entry.blank = inner.entries[0].blank

    def _inside(self, entry: Entry, node: tree.Node) -> None:
        """The comments in a node's braces that belong to nothing in them."""
        within = self.comments.take_within(node)
        entry.behind += [comment.text for comment in within.head]
        value = entry.value
        below = value.entries[-1].below if isinstance(value, Many) and value.entries else entry.below
        below += [comment.text for comment in within.inside]

    def expr(self, many: Many, key: str, node: tree.Expr | None) -> None:
        """An entry in which an expression is always read."""
        if node is not None:
            self.put(many, key, node, self.expression)

    def val(self, many: Many, key: str, node: tree.Expr | None) -> None:
        if node is not None:
            self.put(many, key, node, self.value)

    def named_args(self, many: Many, args: tuple[tree.Arg, ...]) -> None:
        if args:
            many.add("args", self.args(args))

    # -- scalars ---------------------------------------------------------------------------------------------------

    def name(self, node: tree.Name) -> Text:
        return source_text(node.text)

    def names(self, nodes: Iterable[tree.Name], separator: str = " | ") -> Text:
        return source_text(separator.join(node.text for node in nodes))

    def path(self, node: tree.Path) -> Text:
        return self.names(node.names, ".")

    def type_(self, node: tree.TypeNode) -> Value:
        """A record as a map of its fields, a list as a list of its item, all else as text."""
        match node:
            case tree.RecordType() if len({field.name.text for field in node.fields}) == len(node.fields):
                return self._fields(node.fields)
            case tree.ListType():
                many = Many(is_map=False, flow=True)
                many.add(None, self.type_(node.item))
                return many
            case _:
                return _source(type_text(node), lambda: type_doc(node))

    def declared(self, node: tree.TypeNode, shape: KnownShape) -> Value:
        """A type that may stand alone: as text, where its fields would be taken for the long form of a declaration."""
        if isinstance(node, tree.RecordType) and is_long_form(
            [field.name.text for field in node.fields], shape.readings
        ):
            return _source(type_text(node), lambda: type_doc(node))
        return self.type_(node)

    def _fields(self, nodes: tuple[tree.Field, ...]) -> Many:
        many = Many(is_map=True, flow=True)
        for field in nodes:
            self.put(many, key_text(field.name.text), field, lambda node: self.type_(node.type))
        return many

    def expression(self, node: tree.Expr) -> Text:
        """Where an expression is always read."""
        return _source(expression_text(node), lambda: ExpressionPrinter(one_line=True).doc(node))

    def doc_text(self, text: str) -> Text:
        return value_text(text)

    # -- values ----------------------------------------------------------------------------------------------------

    def value(self, node: tree.Expr) -> Value:
        """Where a value is read: literals, lists and maps as such, other expressions in `${…}`."""
        match node:
            case tree.Literal_(kind="null" | "bool"):
                return Text(expression_text(node))
            case tree.Literal_(kind="int"):
                spelling = expression_text(node)
                return Text(spelling if _WHOLE.fullmatch(spelling) else str(node.value))
            case tree.Literal_(kind="double"):
                spelling = expression_text(node)
                return Text(spelling) if _BROKEN.fullmatch(spelling) else self._code(node)
            case tree.Literal_(kind="string", value=str(text)):
                return Text(quoted(text)) if text in self.named else value_text(_doubled(text))
            case tree.Interpolation():
                return self._interpolation(node)
            case tree.ListExpr(optional=()):
                return self._list(node.items, self.value)
            case tree.MapExpr() if _is_map(node):
                return self._map(node)
            case _:
                return self._code(node)

    def _list(self, nodes: Iterable[Any], make: Callable[[Any], Value]) -> Many:
        many = Many(is_map=False, flow=True)
        for node in nodes:
            self.put(many, None, node, make)
        return many

    def _map(self, node: tree.MapExpr) -> Many:
        many = Many(is_map=True, flow=True)
        for entry in node.entries:
            assert isinstance(entry.key, tree.Literal_)
            self.put(many, key_text(str(entry.key.value)), entry, lambda e: self.value(e.value))
        return many

    def _code(self, node: tree.Expr) -> Text:
        code = expression_text(node)
        if not _is_code(code):
            return value_text(f"${{{expression_text(_guarded(node))}}}")
        text = _source(code, lambda: ExpressionPrinter(one_line=True).doc(node))
        if text.lines:
            lines = ["${" + text.lines[0], *text.lines[1:]]
            lines[-1] += "}"
            return Text("|-", lines, flow=value_text(f"${{{code}}}").flow)
        return value_text(f"${{{code}}}")

    def _interpolation(self, node: tree.Interpolation) -> Text:
        text = ""
        for position, part in enumerate(node.parts):
            if isinstance(part, str):
                doubled = _doubled(part)
                if position + 1 < len(node.parts):
                    kept = doubled.rstrip("$")
                    doubled = kept + "$$" * (len(doubled) - len(kept))
                text += doubled
            else:
                code = expression_text(part)
                text += f"${{{code if _is_code(code) else expression_text(_guarded(part))}}}"
        return value_text(text)

    # -- arguments and parameters ----------------------------------------------------------------------------------

    def args(self, nodes: tuple[tree.Arg, ...]) -> Many:
        many = Many(is_map=not nodes or nodes[0].name is not None, flow=True)
        for arg in nodes:
            key = None if arg.name is None else key_text(arg.name.text)
            self.put(many, key, arg, lambda a: self.value(a.value))
        return many

    def params(self, nodes: tuple[tree.Param, ...]) -> Many:
        many = Many(is_map=True, flow=True)
        for param in nodes:
            self.put(many, key_text(param.name.text), param, self._param)
        return many

    def _param(self, node: tree.Param) -> Value:
        if node.default is None:
            return self.declared(node.type, PARAMETER)
        many = Many(is_map=True, flow=True)
        many.add("type", self.type_(node.type))
        self.put(many, "default", node.default, self.value)
        return many


def _doubled(text: str) -> str:
    return _DOLLARS.sub(lambda found: found[0] * 2, text)


def _source(text: str, doc: Callable[[], Doc]) -> Text:
    """A type or an expression; a long one on several lines."""
    if len(text) > _LONG:
        lines = ["" if not line.code else " " * line.indent + line.code for line in lay(doc(), _LONG)]
        if len(lines) > 1:
            block = block_text(lines)
            block.flow = source_text(text).flow
            return block
    return source_text(text)


def _is_code(code: str) -> bool:
    """Whether `${…}` around a code is found to end where it does."""
    found = [piece for piece in pieces(f"${{{code}}}", escapes=False) if piece[1] < piece[2]]
    return found == [("code", 2, 2 + len(code))]


def _guarded(node: tree.Expr) -> tree.Expr:
    """An expression whose strings are spelled without quotes, braces and dollars in them.

    Where code ends in a text is found by its brackets, past strings, but strings in strings in code may mislead.
    """
    from dataclasses import fields, replace

    def guard(item: Any) -> Any:
        if isinstance(item, tuple):
            return tuple(guard(part) for part in item)
        if not isinstance(item, tree.Node):
            return item
        changes = {f.name: guard(getattr(item, f.name)) for f in fields(item) if f.name not in ("span", "spelling")}
        if isinstance(item, tree.Literal_) and isinstance(item.value, str | bytes):
            changes["spelling"] = f'"{_escaped(item.value)}"' if isinstance(item.value, str) else _bytes(item.value)
        elif isinstance(item, tree.Interpolation):
            parts = (_escaped(part) if isinstance(part, str) else "${x}" for part in item.parts)
            changes["spelling"] = f'"{"".join(parts)}"'
        return replace(item, **changes)

    made: tree.Expr = guard(node)
    return made


def _escaped(text: str) -> str:
    return "".join(
        f"\\U{ord(c):08x}" if ord(c) > 0xFFFF else c if c.isalnum() or c in " _-.,:;/" else f"\\u{ord(c):04x}"
        for c in text
    )


def _bytes(value: bytes) -> str:
    return 'b"' + "".join(f"\\x{code:02x}" for code in value) + '"'


def _is_map(node: tree.MapExpr) -> bool:
    """Whether a map can stand as one of YAML: its keys are texts, each only once."""
    keys = [entry.key.value for entry in node.entries if isinstance(entry.key, tree.Literal_) and not entry.optional]
    texts = {key for key in keys if isinstance(key, str) and len(key) <= _LONG_KEY}
    kinds = all(isinstance(entry.key, tree.Literal_) and entry.key.kind == "string" for entry in node.entries)
    return kinds and len(texts) == len(node.entries)
