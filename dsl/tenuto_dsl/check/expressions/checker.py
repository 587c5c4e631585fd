"""The type checker of expressions: a tree and a scope in, a type and the intermediate form out.

`Checker.check(node, scope, hint)` finds a type; the hint, a type that would be welcome, shapes literals only.
`Checker.require(node, scope, expected)` also insists on it. A mistake is reported where it is, once: its type becomes
`UNKNOWN`, which fits everything. Overloads are resolved here, against the interpreter's own table, so that the
intermediate form names exact operations. Chains of `&&` and `||` are flattened, everything else recurses, within
`MAX_DEPTH`; the depth is measured first, without recursion.
"""

from __future__ import annotations

from collections.abc import Iterator

from tenuto_interpreter.expr.kinds import DYN, NEVER, TYPE, UNKNOWN
from tenuto_interpreter.ir import Expr
from tenuto_interpreter.types import ANY, BOOL, DECIMAL, NULL, STRING, ListOf, MapOf, Record, Type

from tenuto_dsl.check.expressions import calls, literals
from tenuto_dsl.check.expressions.narrowing import narrowings, path_of, terms
from tenuto_dsl.check.expressions.relations import (
    assignable,
    comparable,
    core,
    is_dynamic,
    is_plain,
    is_text,
    join,
    may_be_null,
    optional,
    type_text,
    values_of,
    without_null,
)
from tenuto_dsl.check.expressions.relations import literals as literal_values
from tenuto_dsl.check.expressions.scope import NO_FACTS, Checked, Facts, Scope
from tenuto_dsl.diagnostics import Diagnostics, nearest
from tenuto_dsl.syntax import tree

MAX_DEPTH = 100
MAX_NODES = 5_000

NOTHING = Checked(UNKNOWN, ("const", None))
"""The result of an expression with a mistake."""

TYPE_NAMES = frozenset(
    ("bool", "int", "uint", "double", "string", "bytes", "decimal", "timestamp", "duration", "list", "map", "null_type")
)


