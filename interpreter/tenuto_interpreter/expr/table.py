"""What an operation is, and the lists in which the modules beside this one declare theirs.

An operation is one overload: a written name with one list of parameter types. The checker picks it by types and puts
its `id` into the intermediate form; the compiler finds it again by that id and inlines or calls it. Ids are stored with
deployed definitions, so they are permanent: change what an operation means and old runs change with it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

from tenuto_interpreter.expr.kinds import Signature
from tenuto_interpreter.types import Type

Form: TypeAlias = Literal["operator", "function", "method"]


class Emitter(Protocol):
    """What an inline operation needs of the compiler: fresh names, and names for Python objects."""

    def fresh(self) -> str: ...

    def global_(self, value: Any) -> ast.expr: ...


Inline: TypeAlias = Callable[[Emitter, list[ast.expr]], ast.expr]


@dataclass(frozen=True, slots=True)
class Operation:
    """`params` begin with the receiver when the form is a method.

    Exactly one of `function` and `inline` does the work. `needs_context`: the function's first argument is the Context.
    `total`: it has a value for all values of its types. `pure`: its value depends on nothing but its arguments.
    """

    id: str
    form: Form
    name: str
    params: tuple[Type, ...]
    result: Type
    variadic: bool = False
    function: Callable[..., Any] | None = None
    inline: Inline | None = None
    needs_context: bool = False
    total: bool = False
    pure: bool = True


class Rows:
    """Collects the operations of one module."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []

    def add(
        self,
        id_: str,
        form: Form,
        name: str,
        signature: str,
        function: Callable[..., Any] | None = None,
        *,
        inline: Inline | None = None,
        needs_context: bool = False,
        total: bool = False,
        pure: bool = True,
    ) -> None:
        parsed = Signature(signature)
        assert (function is None) != (inline is None), id_
        self.operations.append(
            Operation(
                id_,
                form,
                name,
                parsed.params,
                parsed.result,
                parsed.variadic,
                function,
                inline,
                needs_context,
                total,
                pure,
            )
        )

    def operator(
        self, id_: str, name: str, signature: str, function: Callable[..., Any] | None = None, **more: Any
    ) -> None:
        self.add(id_, "operator", name, signature, function, **more)

    def function(
        self, id_: str, name: str, signature: str, function: Callable[..., Any] | None = None, **more: Any
    ) -> None:
        self.add(id_, "function", name, signature, function, **more)

    def method(
        self, id_: str, name: str, signature: str, function: Callable[..., Any] | None = None, **more: Any
    ) -> None:
        self.add(id_, "method", name, signature, function, **more)

    def both(
        self, id_: str, name: str, signature: str, function: Callable[..., Any] | None = None, **more: Any
    ) -> None:
        """Written either way, `size(x)` and `x.size()`."""
        self.add(id_, "function", name, signature, function, **more)
        self.add(id_ + ".method", "method", name, signature, function, **more)


class Table:
    """All operations, by id and by written name."""

    def __init__(self, groups: Iterable[Rows]) -> None:
        self.by_id: dict[str, Operation] = {}
        self.by_name: dict[tuple[Form, str], tuple[Operation, ...]] = {}
        for group in groups:
            for operation in group.operations:
                assert operation.id not in self.by_id, operation.id
                self.by_id[operation.id] = operation
                key = (operation.form, operation.name)
                self.by_name[key] = (*self.by_name.get(key, ()), operation)

    def named(self, form: Form, name: str) -> tuple[Operation, ...]:
        """The overloads of a name, in the order in which they are tried."""
        return self.by_name.get((form, name), ())

    def names(self, form: Form) -> list[str]:
        return [name for kind, name in self.by_name if kind == form]
