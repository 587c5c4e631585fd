"""What compiled code calls while it runs: loops with their cost, error absorption, dynamic selection and dispatch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tenuto_interpreter.expr.context import FAILED, MAX_TEXT, Context, charge, charge_items, charge_text
from tenuto_interpreter.expr.errors import ExpressionError, LimitError
from tenuto_interpreter.expr.kinds import is_variable
from tenuto_interpreter.expr.table import Operation
from tenuto_interpreter.types import ListOf, MapOf, Optional, Scalar, Type
from tenuto_interpreter.values.texts import INT_MAX, INT_MIN

# -- loops ------------------------------------------------------------------------------------------------------------


def walk(context: Context, source: Any, weight: int) -> Any:
    """The list or map a comprehension is about to visit, paid for: `weight` steps for each item."""
    if not isinstance(source, list | dict | tuple):
        raise ExpressionError(f"{kind_of(source)} is not a list or map")
    charge(context, 1 + len(source) * weight)
    return source


def pairs(source: Any) -> Iterable[tuple[Any, Any]]:
    """Index and item of a list, key and value of a map."""
    return source.items() if isinstance(source, dict) else enumerate(source)


def all_of(context: Context, source: Iterable[Any], test: Callable[..., Any]) -> bool:
    """`all` where a test may fail: one false decides, whatever failed before it."""
    failed: Exception | None = None
    for item in source:
        try:
            if not test(item):
                return False
        except LimitError:
            raise
        except Exception as error:  # noqa: BLE001  # kept, and raised unless another item decides
            failed = failed or error
            charge(context, FAILED)
    if failed is not None:
        raise failed
    return True


def any_of(context: Context, source: Iterable[Any], test: Callable[..., Any]) -> bool:
    """`exists` where a test may fail: one true decides, whatever failed before it."""
    failed: Exception | None = None
    for item in source:
        try:
            if test(item):
                return True
        except LimitError:
            raise
        except Exception as error:  # noqa: BLE001  # kept, and raised unless another item decides
            failed = failed or error
            charge(context, FAILED)
    if failed is not None:
        raise failed
    return False


def and_of(context: Context, *terms: Callable[[], Any]) -> bool:
    """`&&` whose left sides may fail: CEL lets a false on either side decide."""
    return all_of(context, terms, _run)


def or_of(context: Context, *terms: Callable[[], Any]) -> bool:
    """`||` whose left sides may fail: CEL lets a true on either side decide."""
    return any_of(context, terms, _run)


def _run(term: Callable[[], Any]) -> Any:
    return term()


def exactly_one(tests: Iterable[Any]) -> bool:
    return sum(1 for test in tests if test) == 1


def sort_by(context: Context, source: list[Any], key: Callable[[Any], Any]) -> list[Any]:
    """Stable, ascending."""
    charge(context, len(source) * 4)
    return sorted(source, key=key)


def entries(made: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The maps of one entry each, together. Raises when a key comes twice."""
    out: dict[str, Any] = {}
    for entry in made:
        for key, value in entry.items():
            if key in out:
                raise ExpressionError(f"the key {key} comes twice")
            out[key] = value
    return out


# -- literals ---------------------------------------------------------------------------------------------------------


def make_map(context: Context, items: tuple[tuple[Any, Any, bool], ...]) -> dict[Any, Any]:
    """A map whose keys are computed. An entry written with `?` is left out when its value is null."""
    charge_items(context, len(items))
    out: dict[Any, Any] = {}
    for key, value, optional in items:
        if not isinstance(key, str):
            raise ExpressionError(f"{kind_of(key)} cannot be the key of a map: keys are strings")
        if key in out:
            raise ExpressionError(f"the key {key} comes twice")
        if not optional or value is not None:
            out[key] = value
    return out


def make_list(items: tuple[tuple[Any, bool], ...]) -> list[Any]:
    """A list some of whose items, written with `?`, are left out when null."""
    return [item for item, optional in items if not optional or item is not None]


def text(context: Context, parts: tuple[str, ...]) -> str:
    """The parts of an interpolated string as one, measured before it is made."""
    if sum(map(len, parts)) > MAX_TEXT:
        raise LimitError(f"a string of more than {MAX_TEXT} characters")
    return charge_text(context, "".join(parts))


