"""Literals: they take the type of the place where they stand, as far as they can be of that type."""

from __future__ import annotations

import base64
import math
from typing import TYPE_CHECKING

from tenuto_interpreter.expr.kinds import NEVER, UNKNOWN
from tenuto_interpreter.ir import Expr
from tenuto_interpreter.types import (
    ANY,
    BOOL,
    BYTES,
    DECIMAL,
    DOUBLE,
    DURATION,
    INT,
    NULL,
    STRING,
    TIMESTAMP,
    UINT,
    ListOf,
    LiteralOf,
    MapOf,
    Record,
    RecordField,
    Scalar,
    Type,
)
from tenuto_interpreter.values import accepts_null
from tenuto_interpreter.values.texts import (
    DURATION_LIMIT,
    INT_MAX,
    INT_MIN,
    UINT_MAX,
    duration_to_us,
    read_decimal,
    read_duration,
    read_timestamp,
    timestamp_to_us,
)

from tenuto_dsl.check.expressions.quoted import expression_in, instead, suspect
from tenuto_dsl.check.expressions.relations import (
    Types,
    assignable,
    core,
    is_dynamic,
    join,
    may_be_null,
    optional,
    type_text,
    without_null,
)
from tenuto_dsl.check.expressions.relations import literals as literal_values
from tenuto_dsl.check.expressions.scope import NOTHING, Checked, Scope
from tenuto_dsl.diagnostics import Fix, nearest
from tenuto_dsl.syntax import tree

if TYPE_CHECKING:
    from tenuto_dsl.check.expressions.checker import Checker


def literal(checker: Checker, node: tree.Literal_, scope: Scope, hint: Type | None) -> Checked:
    """A scalar."""
    value = node.value
    plain = core(without_null(hint, scope.types), scope.types) if hint is not None else None
    match node.kind:
        case "null":
            return Checked(NULL, ("const", None))
        case "bool":
            return Checked(BOOL, ("const", value))
        case "int":
            assert isinstance(value, int)
            return _int(checker, node, value, plain)
        case "uint":
            assert isinstance(value, int)
            if not 0 <= value <= UINT_MAX:
                return checker.error("TEN256", node, "this uint has more than 64 bits")
            return Checked(UINT, ("const", value))
        case "double":
            assert isinstance(value, float)
            if not math.isfinite(value):
                return checker.error("TEN256", node, "this double is too large")
            return Checked(DOUBLE, ("const", value))
        case "string":
            assert isinstance(value, str)
            return _string(checker, node, value, hint, plain, scope)
        case "bytes":
            assert isinstance(value, bytes)
            return Checked(BYTES, ("bytes", base64.b64encode(value).decode()))
        case "duration":
            assert isinstance(value, int)
            if abs(value) > DURATION_LIMIT:
                return checker.error("TEN256", node, "this duration is longer than 10,000 years")
            return Checked(DURATION, ("duration", value))


def _int(checker: Checker, node: tree.Literal_, value: int, plain: Type | None) -> Checked:
    if plain == DOUBLE and abs(value) <= 2**53:
        return Checked(DOUBLE, ("const", float(value)))
    if plain == UINT and 0 <= value <= UINT_MAX:
        return Checked(UINT, ("const", value))
    if not INT_MIN <= value <= INT_MAX:
        return checker.error("TEN256", node, "this int has more than 64 bits")
    return Checked(INT, ("const", value))


def _string(
    checker: Checker, node: tree.Literal_, value: str, hint: Type | None, plain: Type | None, scope: Scope
) -> Checked:
    try:
        if plain == DECIMAL:
            read_decimal(value)
            return Checked(DECIMAL, ("decimal", value))
        if plain == TIMESTAMP:
            return Checked(TIMESTAMP, ("timestamp", timestamp_to_us(read_timestamp(value))))
        if plain == DURATION:
            return Checked(DURATION, ("duration", duration_to_us(read_duration(value))))
    except ValueError as error:
        meant = expression_in(checker, node, value, scope)
        hint_ = f"a {type_text(plain or STRING)} is expected here" if meant is None else instead(meant)
        return checker.error("TEN258", node, f'"{value[:40]}" is {error}', hint_)
    choices = literal_values(hint, scope.types) if hint is not None else ()
    if choices:
        if value in choices:
            return Checked(LiteralOf(value), ("const", value))
        meant = expression_in(checker, node, value, scope)
        close = nearest(value, choices)
        remedy = f'did you mean "{close}"?' if close else None
        listed = " | ".join(f'"{choice}"' for choice in choices[:8])
        text = f'"{value[:40]}" is not one of {listed}'
        return checker.error("TEN249", node, text, remedy if meant is None else instead(meant))
    if hint is None or assignable(STRING, hint, scope.types):
        suspect(checker, node, value, scope)
    return Checked(STRING, ("const", value))


