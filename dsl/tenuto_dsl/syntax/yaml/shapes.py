"""Reading maps by their shapes: the known keys, which of them must be there, and how the value of each is read.

All of that is said by the table, which is made of the models. A `Keys` holds what a map gave for the keys of its shape;
`read` gives what the value of one means, by the method that its reading names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tenuto_dsl.diagnostics import Fix
from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.yaml.compose import Mapping, Node, Scalar, Sequence
from tenuto_dsl.syntax.yaml.habits import beside, meant_key, type_of_literal
from tenuto_dsl.syntax.yaml.known import NULL_IS_A_MISTAKE, KnownShape, KnownUnion, is_long_form
from tenuto_dsl.syntax.yaml.values import Reader, is_null, is_unreadable, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable


def is_long(node: Node | None, shape: KnownShape) -> bool:
    return isinstance(node, Mapping) and is_long_form([key.text for key, _ in node.entries], shape.readings)


class Keys(dict[str, Node]):
    """What a map gave for the keys of its shape, in the order of the map. `span` is where missing ones are reported;
    where there is something else than a map, that is all there is to report."""

    def __init__(self, reader: ShapeReader, shape: KnownShape, span: tree.Span, *, is_map: bool) -> None:
        super().__init__()
        self._reader = reader
        self.shape = shape
        self.has_odd = False  # a key was reported that is none of them: it may be what is missing, said once
        self.span = span
        self.is_map = is_map
        self.strays: dict[str, Node] = {}  # what stands under such keys

    def read(self, key: str) -> Any:
        """What the value of a key means; None when an optional one is not there, after a diagnostic for another."""
        return self._reader.read(self, key)


class ShapeReader(Reader):
    def keys(
        self,
        node: Node | None,
        shape: KnownShape,
        *,
        words: str | None = None,
        span: tree.Span | None = None,
        also: Iterable[str] = (),
        otherwise: str | None = None,
        instead: str | None = None,
    ) -> Keys:
        """The values by key of a map of one shape; keys that it does not have are errors, but for those in `also`.

        What such a key was meant to be is read as if it were written so; `otherwise` is the hint when that is unknown,
        and the remedy for what is missing else. `instead` is the hint when not one key is known: that is one mistake.
        """
        words = words or shape.words
        place = span or (node.span if node is not None else tree.Span(self.file, 1, 1, 1, 1))
        mapping = self.mapping(node, words)
        found = Keys(self, shape, place, is_map=mapping is not None or node is None)
        names = tuple(shape.readings)
        if mapping is None:
            return found
        missing = [needed.hint for name, needed in shape.needed.items() if mapping.get(name) is None]
        otherwise = otherwise or next((hint for hint in missing if hint is not None), None)
        given = {key.text for key, _ in mapping.entries}
        if instead is not None and given and not any(_is_known(key, names) for key in given):
            first = mapping.entries[0][0]
            self.sink.error("TEN122", first.span, f"`{first.text[:60]}` is no key of {words}", instead)
            found.has_odd = True
            found.strays.update((key.text, value) for key, value in mapping.entries)
            return found
        for key, value in mapping.entries:
            if key.text in shape.readings:
                found[key.text] = value
            elif key.text not in also:
                meant = self.unknown(key, names, words, otherwise, given).key
                if meant is None:
                    found.has_odd = True
                    found.strays[key.text] = value
                elif meant not in given:
                    found.setdefault(meant, value)
        return found

    def typed(self, name: tree.Name, node: Node, shape: KnownShape) -> tuple[Any, Keys]:
        """`name: type`, or the long form."""
        if is_long(node, shape):
            words = f"{shape.words} {name.text}"
            keys = self.keys(node, shape, words=words, span=name.span, otherwise=_RECORD_WITH_A_TYPE)
            type_ = self.type(keys.get("type"))
        else:
            keys = Keys(self, shape, name.span, is_map=True)
            type_ = self._value_instead(node, shape) or self.type(node)
        if type_ is None:
            self.sink.error("TEN127", name.span, f"{shape.words} {name.text} has no type")
            type_ = unreadable(name.span)
        return type_, keys

    def _value_instead(self, node: Node, shape: KnownShape) -> tree.TypeNode | None:
        """The type of a value that stands where a type has to: `count: 0`."""
        other = next((key for key in ("value", "default") if key in shape.readings), None)
        name = type_of_literal(node.text) if isinstance(node, Scalar) and node.plain else None
        if name is None or other is None or not isinstance(node, Scalar):
            return None
        text = f"{{ type: {name}, {other}: {node.text} }}"
        fix = Fix(f"write `{text}`", node.span, text)
        self.sink.error("TEN124", node.span, "a type is expected here, found a value", f"`{other}` holds it", fix)
        return tree.NamedType(name, span=node.span)

    def read(self, keys: Keys, key: str) -> Any:
        node = keys.get(key)
        method = keys.shape.readings[key]
        needed = keys.shape.needed.get(key)
        if needed is not None and (node is None or (is_null(node) and not needed.may_be_empty)):
            if keys.is_map and not keys.has_odd:
                self.sink.error("TEN127", keys.span, f"{needed.words} is missing", needed.hint)
            return self.absent(method, keys.span)
        if node is None:
            return self._default(method)
        if method in NULL_IS_A_MISTAKE and is_null(node) and not (needed and needed.may_be_empty):
            hint = "leave the key out, or give it a value"
            self.sink.error("TEN124", node.span, f"nothing stands after `{key}`", hint)
            return self._default(method)
        if method == "name" and isinstance(node, Mapping) and node.entries:
            self.wrong(node, "a name", beside(key, [inner.text for inner, _ in node.entries]))
            keys.has_odd = True
            return self.absent(method, keys.span)
        return getattr(self, f"read_{method.replace(' ', '_')}")(node)

    def _default(self, method: str) -> Any:
        return False if method == "flag" else () if method in _TUPLES else None

    def absent(self, method: str, span: tree.Span) -> Any:
        """What stands for a value that had to be there."""
        match method:
            case "expression" | "value":
                return tree.Literal_("null", None, span=span)
            case "name":
                return tree.Name("_", span=span)
            case "type":
                return unreadable(span)
            case "block":
                return tree.Block((), span=span)
            case "integer":
                return 0
            case _:
                return self._default(method)

    def verb(self, node: Node, union: KnownUnion) -> tuple[str, Mapping] | None:
        """The one verb of a map, and the map; with that verb for another word that was meant as it."""
        what, verbs = union.words, tuple(union.shapes)
        if not isinstance(node, Mapping):
            first = node.text.split(" ", 1)[0] if isinstance(node, Scalar) else ""
            hint = f"write `{first}: …`" if first in verbs else f"the verbs are {', '.join(verbs)}"
            self.wrong(node, f"a {what}: a map with one verb", hint)
            return None
        found = [key for key, _ in node.entries if key.text in verbs]
        if len(found) == 1:
            return found[0].text, node
        if found:
            names = " and ".join(key.text for key in found)
            self.sink.error("TEN125", found[1].span, f"a {what} has one verb, not {names}", "make two of it")
            return found[0].text, node
        known = {key for shape in union.shapes.values() for key in shape.readings}
        odd = next((key for key, _ in node.entries if key.text not in known), None)
        if odd is not None:
            meant = self.unknown(odd, verbs, f"a {what}")
            if meant.key is not None and meant.is_certain:
                return meant.key, self.renamed(node, odd, meant.key)
        else:
            self.sink.error("TEN125", node.span, f"a {what} without a verb", f"the verbs are {', '.join(verbs)}")
        return None

    # -- readings of scalars -------------------------------------------------------------------------------------------

    def read_expression(self, node: Node) -> Any:
        return self.expression(node)

    def read_value(self, node: Node) -> Any:
        return self.value(node)

    def read_type(self, node: Node) -> Any:
        return self.type(node)

    def read_fields(self, node: Node) -> tuple[tree.Field, ...]:
        """The fields of a record, written as types are."""
        record = self.type(node)
        if isinstance(record, tree.RecordType):
            return record.fields
        if record is not None and not is_unreadable(record):
            self.wrong(node, "a map of fields", "such as `{ sku: string }`")
        return ()

    def read_text(self, node: Node) -> str | None:
        return self.text(node)

    def read_flag(self, node: Node) -> bool:
        return self.flag(node)

    def read_integer(self, node: Node) -> int | None:
        return self.integer(node)

    def renamed(self, node: Mapping, odd: Scalar, name: str) -> Mapping:
        """A map in which a key has the name that was meant by it."""
        key = Scalar(name, True, odd.span, odd.source)
        return Mapping([(key if other is odd else other, value) for other, value in node.entries], node.span)

    def read_nothing(self, node: Node) -> None:
        """A key that says it all."""
        if not is_null(node):
            self.sink.error("TEN124", node.span, "nothing is expected here: the key says it all", "leave it empty")

    def read_name(self, node: Node) -> tree.Name | None:
        return self.optional_name(node)

    def read_names(self, node: Node) -> tuple[tree.Name, ...]:
        found = self.names(node)
        if not found and isinstance(node, Sequence):
            self.sink.error("TEN127", node.span, "a name is missing")
        return found

    def is_all_errors(self, node: Node) -> bool:
        """Whether a sign of another format stands for all errors, which has been said then."""
        if not isinstance(node, Scalar) or node.text not in _ALL_ERRORS:
            return False
        hint = "all errors are `error: null`"
        self.sink.error("TEN124", node.span, f"`{node.text}` is not a name", hint, Fix(hint, node.span, "null"))
        return True

    def read_caught(self, node: Node) -> tuple[tree.Name, ...]:
        """The errors that are caught; none of them named is all of them."""
        if self.is_all_errors(node):
            return ()
        return () if is_null(node) else self.read_names(node)

    def read_args(self, node: Node) -> tuple[tree.Arg, ...]:
        return self.args(node)

    def read_place(self, node: Node) -> Node:
        """A place is taken apart by what assigns it."""
        return node

    def read_target(self, node: Node) -> tree.Target | None:
        if not isinstance(node, Scalar) or is_null(node):
            self.wrong(node, "a state's name")
            return None
        text = node.text.strip()
        if text.startswith("history(") and text.endswith(")"):
            start = node.text.index("(") + 1
            inner = self._part(node, start, len(node.text.rstrip()) - 1)
            return tree.Target(self.path(inner), True, span=node.span)
        return tree.Target(self.path(node), span=node.span)


def _is_known(key: str, names: tuple[str, ...]) -> bool:
    return key in names or meant_key(key, names).hint is not None


_RECORD_WITH_A_TYPE = "a record that has a field `type` stands below it: `{ type: { type: string, … } }`"

_ALL_ERRORS = ("*", ".*", "States.ALL")
_TUPLES = ("names", "caught", "messages", "args", "params", "list of raises", "handlers", "branches", "transitions",
           "states",
           "regions", "signals", "updates", "queries", "attributes", "variables", "properties", "migrations",
           "outcomes", "test steps", "values", "state names", "headers", "fields")  # fmt: skip
"""Readings that give several things: none, when the key is not there."""