MAX_PARTS = 200_000
"""How many parts a value may have that an expression makes, each counted as often as it occurs."""

MAX_CHARACTERS = 16 * 1024 * 1024
"""How many characters the strings in such a value may have together."""


def measured(value: Any) -> Any:
    """The value of an expression, when it is not larger than it looks."""
    if type(value) is not list and type(value) is not dict:
        return value
    parts = characters = 0
    pending = [value]
    while pending:
        item = pending.pop()
        parts += len(item)
        if parts > MAX_PARTS:
            raise LimitError(f"a value of more than {MAX_PARTS} parts")
        for child in item.values() if type(item) is dict else item:
            kind = type(child)
            if kind is list or kind is dict:
                pending.append(child)
            elif kind is str or kind is bytes:
                characters += len(child)
    if characters > MAX_CHARACTERS:
        raise LimitError(f"a value of more than {MAX_CHARACTERS} characters")
    return value


# -- dynamic values ---------------------------------------------------------------------------------------------------

_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "bool"), (int, "int"), (float, "double"), (str, "string"), (bytes, "bytes"), (Decimal, "decimal"),
    (datetime, "timestamp"), (timedelta, "duration"), (list, "list"), (tuple, "list"), (dict, "map"),
)  # fmt: skip


def kind_of(value: Any) -> str:
    """The name of a value's type at run time."""
    if value is None:
        return "null"
    return next((name for cls, name in _KINDS if isinstance(value, cls)), type(value).__name__)


def select(operand: Any, field: str) -> Any:
    """`operand.field` where the type of the operand is not known."""
    if not isinstance(operand, Mapping):
        raise ExpressionError(f"{kind_of(operand)} has no field {field}")
    if field not in operand:
        raise ExpressionError(f"no such key: {field}")
    return operand[field]


def select_or_null(operand: Any, field: str) -> Any:
    """`operand.?field`: null when the operand is null or has no such field."""
    if operand is None:
        return None
    if not isinstance(operand, Mapping):
        raise ExpressionError(f"{kind_of(operand)} has no field {field}")
    return operand.get(field)


def index_or_null(operand: Any, index: Any) -> Any:
    """`operand[?index]`: null when the operand is null or has nothing there."""
    if operand is None:
        return None
    if isinstance(operand, dict):
        return operand.get(index)
    if isinstance(operand, list | tuple) and type(index) is int:
        return operand[index] if 0 <= index < len(operand) else None
    raise ExpressionError(f"{kind_of(operand)} cannot be indexed by {kind_of(index)}")


def require(value: Any) -> Any:
    """`value()`: what is not null."""
    if value is None:
        raise ExpressionError("value() of null")
    return value


def truth(value: Any) -> bool:
    """A dynamic value where a condition is due."""
    if value is True or value is False:
        return bool(value)
    raise ExpressionError(f"a condition must be a bool, found {kind_of(value)}")


def fits(pattern: Type, value: Any) -> bool:
    """Whether a run-time value fits a parameter of an overload, as far as its outermost type shows."""
    if is_variable(pattern):
        return True
    match pattern:
        case Scalar("dyn" | "any"):
            return True
        case Scalar("uint"):
            return type(value) is int and value >= 0
        case Scalar("int"):
            return type(value) is int and INT_MIN <= value <= INT_MAX
        case Scalar("schedule"):
            return isinstance(value, dict)
        case Scalar(kind):
            return kind_of(value) == kind
        case ListOf():
            return isinstance(value, list | tuple)
        case MapOf():
            return isinstance(value, dict)
        case Optional(item):
            return value is None or fits(item, value)
        case _:
            return False


def choose(operations: tuple[Operation, ...], args: tuple[Any, ...]) -> tuple[Operation, list[Any]] | None:
    """The overload for run-time values, and the values as it takes them: an int may stand for a double."""
    for widen in (False, True):
        for operation in operations:
            params = operation.params
            if operation.variadic:
                params = params[:-1] + params[-1:] * (len(args) - len(params) + 1)
            if len(params) != len(args):
                continue
            values = [
                float(a) if widen and type(a) is int and p == _DOUBLE else a for p, a in zip(params, args, strict=True)
            ]
            if all(fits(p, a) for p, a in zip(params, values, strict=True)):
                return operation, values
    return None


_DOUBLE = Scalar("double")