# -- lists ------------------------------------------------------------------------------------------------------------


def list_(checker: Checker, node: tree.ListExpr, scope: Scope, hint: Type | None) -> Checked:
    """A list: of the item type that is expected, else of what its items have in common."""
    plain = core(without_null(hint, scope.types), scope.types) if hint is not None else None
    if isinstance(plain, ListOf):
        item_type = plain.item
        items = []
        for position, item in enumerate(node.items):
            wanted = optional(item_type, scope.types) if position in node.optional else item_type
            items.append(checker.require(item, scope, wanted))
    else:
        items, item_type = _inferred(checker, node.items, scope)
    if any(item.type == UNKNOWN for item in items):
        return Checked(ListOf(item_type), ("list",)) if isinstance(plain, ListOf) else NOTHING
    if node.optional:
        if not isinstance(plain, ListOf):
            item_type = without_null(item_type, scope.types)
        parts = tuple((item.ir, position in node.optional) for position, item in enumerate(items))
        return Checked(ListOf(item_type), ("list?", *parts))
    return Checked(ListOf(item_type), ("list", *(item.ir for item in items)))


def _inferred(checker: Checker, nodes: tuple[tree.Expr, ...], scope: Scope) -> tuple[list[Checked], Type]:
    items = [checker.check(node, scope) for node in nodes]
    if any(item.type == DOUBLE for item in items):
        pairs = zip(nodes, items, strict=True)
        items = [checker.check(n, scope, DOUBLE) if i.type == INT and is_number(n) else i for n, i in pairs]
    common: Type = NEVER
    for item in items:
        joined = join(common, item.type, scope.types)
        if joined is None:
            return items, ANY
        common = joined
    return items, common


def is_number(node: tree.Expr) -> bool:
    """Whether a node is a number as written, its sign included: what may become another type of number."""
    if isinstance(node, tree.Unary) and node.operator == "-":
        node = node.operand
    return isinstance(node, tree.Literal_) and node.kind == "int"


# -- records and maps -------------------------------------------------------------------------------------------------


def map_(checker: Checker, node: tree.MapExpr, scope: Scope, hint: Type | None) -> Checked:
    """A record when one is expected or all keys are plain names, else a map."""
    plain = core(without_null(hint, scope.types), scope.types) if hint is not None else None
    if not _keys_differ(checker, node):
        return NOTHING
    named = all(_key(entry) is not None and not entry.optional for entry in node.entries)
    if isinstance(plain, Record) and plain.fields:
        return _record(checker, node, plain, hint or plain, scope)
    value_type = plain.value if isinstance(plain, MapOf) else (ANY if plain is not None and is_dynamic(plain) else None)
    if named:
        return _named(checker, node, value_type if isinstance(plain, MapOf) else None, scope)
    return _computed(checker, node, value_type, scope)


def _key(entry: tree.MapEntry) -> str | None:
    key = entry.key
    if isinstance(key, tree.Literal_) and isinstance(key.value, str) and key.kind == "string":
        return key.value
    return None


def _keys_differ(checker: Checker, node: tree.MapExpr) -> bool:
    seen = set()
    for entry in node.entries:
        key = _key(entry)
        if key is not None and key in seen:
            checker.error("TEN255", entry.key, f'the key "{key}" comes twice')
            return False
        seen.add(key)
    return True


def _record(checker: Checker, node: tree.MapExpr, record: Record, type_: Type, scope: Scope) -> Checked:
    """A record literal where a record type is expected: its fields are checked one by one, absent optional ones are
    null. The result has that type even after a mistake inside, which has been reported there."""
    types = scope.types
    given: dict[str, Expr] = {}
    sound = True
    for entry in node.entries:
        key = _key(entry)
        if key is None:
            _bare_key(checker, entry.key, "TEN263", f"the fields of {type_text(type_)} have fixed names")
            sound = False
            continue
        field = record.field(key)
        if field is None:
            names = [f.name for f in record.fields if f.name not in given]
            meant = nearest(key, names)
            text = f"{type_text(type_)} has no field {key}"
            hint = f"did you mean {meant}?" if meant else f"its fields are {', '.join(f.name for f in record.fields)}"
            checker.error("TEN248", entry.key, text, hint)
            checker.check(entry.value, scope)
            sound = False
            continue
        value = checker.require(entry.value, scope, optional(field, types) if entry.optional else field)
        if value.type == UNKNOWN:
            sound = False
        given[key] = value.ir
    missing = [f.name for f in record.fields if f.name not in given and not accepts_null(f.type, types)]
    if missing and sound:
        s = "" if len(missing) == 1 else "s"
        checker.error("TEN247", node, f"{type_text(type_)} needs the field{s} {', '.join(missing)}")
    for f in record.fields:
        given.setdefault(f.name, ("const", None))
    return Checked(without_null(type_, types), ("record", *given.items()))


