"""What a function of CEL is: overloads by type, chosen when the expression is checked or when it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from tenuto_interpreter.expr.cel.types import RUNTIME_KINDS, CelType, signature
from tenuto_interpreter.expr.cel.values import from_host, kind_of
from tenuto_interpreter.expr.context import Context
from tenuto_interpreter.expr.errors import ExpressionError
from tenuto_interpreter.expr.operations import TABLE

Form: TypeAlias = Literal["operator", "function", "method"]


@dataclass(frozen=True, slots=True)
class Overload:
    """`kinds` are what the values must say they are, None for any. `shown`: the checker may choose it; what it may not
    choose stands for what is allowed of values of type `dyn` only."""

    params: tuple[CelType, ...]
    result: CelType
    kinds: tuple[str | None, ...]
    run: Callable[..., Any]
    shown: bool


class Rows:
    """Collects the overloads of one module. `run` takes the Context first when `ctx` is set."""

    def __init__(self) -> None:
        self.rows: list[tuple[Form, str, Overload]] = []

    def add(
        self,
        form: Form,
        name: str,
        text: str,
        run: Callable[..., Any],
        *,
        ctx: bool = False,
        shown: bool = True,
    ) -> None:
        params, result = signature(text)
        kinds = tuple(_kind(param) for param in params)
        full = run if ctx else _without_context(run)
        self.rows.append((form, name, Overload(params, result, kinds, full, shown)))

    def operator(self, name: str, text: str, run: Callable[..., Any], **more: bool) -> None:
        self.add("operator", name, text, run, **more)

    def function(self, name: str, text: str, run: Callable[..., Any], **more: bool) -> None:
        self.add("function", name, text, run, **more)

    def method(self, name: str, text: str, run: Callable[..., Any], **more: bool) -> None:
        self.add("method", name, text, run, **more)

    def both(self, name: str, text: str, run: Callable[..., Any], **more: bool) -> None:
        """Written either way, `size(x)` and `x.size()`."""
        self.add("function", name, text, run, **more)
        self.add("method", name, text, run, **more)

    def shared(self, id_: str, text: str) -> None:
        """An operation of workflow expressions that means the same here."""
        operation = TABLE.by_id[id_]
        assert operation.function is not None, id_
        run: Callable[..., Any] = operation.function
        if any(word in text for word in ("timestamp", "duration")):
            run = _with_host_times(run, context=operation.needs_context)
        self.add(operation.form, operation.name, text, run, ctx=operation.needs_context)


def _kind(param: CelType) -> str | None:
    if param[0] in ("dyn", "param"):
        return None
    return RUNTIME_KINDS.get(param[0], param[0])


def _without_context(run: Callable[..., Any]) -> Callable[..., Any]:
    return lambda _context, *args: run(*args)


def _with_host_times(run: Callable[..., Any], *, context: bool) -> Callable[..., Any]:
    def adapted(*args: Any) -> Any:
        first, rest = (args[:1], args[1:]) if context else ((), args)
        return from_host(run(*first, *map(_to_host, rest)))

    return adapted


def _to_host(value: Any) -> Any:
    kind = kind_of(value)
    if kind == "google.protobuf.Timestamp":
        return value.datetime()
    return value.timedelta() if kind == "google.protobuf.Duration" else value


class Library:
    """All functions, by form and name."""

    def __init__(self, groups: Iterable[Rows]) -> None:
        self.by_name: dict[tuple[Form, str], tuple[Overload, ...]] = {}
        for group in groups:
            for form, name, overload in group.rows:
                self.by_name[form, name] = (*self.by_name.get((form, name), ()), overload)

    def named(self, form: Form, name: str) -> tuple[Overload, ...]:
        return self.by_name.get((form, name), ())

    def names(self, form: Form) -> list[str]:
        return [name for kind, name in self.by_name if kind == form]


class Dispatch:
    """A function whose overload the classes of its arguments decide."""

    __slots__ = ("form", "name", "overloads", "seen")

    def __init__(self, form: Form, name: str, overloads: tuple[Overload, ...]) -> None:
        self.form = form
        self.name = name
        self.overloads = overloads
        self.seen: dict[tuple[type, ...], Callable[..., Any]] = {}

    def __call__(self, context: Context, *args: Any) -> Any:
        key = tuple(map(type, args))
        run = self.seen.get(key)
        if run is None:
            run = self.seen[key] = self._choose(args)
        return run(context, *args)

    def _choose(self, args: tuple[Any, ...]) -> Callable[..., Any]:
        kinds = tuple(map(kind_of, args))
        for overload in self.overloads:
            if len(overload.kinds) == len(kinds) and all(
                wanted is None or wanted == kind for wanted, kind in zip(overload.kinds, kinds, strict=True)
            ):
                return overload.run
        shown = self.name.rstrip("_")
        if self.form == "method":
            raise ExpressionError(f"no such overload: {kinds[0]}.{shown}({', '.join(kinds[1:])})")
        raise ExpressionError(f"no such overload: {shown}({', '.join(kinds)})")
