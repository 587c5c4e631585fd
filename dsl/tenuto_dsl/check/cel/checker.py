"""The checker of CEL: a tree in, a type and the form that the interpreter compiles out.

A mistake is reported once, where it is, and becomes a form that fails with the same words when it runs: so an unchecked
expression is one whose diagnostics nobody reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tenuto_interpreter.expr.cel import Duration, TypeName, UInt
from tenuto_interpreter.expr.cel.library import LIBRARY
from tenuto_interpreter.expr.cel.table import Form, Overload
from tenuto_interpreter.expr.cel.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    DYN,
    ERROR,
    INT,
    NULL,
    STRING,
    UINT,
    CelType,
    text_of,
)
from tenuto_interpreter.ir import Expr

from tenuto_dsl.check.cel import macros
from tenuto_dsl.check.cel.scope import Declarations, Local, Locals, Signature
from tenuto_dsl.check.cel.unify import Substitutions
from tenuto_dsl.check.expressions.checker import Checker
from tenuto_dsl.check.expressions.hints import FOREIGN_FUNCTIONS, FOREIGN_NAMES
from tenuto_dsl.check.expressions.narrowing import terms
from tenuto_dsl.diagnostics import Diagnostics, nearest
from tenuto_dsl.syntax import tree


@dataclass(frozen=True, slots=True)
class CelChecked:
    """`places`, of the whole expression only: where the numbered parts of the form stand in the source."""

    type: CelType
    ir: Expr
    places: Sequence[tree.Span] = ()


_LITERALS: dict[str, CelType] = {
    "null": NULL, "bool": BOOL, "int": INT, "uint": UINT, "double": DOUBLE, "string": STRING, "bytes": BYTES,
    "duration": DURATION,
}  # fmt: skip


def check_cel(node: tree.Expr, declared: Declarations, sink: Diagnostics) -> CelChecked:
    """The type of an expression and the form to compile. Mistakes go to the sink."""
    if not Checker(sink).fits_limits(node):
        return CelChecked(ERROR, ("fail", "the expression is too large"), (node.span,))
    checker = CelChecker(declared, sink)
    found = checker.check(node, {})
    return CelChecked(checker.types.applied(found.type, to_dyn=True), found.ir, checker.places)


class CelChecker:
    def __init__(self, declared: Declarations, sink: Diagnostics) -> None:
        self.declared = declared
        self.sink = sink
        self.types = Substitutions()
        self.places: list[tree.Span] = []
        self._bound = 0

    def error(self, code: str, node: tree.Node, message: str, hint: str | None = None) -> CelChecked:
        self.sink.error(code, node.span, message, hint)
        return CelChecked(ERROR, ("fail", message))

    def local(self, type_: CelType) -> Local:
        """A new variable of a macro."""
        self._bound += 1
        return Local(type_, self._bound - 1)

    def known(self, type_: CelType) -> CelType:
        return self.types.applied(type_)

    def check(self, node: tree.Expr, scope: Locals) -> CelChecked:
        """The type and the form of a node."""
        found = self._check(node, scope)
        if found.ir[0] in ("value", "bound"):
            return found
        self.places.append(_heart(node))
        return CelChecked(found.type, ("at", len(self.places) - 1, found.ir))

    def _check(self, node: tree.Expr, scope: Locals) -> CelChecked:
        match node:
            case tree.Literal_():
                return self._literal(node)
            case tree.Ident():
                return self._ident(node, scope)
            case tree.Select():
                return self._select(node, scope)
            case tree.Index(operand=operand, index=index):
                return self.call(node, "operator", "[?]" if node.optional else "[]", (operand, index), scope)
            case tree.Call():
                return self._call(node, scope)
            case tree.Unary(operator=operator, operand=operand):
                return self.call(node, "operator", operator + "_", (operand,), scope)
            case tree.Binary(operator="&&" | "||" as operator):
                parts = tuple(self.condition(term, scope).ir for term in terms(node, operator))
                return CelChecked(BOOL, ("and" if operator == "&&" else "or", *parts))
            case tree.Binary(operator=operator, left=left, right=right):
                return self.call(node, "operator", operator, (left, right), scope)
            case tree.Conditional():
                return self._conditional(node, scope)
            case tree.Interpolation(parts=parts):
                return CelChecked(STRING, ("text", *(self._text(part, scope) for part in parts)))
            case tree.ListExpr():
                return self._list(node, scope)
            case tree.MapExpr():
                return self._map(node, scope)

    def condition(self, node: tree.Expr, scope: Locals) -> CelChecked:
        found = self.check(node, scope)
        if not self.types.assignable(found.type, BOOL):
            return self.error("TEN244", node, f"expected bool, found {self.text(found.type)}")
        return found

    def text(self, type_: CelType) -> str:
        return text_of(self.types.applied(type_, to_dyn=True))

    # -- names --------------------------------------------------------------------------------------------------------

    def _literal(self, node: tree.Literal_) -> CelChecked:
        value: Any = node.value
        if node.kind == "uint":
            value = UInt(value)
        elif node.kind == "duration":
            if abs(value) >= 2**63 // 1000:
                return self.error("TEN256", node, "this duration is longer than 292 years")
            value = Duration(value * 1000)
        return CelChecked(_LITERALS[node.kind], ("value", value))

    def _ident(self, node: tree.Ident, scope: Locals) -> CelChecked:
        local = scope.get(node.name)
        if local is not None:
            return CelChecked(local.type, ("bound", local.number))
        return self._named(node.name) or self._unknown_name(node)

    def _named(self, name: str) -> CelChecked | None:
        """A name from outside, perhaps qualified."""
        variable = self.declared.variable(name)
        if variable is not None:
            return CelChecked(variable[1], ("named", variable[0]))
        named = self.declared.type_named(name)
        return CelChecked(("type", named[1]), ("value", TypeName(named[0]))) if named else None

    def _unknown_name(self, node: tree.Ident) -> CelChecked:
        if self.declared.open and node.name not in ("dyn",):
            return CelChecked(DYN, ("named", node.name.removeprefix(".")))
        if LIBRARY.named("function", node.name):
            return self.error("TEN240", node, f"{node.name} is a function", f"call it: {node.name}(…)")
        meant = FOREIGN_NAMES.get(node.name) or nearest(node.name, list(self.declared.variables))
        return self.error(
            "TEN240", node, f"undeclared reference to '{node.name}'", f"did you mean {meant}?" if meant else None
        )

    def _select(self, node: tree.Select, scope: Locals) -> CelChecked:
        qualified = None if node.optional else qualified_name(node)
        if qualified is not None and qualified.split(".", 1)[0] not in scope:
            found = self._named(qualified)
            if found is not None:
                return found
        operand = self.check(node.operand, scope)
        return self.field(node, operand, node.field.text, optional=node.optional)

    def field(self, node: tree.Node, operand: CelChecked, name: str, *, optional: bool) -> CelChecked:
        """What is selected from an operand by name."""
        item = self._field_type(operand.type)
        if item is None:
            return self.error("TEN243", node, f"{self.text(operand.type)} has no fields, so none named {name}")
        inner = self.known(operand.type)
        if optional or inner[0] == "optional":
            already = inner[0] == "optional" and item[0] == "optional"
            type_ = item if already or item == ERROR else ("optional", item)
            return CelChecked(type_, ("select?" if optional else "select", operand.ir, name))
        return CelChecked(item, ("select", operand.ir, name))

    def _field_type(self, type_: CelType) -> CelType | None:
        known = self.known(type_)
        match known[0]:
            case "map":
                value: CelType = known[2]
                return value if self.types.assignable(known[1], STRING) else None
            case "optional":
                return self._field_type(known[1])
            case "param":
                self.types.assignable(DYN, known)
                return DYN
            case "dyn" | "error":
                return known
        return None

    # -- calls --------------------------------------------------------------------------------------------------------

    def _call(self, node: tree.Call, scope: Locals) -> CelChecked:
        made = macros.macro(self, node, scope)
        if made is not None:
            return made
        name = node.function.text
        if node.target is None:
            return self.call(node, "function", name, node.args, scope)
        space = qualified_name(node.target)
        if space is not None and space.split(".", 1)[0] not in scope and self.declared.variable(space) is None:
            full = f"{space}.{name}"
            if LIBRARY.named("function", full) or full in self.declared.functions:
                return self.call(node, "function", full, node.args, scope)
        return self.call(node, "method", name, (node.target, *node.args), scope)

    def call(self, node: tree.Expr, form: Form, name: str, nodes: Sequence[tree.Expr], scope: Locals) -> CelChecked:
        """A call of a function of the library, or of one that is declared."""
        declared = self.declared.functions.get(name, ()) if form == "function" else ()
        overloads = LIBRARY.named(form, name)
        args = [self.check(arg, scope) for arg in nodes]
        if not overloads and not declared:
            return self._unknown_function(node, form, name)
        signatures: list[Signature] = [(o.params, o.result) for o in overloads if o.shown]
        result = self.resolve([*signatures, *declared], args)
        if result is None:
            return self._no_overload(node, form, name, overloads, args)
        return CelChecked(result, ("call", form, name, *(arg.ir for arg in args)))

    def resolve(self, signatures: Sequence[Signature], args: Sequence[CelChecked]) -> CelType | None:
        """The result of the overloads that fit: `dyn` when they do not agree; None when there is none."""
        found: CelType | None = None
        given = [arg.type for arg in args]
        for params, result in signatures:
            if len(params) != len(given):
                continue
            *wanted, made = self.types.instantiated((*params, result))
            if self.types.all_assignable(given, wanted):
                type_ = self.known(made)
                found = type_ if found is None or found == type_ else DYN
        return found

    def _unknown_function(self, node: tree.Expr, form: Form, name: str) -> CelChecked:
        other: Form = "method" if form == "function" else "function"
        meant = nearest(name, [*LIBRARY.names(form), *macros.NAMES])
        hint = f"did you mean {meant}?" if meant else None
        if LIBRARY.named(other, name):
            hint = f"write x.{name}(…)" if other == "method" else f"write {name}(x)"
        elif form == "function" and name in FOREIGN_FUNCTIONS:
            hint = f"write {FOREIGN_FUNCTIONS[name]}"
        return self.error("TEN241", node, f"unknown {form} {name}", hint)

    def _no_overload(
        self, node: tree.Expr, form: Form, name: str, overloads: Sequence[Overload], args: Sequence[CelChecked]
    ) -> CelChecked:
        if any(arg.type == ERROR for arg in args):
            return CelChecked(ERROR, ("call", form, name, *(arg.ir for arg in args)))
        texts = [self.text(arg.type) for arg in args]
        if form == "operator":
            shown = name.rstrip("_")
            what = f"{shown} is not defined for {' and '.join(texts)}"
            if name.startswith("["):
                what = f"{texts[0]} cannot be indexed by {texts[1]}"
            failed = self.error("TEN250", node, what)
        else:
            skip = 1 if form == "method" else 0
            of = f" of {texts[0]}" if skip else ""
            forms = dict.fromkeys(f"({', '.join(map(text_of, o.params[skip:]))})" for o in overloads[:6] if o.shown)
            hint = f"it takes {' or '.join(forms)}" if forms else None
            failed = self.error("TEN242", node, f"{name}({', '.join(texts[skip:])}){of} has no such overload", hint)
        return CelChecked(ERROR, ("call", form, name, *(arg.ir for arg in args))) if overloads else failed

    # -- the rest -----------------------------------------------------------------------------------------------------

    def _conditional(self, node: tree.Conditional, scope: Locals) -> CelChecked:
        condition = self.condition(node.condition, scope)
        branches = [self.check(node.then, scope), self.check(node.otherwise, scope)]
        item: CelType = ("param", "A")
        type_ = self.resolve([((item, item), item)], branches)
        if type_ is None:
            texts = [self.text(branch.type) for branch in branches]
            self.error("TEN244", node, f"the two branches have different types, {texts[0]} and {texts[1]}")
        return CelChecked(type_ or ERROR, ("if", condition.ir, branches[0].ir, branches[1].ir))

    def _text(self, part: str | tree.Expr, scope: Locals) -> Expr:
        if isinstance(part, str):
            return ("value", part)
        found = self.check(part, scope)
        if self.known(found.type) in (STRING, ERROR):
            return found.ir
        if self.resolve([(o.params, o.result) for o in LIBRARY.named("function", "string")], [found]) is None:
            return self.error("TEN261", part, f"a value of type {self.text(found.type)} has no text").ir
        self.places.append(part.span)
        return ("at", len(self.places) - 1, ("call", "function", "string", found.ir))

    def optional_item(self, node: tree.Expr, found: CelChecked) -> CelType:
        """The type of what an item written with `?` holds."""
        item = self.types.fresh()
        if not self.types.assignable(found.type, ("optional", item)):
            self.error("TEN244", node, f"expected an optional, found {self.text(found.type)}")
            return ERROR
        return self.known(item)

    def _list(self, node: tree.ListExpr, scope: Locals) -> CelChecked:
        common: CelType | None = None
        parts = []
        for position, item in enumerate(node.items):
            found = self.check(item, scope)
            optional = position in node.optional
            common = self.types.join(common, self.optional_item(item, found) if optional else found.type)
            parts.append((found.ir, optional))
        return CelChecked(("list", common or self.types.fresh()), ("list", *parts))

    def _map(self, node: tree.MapExpr, scope: Locals) -> CelChecked:
        key_type: CelType | None = None
        value_type: CelType | None = None
        parts = []
        for entry in node.entries:
            key = self.check(entry.key, scope)
            value = self.check(entry.value, scope)
            key_type = self.types.join(key_type, key.type)
            type_ = self.optional_item(entry.value, value) if entry.optional else value.type
            value_type = self.types.join(value_type, type_)
            parts.append((key.ir, value.ir, entry.optional))
        types = (key_type or self.types.fresh(), value_type or self.types.fresh())
        return CelChecked(("map", *types), ("map", *parts))


def _heart(node: tree.Expr) -> tree.Span:
    """What to point at when a node fails: of a selection its field, of a call the function's name."""
    match node:
        case tree.Select(field=name) | tree.Call(function=name):
            return name.span
        case tree.Index(index=index):
            return index.span
    return node.span


def qualified_name(node: tree.Expr) -> str | None:
    """`a.b.c`, when a tree is nothing else."""
    fields: list[str] = []
    while isinstance(node, tree.Select) and not node.optional:
        fields.append(node.field.text)
        node = node.operand
    return ".".join((node.name, *reversed(fields))) if isinstance(node, tree.Ident) else None