class Checker:
    """Checks one expression. `bound` counts the variables of its macros, each of which has a number of its own."""

    def __init__(self, sink: Diagnostics) -> None:
        self.sink = sink
        self.bound = 0

    # -- reporting ------------------------------------------------------------------------------------------------------

    def error(self, code: str, node: tree.Node, message: str, hint: str | None = None) -> Checked:
        self.sink.error(code, node.span, message, hint)
        return NOTHING

    def fresh(self) -> int:
        self.bound += 1
        return self.bound - 1

    # -- entry points ---------------------------------------------------------------------------------------------------

    def fits_limits(self, node: tree.Expr) -> bool:
        """Whether the tree is small enough to be walked by recursion."""
        level: list[tree.Expr] = [node]
        depth = nodes = 0
        while level:
            depth += 1
            nodes += len(level)
            if depth > MAX_DEPTH or nodes > MAX_NODES:
                what = f"deeper than {MAX_DEPTH} levels" if depth > MAX_DEPTH else f"larger than {MAX_NODES} parts"
                self.error("TEN257", node, f"the expression is {what}", "split it into several, with `let`")
                return False
            level = [child for each in level for child in children(each)]
        return True

    def require(self, node: tree.Expr, scope: Scope, expected: Type) -> Checked:
        """Check that a node has a type, with a message that says what to do when it has not."""
        checked = self.check(node, scope, expected)
        types = scope.types
        if assignable(checked.type, expected, types):
            return checked
        if is_dynamic(checked.type) and scope.allow.dynamic:
            ir = ("truth", checked.ir) if core(expected, types) == BOOL else checked.ir
            return Checked(expected, ir)
        found, wanted = type_text(checked.type), type_text(expected)
        if may_be_null(checked.type, types) and assignable(without_null(checked.type, types), expected, types):
            what = "this is null" if checked.type == NULL else f"this may be null: expected {wanted}, found {found}"
            return self.error("TEN245", node, what, null_hint(node))
        if is_dynamic(checked.type):
            hint = (
                f"convert it first, as in {wanted}(…)"
                if wanted in TYPE_NAMES
                else "give it a declared type at its source"
            )
            return self.error("TEN246", node, f"expected {wanted}, found {found}, which is cast before use", hint)
        return self.error(
            "TEN244", node, f"expected {wanted}, found {found}", mismatch_hint(node, checked.type, expected, types)
        )

    def check(self, node: tree.Expr, scope: Scope, hint: Type | None = None) -> Checked:
        """The type and the form of a node."""
        match node:
            case tree.Literal_():
                return literals.literal(self, node, scope, hint)
            case tree.Ident():
                return self.ident(node, scope)
            case tree.Select():
                return self.select(node, scope)
            case tree.Call():
                return calls.call(self, node, scope, hint)
            case tree.Binary():
                return self.binary(node, scope, hint)
            case tree.Unary():
                return self.unary(node, scope, hint)
            case tree.Index():
                return self.index(node, scope)
            case tree.Conditional():
                return self.conditional(node, scope, hint)
            case tree.Interpolation():
                return literals.interpolation(self, node, scope)
            case tree.ListExpr():
                return literals.list_(self, node, scope, hint)
            case tree.MapExpr():
                return literals.map_(self, node, scope, hint)

    # -- names ----------------------------------------------------------------------------------------------------------

    def ident(self, node: tree.Ident, scope: Scope) -> Checked:
        binding = scope.lookup(node.name)
        if binding is None:
            if node.name in TYPE_NAMES:
                return Checked(TYPE, ("const", {"null_type": "null"}.get(node.name, node.name)))
            return self.unknown_name(node, node.name, scope)
        if binding.is_namespace:
            fields = binding.type.fields if isinstance(binding.type, Record) else ()
            example = f"{node.name}.{fields[0].name}" if fields else f"{node.name}.…"
            return self.error("TEN240", node, f"{node.name} is not a value", f"name one of its fields, as in {example}")
        return Checked(scope.facts.get((node.name,), binding.type), binding.ir)

    def unknown_name(self, node: tree.Node, name: str, scope: Scope) -> Checked:
        meant = nearest(name, list(scope.names()))
        if calls.TABLE.named("function", name):
            return self.error("TEN240", node, f"{name} is a function", f"call it: {name}(…)")
        return self.error("TEN240", node, f"unknown name {name}", f"did you mean {meant}?" if meant else None)

    def select(self, node: tree.Select, scope: Scope) -> Checked:
        name = node.field.text
        if isinstance(node.operand, tree.Ident):
            binding = scope.lookup(node.operand.name)
            if binding is not None and binding.is_namespace:
                return self.select_namespace(node, node.operand.name, binding.type, binding.ir, scope)
        operand = self.check(node.operand, scope)
        if operand.type == UNKNOWN:
            return NOTHING
        absent = may_be_null(operand.type, scope.types)
        lenient = node.optional or (absent and in_optional_chain(node.operand))
        if absent and not lenient:
            hint = f"test it first, or select with .?{name}" if path_of(node.operand) else f"select with .?{name}"
            what = text_of(node.operand)
            return self.error("TEN245", node.field, f"{what} may be null ({type_text(operand.type)})", hint)
        selected = self.field(node, operand, scope, lenient)
        path = path_of(node)
        if path is not None and path in scope.facts:
            narrowed = scope.facts[path]
            return Checked(narrowed, selected.ir)
        return selected

    def field(
        self, node: tree.Select, operand: Checked, scope: Scope, lenient: bool
    ) -> Checked:  # a property of the node
        name = node.field.text
        types = scope.types
        plain = core(without_null(operand.type, types), types)
        if isinstance(plain, Record):
            type_ = plain.field(name)
            if type_ is None and not plain.fields and scope.allow.dynamic:
                return Checked(ANY, ("select?" if lenient else "select", operand.ir, name))
            if type_ is None:
                return self.unknown_field(node.field, name, plain, type_text(operand.type))
            if lenient:
                return Checked(optional(type_, types), ("select?", operand.ir, name))
            return Checked(type_, ("field", operand.ir, name))
        if isinstance(plain, MapOf):
            if lenient:
                return Checked(optional(plain.value, types), ("select?", operand.ir, name))
            return Checked(plain.value, ("do", "index_map", operand.ir, ("const", name)))
        if is_dynamic(plain):
            if plain == ANY and not scope.allow.dynamic:
                return self.error(
                    "TEN246", node.field, f"{text_of(node.operand)} is of type any, which is cast before use",
                    "give the value a declared type where it comes from, or write dyn(…) to check it only at run time",
                )  # fmt: skip
            return Checked(plain, ("select?" if lenient else "select", operand.ir, name))
        return self.error("TEN243", node.field, f"{type_text(operand.type)} has no fields, so none named {name}")

    def select_namespace(self, node: tree.Select, space: str, type_: Type, ir: Expr, scope: Scope) -> Checked:
        name = node.field.text
        assert isinstance(type_, Record)
        field = type_.field(name)
        if field is None:
            return self.unknown_field(node.field, name, type_, space)
        return Checked(scope.facts.get((space, name), field), (*ir, name))

    def unknown_field(self, node: tree.Node, name: str, record: Record, owner: str) -> Checked:
        names = [field.name for field in record.fields]
        meant = nearest(name, names)
        hint = f"did you mean {meant}?" if meant else (f"its fields are {', '.join(names[:8])}" if names else None)
        return self.error("TEN243", node, f"{owner} has no field {name}", hint)

    def index(self, node: tree.Index, scope: Scope) -> Checked:
        operand = self.check(node.operand, scope)
        if operand.type == UNKNOWN:
            self.check(node.index, scope)
            return NOTHING
        types = scope.types
        absent = may_be_null(operand.type, types)
        lenient = node.optional or (absent and in_optional_chain(node.operand))
        if absent and not lenient:
            self.check(node.index, scope)
            what = f"{text_of(node.operand)} may be null ({type_text(operand.type)})"
            return self.error("TEN245", node.operand, what, "test it first, or index with [?…]")
        plain = core(without_null(operand.type, types), types)
        if isinstance(plain, Record) and isinstance(node.index, tree.Literal_) and isinstance(node.index.value, str):
            name = tree.Name(node.index.value, span=node.index.span)
            return self.field(tree.Select(node.operand, name, span=node.span), operand, scope, lenient)
        if lenient:
            return self.optional_index(node, operand, plain, scope)
        return calls.operation(self, node, "operator", "[]", [node.operand, node.index], [operand, None], scope)

    def optional_index(self, node: tree.Index, operand: Checked, plain: Type, scope: Scope) -> Checked:
        index = self.check(node.index, scope)
        if index.type == UNKNOWN:
            return NOTHING
        ir = ("index?", operand.ir, index.ir)
        if isinstance(plain, ListOf):
            return Checked(optional(plain.item, scope.types), ir)
        if isinstance(plain, MapOf):
            return Checked(optional(plain.value, scope.types), ir)
        if isinstance(plain, Record):
            return Checked(optional(values_of(plain, scope.types), scope.types), ir)
        if is_dynamic(plain):
            return Checked(plain, ir)
        return self.error("TEN250", node, f"{type_text(plain)} cannot be indexed")

    # -- operators --------------------------------------------------------------------------------------------------------

    def condition(self, node: tree.Expr, scope: Scope) -> Checked:
        """A node that must be a bool."""
        checked = self.check(node, scope)
        if core(checked.type, scope.types) in (BOOL, UNKNOWN):
            return checked
        if checked.type == DYN or (checked.type == ANY and scope.allow.dynamic):
            return Checked(BOOL, ("truth", checked.ir))
        found = type_text(checked.type)
        hint = None
        if may_be_null(checked.type, scope.types):
            hint = f"compare it: {text_of(node)} != null" if path_of(node) else "compare it with null"
        elif is_dynamic(checked.type):
            hint = "convert it first: bool(…)"
        return self.error("TEN244", node, f"expected bool, found {found}", hint)

    def unary(self, node: tree.Unary, scope: Scope, hint: Type | None) -> Checked:
        if node.operator == "!":
            operand = self.condition(node.operand, scope)
            return NOTHING if operand.type == UNKNOWN else Checked(BOOL, ("not", operand.ir))
        if isinstance(node.operand, tree.Literal_) and node.operand.kind in ("int", "double"):
            value = node.operand.value
            assert isinstance(value, int | float)
            negative = tree.Literal_(node.operand.kind, -value, span=node.span)
            return literals.literal(self, negative, scope, hint)
        return calls.operation(self, node, "operator", "-_", [node.operand], [None], scope, hint)

    def binary(self, node: tree.Binary, scope: Scope, hint: Type | None) -> Checked:
        match node.operator:
            case "&&" | "||":
                return self.logic(node, scope)
            case "==" | "!=":
                return self.equality(node, scope)
            case "in":
                return self.membership(node, scope)
            case _:
                return self.arithmetic(node, scope, hint)

    def logic(self, node: tree.Binary, scope: Scope) -> Checked:
        """Each term is checked in the light of those before it."""
        forms: list[Expr] = []
        whole = True
        for term in terms(node, node.operator):
            checked = self.condition(term, scope)
            whole = whole and checked.type != UNKNOWN
            forms.append(checked.ir)
            true, false = narrowings(term, scope)
            scope = scope.assume(true if node.operator == "&&" else false)
        return Checked(BOOL, ("and" if node.operator == "&&" else "or", *forms)) if whole else NOTHING

    def equality(self, node: tree.Binary, scope: Scope) -> Checked:
        left, right = self.pair(node.left, node.right, scope)
        if UNKNOWN in (left.type, right.type):
            return NOTHING
        types = scope.types
        if not comparable(left.type, right.type, types):
            texts = type_text(left.type), type_text(right.type)
            hint = conversion_hint(left.type, right.type, types)
            return self.error("TEN265", node, f"{texts[0]} and {texts[1]} are never equal", hint)
        plain = is_plain(left.type, types) and is_plain(right.type, types)
        word = "eq" if node.operator == "==" else "ne"
        return Checked(BOOL, (word, "plain" if plain else "deep", left.ir, right.ir))

    def pair(self, left: tree.Expr, right: tree.Expr, scope: Scope) -> tuple[Checked, Checked]:
        """Two operands, a literal among them shaped by the other."""
        if is_literal(left) and not is_literal(right):
            second = self.check(right, scope)
            return self.check(left, scope, operand_hint(second.type)), second
        first = self.check(left, scope)
        return first, self.check(right, scope, operand_hint(first.type))

    def membership(self, node: tree.Binary, scope: Scope) -> Checked:
        types = scope.types
        if isinstance(node.right, tree.ListExpr):
            value = self.check(node.left, scope)
            hint = None if value.type in (UNKNOWN, ANY, DYN) else ListOf(without_null(value.type, types))
            items = self.check(node.right, scope, hint)
        else:
            items = self.check(node.right, scope)
            plain = core(items.type, types)
            value = self.check(node.left, scope, plain.item if isinstance(plain, ListOf) else None)
        if UNKNOWN in (value.type, items.type):
            return NOTHING
        plain = core(items.type, types)
        if isinstance(plain, ListOf) and is_plain(value.type, types) and is_plain(plain.item, types):
            if join(value.type, plain.item, types) is not None:
                return Checked(BOOL, ("do", "in_plain", value.ir, items.ir))
        elif isinstance(plain, ListOf) and comparable(value.type, plain.item, types):
            return Checked(BOOL, ("do", "in_list", value.ir, items.ir))
        return calls.operation(self, node, "operator", "in", [node.left, node.right], [value, items], scope)

    def arithmetic(self, node: tree.Binary, scope: Scope, hint: Type | None) -> Checked:
        operator = node.operator
        if operator in ("<", "<=", ">", ">="):
            left, right = self.pair(node.left, node.right, scope)
        else:
            shape = core(without_null(hint, scope.types), scope.types) if hint is not None else None
            wanted = hint if operator == "+" and isinstance(shape, ListOf) else None
            if isinstance(node.left, tree.ListExpr) and not isinstance(node.right, tree.ListExpr):
                right = self.check(node.right, scope, wanted)
                left = self.check(node.left, scope, wanted or operand_hint(right.type))
            else:
                left = self.check(node.left, scope, wanted)
                beside = left.type if isinstance(core(left.type, scope.types), ListOf) else None
                right = self.check(node.right, scope, wanted or beside)
        return calls.operation(self, node, "operator", operator, [node.left, node.right], [left, right], scope)

    def conditional(self, node: tree.Conditional, scope: Scope, hint: Type | None) -> Checked:
        condition = self.condition(node.condition, scope)
        true, false = narrowings(node.condition, scope) if condition.type != UNKNOWN else (NO_FACTS, NO_FACTS)
        then = self.check(node.then, scope.assume(true), hint)
        shape = hint if hint is not None or not is_literal(node.otherwise) else operand_hint(then.type)
        otherwise = self.check(node.otherwise, scope.assume(false), shape)
        if UNKNOWN in (condition.type, then.type, otherwise.type):
            return NOTHING
        type_ = join(then.type, otherwise.type, scope.types)
        if type_ is None and is_literal(node.then):
            then = self.check(node.then, scope.assume(true), otherwise.type)
            type_ = join(then.type, otherwise.type, scope.types)
        if type_ is None:
            texts = type_text(then.type), type_text(otherwise.type)
            return self.error("TEN244", node, f"the two branches have different types, {texts[0]} and {texts[1]}")
        return Checked(type_, ("if", condition.ir, then.ir, otherwise.ir))


