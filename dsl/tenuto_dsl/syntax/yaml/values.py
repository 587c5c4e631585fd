"""What nodes mean: values, expressions, types and names.

Three readings of a scalar. A *value*: plain ones by YAML 1.2's core schema, text with `${…}` interpolated, text that is
one whole `${…}` that expression. An *expression*: always, without `${…}`. A *name*. Each field has one of them, always.
"""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterator
from typing import TYPE_CHECKING, Any

from tenuto_dsl.diagnostics import Fix
from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.text.builder import interpolation, join
from tenuto_dsl.syntax.text.literals import MAX_INT, description, pieces
from tenuto_dsl.syntax.text.parse import parse_part
from tenuto_dsl.syntax.yaml.compose import Mapping, Node, Scalar, Sequence
from tenuto_dsl.syntax.yaml.habits import Meant, example, is_cron, meant_key, not_a_name

if TYPE_CHECKING:
    from tenuto_dsl.diagnostics import Diagnostics

_NULL = re.compile(r"null|Null|NULL|~|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_LONGEST = 30
_FLAGS = {"yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false"}
_BARE = re.compile(r"[A-Za-z0-9_(][^{}\[\],\n]*\Z")
"""What needs no quotes as a plain scalar, wherever it stands."""
_ASSIGNED = re.compile(r"""^[\w\[\]?(){}, ]+ = """)
_QUOTED = re.compile(r'"[^"]*"')
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def is_null(node: Node | None) -> bool:
    return node is None or (isinstance(node, Scalar) and node.plain and _NULL.fullmatch(node.text) is not None)


class Reader:
    """Readings of nodes, with diagnostics for what has another shape."""

    def __init__(self, file: str, sink: Diagnostics) -> None:
        self.file = file
        self.sink = sink
        self.comments: list[tree.Comment] = []
        """Those within expressions and types, which to YAML are text."""

    # -- shapes ----------------------------------------------------------------------------------------------------

    def wrong(self, node: Node, wanted: str, hint: str | None = None) -> None:
        kinds = {Scalar: "a scalar", Sequence: "a list", Mapping: "a map"}
        found = "nothing" if is_null(node) else kinds[type(node)]
        hint = hint or example(wanted)
        self.sink.error("TEN124", node.span, f"{wanted} is expected here, found {found}", hint)

    def mapping(self, node: Node | None, wanted: str) -> Mapping | None:
        """A map; an empty value counts as an empty one."""
        if isinstance(node, Mapping):
            return node
        if node is None or is_null(node):
            return None if node is None else Mapping([], node.span)
        named = isinstance(node, Sequence) and wanted.startswith("a map of")
        self.wrong(node, wanted, "write each under its name, without a dash: `name: …`" if named else None)
        return None

    def unknown(
        self, key: Scalar, names: tuple[str, ...], where: str, otherwise: str | None = None, given: Container[str] = ()
    ) -> Meant:
        """Report a key, and return what was meant. `given`: the keys that stand beside it, which it cannot mean."""
        meant = meant_key(key.text, names)
        hint = meant.hint or otherwise or f"known are {', '.join(names)}"
        fix = None
        if meant.key is not None and meant.is_certain and meant.key not in given:
            fix = Fix(f"write `{meant.key}`", key.span, meant.key)
        self.sink.error("TEN122", key.span, f"`{key.text[:60]}` is no key of {where}", hint, fix)
        return meant

    def named(self, node: Node | None, wanted: str) -> Iterator[tuple[tree.Name, Node]]:
        """The entries of a map from names that the author gives."""
        mapping = self.mapping(node, wanted)
        for key, value in mapping.entries if mapping is not None else ():
            if (
                " " in key.text
                and isinstance(value, Scalar)
                and value.span.line == value.span.end_line
                and not value.text
            ):
                hint = "a comma in braces ends a value: put the whole value in quotes"
                self.sink.error("TEN124", key.span, f"`{key.text[:40]}` is not a name", hint)
            else:
                yield self.name(key), value

    def items(self, node: Node | None, wanted: str) -> list[Node]:
        if isinstance(node, Sequence):
            return node.items
        if node is not None and not is_null(node):
            self.wrong(node, wanted, "begin each item with a dash")
        return []

    def flag(self, node: Node | None) -> bool:
        if node is None:
            return False
        if isinstance(node, Scalar) and node.plain and node.text in ("true", "false"):
            return node.text == "true"
        word = node.text.lower() if isinstance(node, Scalar) else ""
        meant = _FLAGS.get(word)
        if meant is None:
            self.wrong(node, "true or false")
            return False
        hint = (
            f"`{word}` is a text in YAML 1.2" if word not in ("true", "false") else "without quotes, in small letters"
        )
        fix = Fix(f"write `{meant}`", node.span, meant)
        self.sink.error("TEN124", node.span, "true or false is expected here, found a scalar", hint, fix)
        return meant == "true"

    def text(self, node: Node | None) -> str | None:
        """A scalar's text as it stands."""
        if node is None or is_null(node):
            return None
        if isinstance(node, Scalar):
            return node.text
        self.wrong(node, "text")
        return None

    def doc(self, keys: dict[str, Node]) -> str | None:
        """The description among the keys of a declaration, as the text form has it."""
        text = self.text(keys.get("doc"))
        return None if text is None else description(text)

    def doc_span(self, keys: dict[str, Node]) -> tree.Span | None:
        return keys["doc"].span if "doc" in keys else None

    def integer(self, node: Node | None) -> int | None:
        text = self.text(node)
        if node is None or text is None:
            return None
        if re.fullmatch(r"[0-9]{1,18}", text):
            return int(text)
        self.wrong(node, "a whole number")
        return None

    # -- names -----------------------------------------------------------------------------------------------------

    def name(self, node: Node | None) -> tree.Name:
        span = node.span if node is not None else tree.Span(self.file, 1, 1, 1, 1)
        if isinstance(node, Sequence | Mapping):
            self.wrong(node, "a name")
            return tree.Name("_", span=span)
        text = node.text if node is not None else ""
        if not _NAME.fullmatch(text):
            shown = text if len(text) < 40 else text[:39] + "…"
            self.sink.error("TEN124", span, f"`{shown}` is not a name", not_a_name(text))
            meant = text.removesuffix("?")  # `name?: T`, which is a type that may be null
            return tree.Name(meant if _NAME.fullmatch(meant) else "_", span=span)
        return tree.Name(text, span=span)

    def optional_name(self, node: Node | None) -> tree.Name | None:
        return None if node is None or is_null(node) else self.name(node)

    def names(self, node: Node | None, separator: str = "|") -> tuple[tree.Name, ...]:
        """`A | B` in one scalar, or a list of names."""
        if node is None or is_null(node):
            return ()
        if isinstance(node, Sequence):
            return tuple(self.name(item) for item in node.items)
        if not isinstance(node, Scalar):
            self.wrong(node, "names")
            return ()
        parts = []
        offset = 0
        for piece in node.text.split(separator):
            start = offset + len(piece) - len(piece.lstrip())
            text = piece.strip()
            parts.append(self.name(self._part(node, start, start + len(text))))
            offset += len(piece) + 1
        return tuple(parts)

    def path(self, node: Node) -> tree.Path:
        if not isinstance(node, Scalar) or is_null(node):
            self.wrong(node, "a state's name")
            return tree.Path((), span=node.span)
        return tree.Path(self.names(node, "."), span=node.span)

    def _part(self, node: Scalar, start: int, end: int) -> Scalar:
        return node.part(start, end)

    # -- expressions and types -------------------------------------------------------------------------------------

    def expression(self, node: Node | None) -> Any:
        """A field that always is an expression."""
        if node is None or is_null(node):
            return None
        if not isinstance(node, Scalar):
            self.wrong(node, "an expression")
            return _null(node.span)
        start, end = 0, len(node.text)
        found = [piece for piece in pieces(node.text, escapes=False) if piece[1] < piece[2]]
        if len(found) == 1 and found[0][0] == "code":
            _, start, end = found[0]
            inner = node.text[start:end].strip()
            hint, fix = f"write it without `${{}}`: {inner}", None
            if ": " not in inner and " #" not in inner and _BARE.match(inner):
                fix = Fix(hint, node.span, inner)
            self.sink.error("TEN124", node.span, "this field is an expression already", hint, fix)
        elif is_cron(node.text):
            text = f'cron("{node.text.strip()}")'
            fix = Fix(f"write `{text}`", node.span, text)
            self.sink.error("TEN124", node.span, "a cron expression is given to `cron`", None, fix)
            return _null(node.span)
        made = parse_part(node.source, self.sink, "expression_only", start, end, self.comments)
        return made if made is not None else _null(node.span)

    def needed(self, node: Node | None, span: tree.Span, what: str) -> Any:
        """An expression that must be there."""
        if node is None or is_null(node):
            self.sink.error("TEN127", span, f"{what} is missing")
            return _null(span)
        return self.expression(node)

    def type(self, node: Node | None) -> Any:
        """A type: as text, or of a record its fields as a map, of a list its item as a list of one."""
        if node is None or is_null(node):
            return None
        cut = next((part for part in _scalars(node) if _is_cut(part)), None)
        if cut is not None:
            hint = f'a comma in braces ends it; write it in quotes: `"{cut.text[:_LONGEST]}, …)"`'
            self.sink.error("TEN124", cut.span, "this type is cut off", hint)
            return unreadable(node.span)
        if isinstance(node, Mapping):
            return tree.RecordType(tuple(self._field(key, value) for key, value in node.entries), span=node.span)
        if isinstance(node, Sequence):
            if len(node.items) != 1:
                self.sink.error("TEN124", node.span, "a list type has one item", "such as `[string]`")
                return unreadable(node.span)
            return tree.ListType(self._part_of_type(node.items[0], "the list's item"), span=node.span)
        if _ASSIGNED.search(node.text):
            hint = "a value stands beside it: `{ type: …, value: … }`; a default, `{ type: …, default: … }`"
            self.sink.error("TEN124", node.span, "a type is expected here, and nothing else", hint)
            return unreadable(node.span)
        found = parse_part(node.source, self.sink, "type_only", comments=self.comments)
        return found if found is not None else unreadable(node.span)

    def _field(self, key: Scalar, value: Node) -> tree.Field:
        name = self.name(key)
        return tree.Field(name, self._part_of_type(value, f"the field {name.text}"), span=key.span)

    def _part_of_type(self, node: Node, what: str) -> tree.TypeNode:
        made: tree.TypeNode | None = self.type(node)
        if made is None:
            self.sink.error("TEN127", node.span, f"{what} has no type")
            return unreadable(node.span)
        return made

    def value(self, node: Node | None) -> Any:
        """A value: literal, interpolated text, one whole expression, or a list or map of values."""
        if node is None:
            return None
        if isinstance(node, Scalar):
            return self._scalar_value(node)
        if isinstance(node, Sequence):
            return tree.ListExpr(tuple(self.value(item) for item in node.items), span=node.span)
        entries = tuple(
            tree.MapEntry(tree.Literal_("string", key.text, span=key.span), self.value(value), span=key.span)
            for key, value in node.entries
        )
        return tree.MapExpr(entries, span=node.span)

    def _scalar_value(self, node: Scalar) -> Any:
        text, span = node.text, node.span
        if node.plain:
            if _NULL.fullmatch(text):
                return _null(span)
            if _BOOL.fullmatch(text):
                return tree.Literal_("bool", text.lower() == "true", span=span)
            if _INT.fullmatch(text):
                return self._integer(node)
            if _FLOAT.fullmatch(text):
                return self._double(node)
        return self._interpolated(node)

    def _integer(self, node: Scalar) -> tree.Expr:
        text = node.text
        value = int(text, 0 if text[:2] in ("0x", "0o") else 10) if len(text) < _LONGEST else MAX_INT + 1
        if not -MAX_INT - 1 <= value <= MAX_INT:
            self.sink.error("TEN106", node.span, "an int has 64 bits", f"the largest is {MAX_INT}")
            value = 0
        return tree.Literal_("int", value, span=node.span)

    def _double(self, node: Scalar) -> tree.Expr:
        value = float(node.text)
        if math.isinf(value):
            self.sink.error("TEN106", node.span, "a double cannot be that large")
            value = 0.0
        return tree.Literal_("double", value, span=node.span)

    def _interpolated(self, node: Scalar) -> tree.Expr:
        text, span = node.text, node.span
        if "${" not in text:
            return tree.Literal_("string", text, span=span)
        parts: list[str | tree.Expr] = []
        for kind, start, end in pieces(text, escapes=False):
            if kind == "code":
                inner = parse_part(node.source, self.sink, "expression_only", start, end, self.comments)
                parts.append(inner if inner is not None else tree.Literal_("string", "", span=span))
            elif kind == "open":
                where = node.source.span(start, start + 2)
                self.sink.error("TEN103", where, "this `${` is not closed by `}`", "write `$${` for the two signs")
                join(parts, text[start:end])
            else:
                join(parts, text[start:end])
        if len(parts) == 1 and not isinstance(parts[0], str):
            return parts[0]
        return interpolation(parts, span)

    # -- arguments -------------------------------------------------------------------------------------------------

    def args(self, node: Node | None) -> tuple[tree.Arg, ...]:
        """A map of named arguments, or a list of positional ones."""
        if isinstance(node, Sequence):
            return tuple(tree.Arg(None, self.value(item), span=item.span) for item in node.items)
        found = self.named(node, "arguments: a map by name, or a list,")
        return tuple(tree.Arg(name, self.value(value), span=name.span) for name, value in found)


def _scalars(node: Node) -> list[Scalar]:
    """A scalar, or those right below a map or a list."""
    below = [value for _, value in node.entries] if isinstance(node, Mapping) else getattr(node, "items", [node])
    return [part for part in below if isinstance(part, Scalar)]


def _is_cut(node: Scalar) -> bool:
    """Whether a type's own comma was taken for one of the brackets around it."""
    code = _QUOTED.sub("", node.text)
    return node.plain and code.count("(") > code.count(")")


def unreadable(span: tree.Span) -> tree.NamedType:
    """What stands for a type that could not be read, once that has been said."""
    return tree.NamedType(tree.UNREADABLE, span=span)


def is_unreadable(node: tree.TypeNode) -> bool:
    return isinstance(node, tree.NamedType) and node.name == tree.UNREADABLE


def _null(span: tree.Span) -> tree.Literal_:
    return tree.Literal_("null", None, span=span)