def _named(checker: Checker, node: tree.MapExpr, value_type: Type | None, scope: Scope) -> Checked:
    parts = []
    fields = []
    for entry in node.entries:
        key = _key(entry)
        assert key is not None
        value = (
            checker.check(entry.value, scope) if value_type is None else checker.require(entry.value, scope, value_type)
        )
        parts.append((key, value.ir))
        fields.append(RecordField(key, value.type))
    type_ = MapOf(value_type) if value_type is not None else Record(tuple(fields))
    if any(field.type == UNKNOWN for field in fields):
        return Checked(type_, ("record",)) if value_type is not None else NOTHING
    return Checked(type_, ("record", *parts))


def _computed(checker: Checker, node: tree.MapExpr, value_type: Type | None, scope: Scope) -> Checked:
    types = scope.types
    parts = []
    common: Type = NEVER
    sound = True
    for entry in node.entries:
        if isinstance(entry.key, tree.Ident) and scope.lookup(entry.key.name) is None:
            _bare_key(checker, entry.key, "TEN240", f"unknown name {entry.key.name}")
            checker.check(entry.value, scope)
            sound = False
            continue
        key = checker.check(entry.key, scope)
        wanted = optional(value_type, types) if value_type is not None and entry.optional else value_type
        value = checker.check(entry.value, scope) if wanted is None else checker.require(entry.value, scope, wanted)
        if UNKNOWN in (key.type, value.type):
            sound = False
            continue
        if (
            core(key.type, types) != STRING
            and not (is_dynamic(key.type) and scope.allow.dynamic)
            and not _is_text(key, types)
        ):
            checker.error(
                "TEN263", entry.key, f"the keys of a map are strings, found {type_text(key.type)}", "string(…)"
            )
            sound = False
        value_found = without_null(value.type, types) if entry.optional else value.type
        joined = join(common, value_found, types)
        common = ANY if joined is None else joined
        parts.append((key.ir, value.ir, entry.optional))
    if not sound:
        return NOTHING
    return Checked(MapOf(value_type if value_type is not None else common), ("map", *parts))


def _bare_key(checker: Checker, key: tree.Expr, code: str, message: str) -> None:
    """A key is an expression, not a name as in JavaScript: a field's name is a string."""
    fix = Fix(f'write `"{key.name}"`', key.span, f'"{key.name}"') if isinstance(key, tree.Ident) else None
    checker.sink.error(code, key.span, message, "write the key as a string" if fix is None else None, fix)


def _is_text(key: Checked, types: Types) -> bool:
    return isinstance(key.type, LiteralOf) or bool(literal_values(key.type, types))


# -- strings with expressions in them ---------------------------------------------------------------------------------


def interpolation(checker: Checker, node: tree.Interpolation, scope: Scope) -> Checked:
    """The parts as text, joined."""
    parts: list[Expr] = []
    sound = True
    for part in node.parts:
        if isinstance(part, str):
            parts.append(("const", part))
            continue
        text = _text(checker, part, scope)
        sound = sound and text.type != UNKNOWN
        parts.append(text.ir)
    return Checked(STRING, ("text", *parts)) if sound else NOTHING


def _text(checker: Checker, node: tree.Expr, scope: Scope) -> Checked:
    value = checker.check(node, scope)
    types = scope.types
    if value.type == UNKNOWN:
        return NOTHING
    type_ = value.type
    if may_be_null(type_, types):
        checker.sink.warning(
            "TEN260", node.span, f"this may be null ({type_text(type_)}): the text would say null", "use .orValue(…)"
        )
        type_ = without_null(type_, types)
        number = checker.fresh()
        inner = _conversion(Checked(type_, ("bound", number)), types)
        if inner is not None:
            test = ("if", ("eq", "plain", ("bound", number), ("const", None)), ("const", "null"), inner)
            return Checked(STRING, ("bind", number, value.ir, test))
    converted = _conversion(value, types)
    if converted is None:
        what = type_text(type_)
        return checker.error(
            "TEN261", node, f"a value of type {what} has no text", "only scalars can stand in a string"
        )
    return Checked(STRING, converted)


def _conversion(value: Checked, types: Types) -> Expr | None:
    """The form that turns a scalar into text."""
    plain = core(value.type, types)
    if isinstance(plain, LiteralOf) or literal_values(plain, types) or plain == STRING:
        return value.ir
    if is_dynamic(plain):
        return ("dyn", "function", "string", value.ir)
    if isinstance(plain, Scalar) and plain.kind in (
        "bool",
        "int",
        "uint",
        "double",
        "decimal",
        "timestamp",
        "duration",
    ):
        return ("do", f"string_{plain.kind}", value.ir)
    return None