# -- trees and hints ------------------------------------------------------------------------------------------------------


def children(node: tree.Expr) -> Iterator[tree.Expr]:
    """The expressions directly inside one. A chain of `&&` or `||` counts as one level."""
    match node:
        case tree.Select(operand=operand) | tree.Unary(operand=operand):
            yield operand
        case tree.Index(operand=operand, index=index):
            yield from (operand, index)
        case tree.Call(target=target, args=args):
            if target is not None:
                yield target
            yield from args
        case tree.Binary(operator="&&" | "||" as operator):
            yield from terms(node, operator)
        case tree.Binary(left=left, right=right):
            yield from (left, right)
        case tree.Conditional(condition=condition, then=then, otherwise=otherwise):
            yield from (condition, then, otherwise)
        case tree.ListExpr(items=items):
            yield from items
        case tree.MapExpr(entries=entries):
            for entry in entries:
                yield from (entry.key, entry.value)
        case tree.Interpolation(parts=parts):
            yield from (part for part in parts if not isinstance(part, str))


def is_literal(node: tree.Expr) -> bool:
    """Whether a node takes its type from where it stands."""
    if isinstance(node, tree.Unary):
        return node.operator == "-" and isinstance(node.operand, tree.Literal_)
    return isinstance(node, tree.Literal_ | tree.ListExpr | tree.MapExpr)


