"""The forms of checked CEL as SQL, one by one. What has no exact counterpart is refused, with its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tenuto_interpreter.expr import Context, ExpressionError
from tenuto_interpreter.expr.cel import compile_cel
from tenuto_interpreter.ir import Expr

from tenuto_dsl.filters import comparing, texts, timing
from tenuto_dsl.filters.columns import Columns
from tenuto_dsl.filters.pieces import FAILED, Parameters, Piece, boolean
from tenuto_dsl.syntax import tree

MAX_LENGTH = 200_000
"""The longest condition, in characters."""


class Untranslatable(Exception):
    """What the database cannot be asked, where it stands, and perhaps what to write instead."""

    def __init__(self, span: tree.Span, message: str, hint: str | None = None, code: str = "TEN272") -> None:
        super().__init__(message)
        self.span = span
        self.hint = hint
        self.code = code


class Translator:
    """Translates one filter. `span` is where the part in hand stands."""

    def __init__(self, columns: Columns, places: Sequence[tree.Span], context: Context) -> None:
        self.columns = columns
        self.places = places
        self.context = context
        self.parameters = Parameters()
        self.names: set[str] = set()
        self.fields: set[str] = set()
        self.span = places[-1]

    def refuse(self, message: str, hint: str | None = None, code: str = "TEN272") -> Untranslatable:
        return Untranslatable(self.span, message, hint, code)

    def condition(self, ir: Expr) -> str:
        """A form as a boolean SQL expression; NULL where it fails."""
        piece = self.piece(ir)
        if piece.kind == "constant":
            return str(piece.value).lower() if type(piece.value) is bool else FAILED.text
        if piece.kind == "json":
            return f"(case when jsonb_typeof({piece.text}) = 'boolean' then ({piece.text})::boolean end)"
        return piece.text if piece.kind in ("bool", "error") else FAILED.text

    def piece(self, ir: Expr) -> Piece:
        """Any form."""
        if ir[0] == "at":
            before, self.span = self.span, self.places[ir[1]]
            piece = self._piece(ir[2])
            self.span = before
        else:
            piece = self._piece(ir)
        if len(piece.text) > MAX_LENGTH:
            raise self.refuse("the filter is too large")
        return piece

    def _piece(self, ir: Expr) -> Piece:
        if not _names_something(ir):
            return self._constant(ir)
        match ir:
            case ("named", name):
                return self._column(name)
            case ("and" | "or" as word, *terms):
                return boolean(f" {word} ".join(self.condition(term) for term in terms))
            case ("if", condition, then, otherwise):
                return self._conditional(condition, then, otherwise)
            case ("select", operand, field):
                return self._field(self.piece(operand), field)
            case ("has", operand, field):
                return self._has(self.piece(operand), field)
            case ("or_else", True, operand, otherwise):
                return self._or_value(operand, otherwise)
            case ("call", form, name, *operands):
                return self._call(form, name, operands)
        raise self.refuse(f"{_WORDS.get(ir[0], 'this')} cannot be asked of the database")

    # -- constants and columns ----------------------------------------------------------------------------------------

    def _constant(self, ir: Expr) -> Piece:
        try:
            return Piece("", "constant", value=compile_cel(ir)({}, self.context))
        except ExpressionError:
            return FAILED

    def _column(self, name: str) -> Piece:
        column = self.columns[name]
        self.names.add(name)
        if column.kind == "timestamp":
            return Piece(timing.micros(column.sql), "timestamp", column.nullable, raw=column.sql)
        return Piece(column.sql, column.kind, column.nullable, choices=column.choices)

    def _conditional(self, condition: Expr, then: Expr, otherwise: Expr) -> Piece:
        test = self.condition(condition)
        branches = [self._typed(self.piece(branch)) for branch in (then, otherwise)]
        kinds = {branch.kind for branch in branches} - {"error"}
        if len(kinds) > 1 or any(branch.nullable for branch in branches):
            raise self.refuse("the branches of a conditional must have one type and not be null")
        if not kinds:
            return FAILED
        first, second = ("null" if branch.kind == "error" else branch.text for branch in branches)
        return Piece(f"(case when {test} then {first} when not {test} then {second} end)", kinds.pop())

    def _typed(self, piece: Piece) -> Piece:
        """A constant as an SQL expression of its kind."""
        if piece.kind != "constant":
            return piece
        value = piece.value
        add = self.parameters.add
        match value:
            case bool():
                return Piece(add("bool", value), "bool")
            case str():
                return Piece(texts.text(self, value), "string")
            case int() if abs(value) < 2**63:
                return Piece(add("bigint", int(value)), "int")
            case float():
                return Piece(add("float8", value), "double")
        moment = timing.constant(self, value)
        if moment is None:
            raise self.refuse("a constant of this type cannot stand here")
        return moment

    # -- parts of JSON ------------------------------------------------------------------------------------------------

    def _field(self, operand: Piece, field: str) -> Piece:
        if operand.kind not in ("json", "object"):
            raise self.refuse(f"no field {field} can be asked for")
        if operand.kind == "object":
            self.fields.add(field)
        return Piece(f"({operand.text} -> {texts.text(self, field)})", "json")

    def _has(self, operand: Piece, field: str) -> Piece:
        key = texts.text(self, field)
        if operand.kind == "object":
            self.fields.add(field)
            return boolean(f"{operand.text} ? {key}")
        if operand.kind != "json":
            raise self.refuse("has needs the selection of an attribute", "has(attributes.customer)")
        return boolean(f"case when jsonb_typeof({operand.text}) = 'object' then {operand.text} ? {key} end")

    def _index(self, operand: Piece, index: Piece) -> Piece:
        value = index.value
        if index.kind != "constant" or operand.kind not in ("json", "object"):
            raise self.refuse("only attributes can be indexed, by constants")
        if isinstance(value, str):
            return self._field(operand, value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, int) and type(value) is not bool and 0 <= value < 2**31 and operand.kind == "json":
            place = f"({self.parameters.add('bigint', int(value))})::integer"
            item = f"{operand.text} -> {place}"  # of a scalar, PostgreSQL's 0 is the scalar itself
            return Piece(f"(case when jsonb_typeof({operand.text}) = 'array' then {item} end)", "json")
        return FAILED

    def _or_value(self, operand: Expr, otherwise: Expr) -> Piece:
        source, field = self._optional_field(operand)
        default = self.piece(otherwise)
        if default.kind != "constant" or type(default.value) not in (str, int, bool):
            raise self.refuse("the other value of orValue must be a constant text, int or bool")
        value = self._typed(default)
        return Piece(f"coalesce({source.text} -> {texts.text(self, field)}, to_jsonb({value.text}))", "json")

    def _optional_field(self, ir: Expr) -> tuple[Piece, str]:
        """`attributes.?name`: where from, and which."""
        inner = ir[2] if ir[0] == "at" else ir
        if inner[0] == "select?":
            source = self.piece(inner[1])
            if source.kind == "object":
                self.fields.add(inner[2])
                return source, inner[2]
        raise self.refuse("this optional cannot be asked of the database", "write attributes.?name")

    # -- calls --------------------------------------------------------------------------------------------------------

    def _call(self, form: str, name: str, operands: Sequence[Expr]) -> Piece:
        if name == "hasValue":
            source, field = self._optional_field(operands[0])
            return boolean(f"{source.text} ? {texts.text(self, field)}")
        if name == "in" and form == "operator":
            return self._in(operands[0], operands[1])
        if name == "!_":
            return boolean(f"not {self.condition(operands[0])}")
        pieces = [self.piece(operand) for operand in operands]
        if any(piece.kind == "error" for piece in pieces):
            return FAILED
        if name == "dyn":
            return pieces[0]
        if form == "operator":
            if name == "[]":
                return self._index(*pieces)
            if name in ("==", "!="):
                equal = comparing.equal(self, *pieces)
                return equal if name == "==" else boolean(f"not {equal.text}")
            if name in _ORDERS:
                return comparing.ordered(self, name, *pieces)
            made = timing.arithmetic(self, name, pieces)
        else:
            made = _FUNCTIONS.get(name, texts.none)(self, name, pieces)
        if made is None:
            raise self.refuse(
                f"{name.rstrip('_')} cannot be asked of the database",
                "a filter compares columns with constants: ==, <, in, startsWith, endsWith, contains, has",
            )
        return made

    def _in(self, value: Expr, items: Expr) -> Piece:
        piece = self.piece(value)
        inner = items[2] if items[0] == "at" else items
        if inner[0] == "list" and _names_something(inner) and not any(optional for _, optional in inner[1:]):
            return comparing.among(self, piece, [self.piece(item) for item, _ in inner[1:]])
        return comparing.member(self, piece, self.piece(items))


_ORDERS = frozenset(("<", "<=", ">", ">="))
_WORDS = {
    "loop": "a macro over columns", "bind": "cel.bind of a column", "opt_map": "optMap of a column",
    "select?": "an optional", "text": "an interpolated column", "list": "a list of columns", "map": "a map of columns",
}  # fmt: skip

_FUNCTIONS: dict[str, Callable[[Any, str, Sequence[Piece]], Piece | None]] = {
    "startsWith": texts.search,
    "endsWith": texts.search,
    "contains": texts.search,
    "size": texts.size,
    "lowerAscii": texts.ascii_case,
    "upperAscii": texts.ascii_case,
}


def _names_something(ir: Expr) -> bool:
    pending: list[Expr] = [ir]
    while pending:
        node = pending.pop()
        if node[:1] in (("named",), ("bound",), ("fail",)):
            return True
        pending.extend(part for part in node if type(part) is tuple)
    return False