def operand_hint(type_: Type) -> Type | None:
    return None if type_ in (UNKNOWN, ANY, DYN, NULL, NEVER) else type_


def in_optional_chain(node: tree.Expr) -> bool:
    """Whether a node is what follows `.?` or `[?]`, so that null goes through it."""
    while isinstance(node, tree.Select | tree.Index):
        if node.optional:
            return True
        node = node.operand
    return False


def text_of(node: tree.Expr) -> str:
    """An expression for a message: its path when it is one."""
    path = path_of(node)
    return ".".join(path) if path else "this"


def null_hint(node: tree.Expr) -> str:
    path = path_of(node)
    if path:
        name = ".".join(path)
        return f"test it ({name} != null ? … : …), or give a value for null: {name}.orValue(…)"
    return "give a value for null: (…).orValue(…)"


def conversion_hint(found: Type, expected: Type, types: object) -> str | None:
    """The conversion that would make one type of the other."""
    pair = type_text(found), type_text(expected)
    if "decimal" in pair and "double" in pair:
        return "doubles are inexact: decimal(…) or double(…) says which is meant"
    for one, other in (pair, pair[::-1]):
        if one == "string" and other in TYPE_NAMES:
            return f"convert one: string(…) or {other}(…)"
    return None


def mismatch_hint(node: tree.Expr, found: Type, expected: Type, types: object) -> str | None:
    wanted = type_text(expected).removesuffix("?")
    if isinstance(node, tree.Literal_) and wanted == "decimal" and node.kind in ("int", "double"):
        return f'write decimal("{node.value}")'
    if type_text(found) in TYPE_NAMES and wanted in TYPE_NAMES and calls.converts(found, wanted):
        return f"convert it: {wanted}(…)"
    return None


__all__ = ["DECIMAL", "NOTHING", "STRING", "Checker", "Facts", "is_text", "literal_values"]
