"""An activity of a program, tied to what runs it. One per activity and program, made when the program is loaded.

`PythonBinding` calls a function; `HttpBinding` (`tenuto.activities.http`) sends a request. Both turn what comes back
into a value of the declared type, and both are called by whatever thread or loop their kind belongs to.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal, Protocol

from tenuto_interpreter import ir
from tenuto_interpreter.events import Failure
from tenuto_interpreter.types import Record, RecordField, Type
from tenuto_interpreter.values import ShapeError, reader

from tenuto.activities.conversion import argument_converter, to_wire
from tenuto.activities.errors import INVALID_RESULT, ActivityError
from tenuto.activities.job import Job
from tenuto.activities.registry import ActivityLoadError
from tenuto.activities.transactions import again

Kind = Literal["sync", "async"]


class Binding(Protocol):
    """`kind` says who may call: a thread of the pool (`call`) or the event loop (`call_async`)."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> Kind: ...
    @property
    def transactional(self) -> bool:
        """Whether all its effects are in the transaction that records its success: no attempt leaves a doubt."""

    def call(self, job: Job) -> Any: ...
    async def call_async(self, job: Job) -> Any: ...
    def failure(self, failure: Failure) -> Failure:
        """The failure with its details in their declared types."""


class Outcomes:
    """Reads an activity's results and the details of its declared errors."""

    def __init__(self, program: ir.Program, declared: ir.Activity) -> None:
        types: dict[str, Type] = {decl.name: decl.type for decl in program.types}
        self._name = declared.name
        self._read = None if declared.returns is None else reader(declared.returns, types, False)
        self._errors: dict[str, Callable[[Any, str], Any]] = {
            error.code: reader(Record(tuple(RecordField(name, type_) for name, type_ in error.fields)), types, False)
            for error in program.errors
        }

    def result(self, value: Any) -> Any:
        """The value of a result; None without a declared type. Raises ActivityError when it has another type."""
        if self._read is None:
            return None
        try:
            return self._read(to_wire(value), "")
        except ShapeError as error:
            raise ActivityError(INVALID_RESULT, f"{self._name} returned {error}", retryable=False) from None

    def failure(self, failure: Failure) -> Failure:
        read = self._errors.get(failure.code)
        if read is None and failure.details is None:
            return failure
        details = to_wire(failure.details or {})
        if read is not None:
            try:
                details = read(details, "")
            except ShapeError as error:
                message = f"{self._name} raised {failure.code} with details of another type: {error}"
                return Failure(INVALID_RESULT, message, None, retryable=False, unknown=failure.unknown)
        return replace(failure, details=details or None)


class PythonBinding:
    """A Python function. Arguments go by the names of the activity's parameters."""

    __slots__ = ("_converters", "_function", "_names", "_positional", "kind", "name", "outcomes", "transactional")

    def __init__(self, program: ir.Program, declared: ir.Activity, function: Callable[..., Any]) -> None:
        self.name = declared.name
        self.outcomes = Outcomes(program, declared)
        self.transactional = declared.effect == "transactional"
        self.kind: Kind = "async" if _is_async(function) else "sync"
        self._function = function
        self._names = tuple(param.name for param in declared.params)
        self._positional = _check_signature(function, declared, self._names)
        self._converters = _converters(function, declared, self._names)

    def call(self, job: Job) -> Any:
        lost = 0
        while True:
            try:
                return self._call(job)
            except Exception:
                if not self.transactional or not again(job, lost):
                    raise
                lost += 1

    def _call(self, job: Job) -> Any:
        args = job.args if self._converters is None else self._convert(job.args)
        if self._positional:
            result = self._function(*args)
        else:
            result = self._function(**dict(zip(self._names, args, strict=True)))
        if job.transaction is not None:
            job.transaction.check(f"activity {self.name} has ended the transaction it runs in")
        return self.outcomes.result(result)

    async def call_async(self, job: Job) -> Any:
        args = job.args if self._converters is None else self._convert(job.args)
        result = await self._function(**dict(zip(self._names, args, strict=True)))
        return self.outcomes.result(result)

    def failure(self, failure: Failure) -> Failure:
        return self.outcomes.failure(failure)

    def _convert(self, args: tuple[Any, ...]) -> list[Any]:
        assert self._converters is not None, "called only with converters"
        try:
            return [
                value if convert is None else convert(value)
                for value, convert in zip(args, self._converters, strict=True)
            ]
        except ValueError as error:
            message = f"the arguments of {self.name} do not fit the function's annotations: {error}"
            raise ActivityError("InvalidArguments", message, retryable=False) from None


def _is_async(function: Callable[..., Any]) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None))  # noqa: B004  # an object whose __call__ is async


def _check_signature(function: Callable[..., Any], declared: ir.Activity, names: tuple[str, ...]) -> bool:
    """Whether the arguments may be passed by position. Raises ActivityLoadError when the function cannot take them."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return False  # builtins without a signature: by name, and the call says what is wrong
    try:
        signature.bind(**dict.fromkeys(names))
    except TypeError as error:
        expected = ", ".join(names) or "no arguments"
        raise ActivityLoadError(
            f"activity {declared.name}: {_place(function)} cannot be called with {expected}: {error}"
        ) from None
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD,)
    leading = [parameter for parameter in signature.parameters.values() if parameter.kind in kinds]
    return tuple(parameter.name for parameter in leading[: len(names)]) == names


def _converters(
    function: Callable[..., Any], declared: ir.Activity, names: tuple[str, ...]
) -> list[Callable[[Any], Any] | None] | None:
    target = function if inspect.isroutine(function) else getattr(type(function), "__call__", function)  # noqa: B004  # the method itself is wanted
    try:
        hints = typing.get_type_hints(target)
    except (NameError, TypeError, AttributeError):
        return None  # annotations for type checkers only: the values are passed as they are
    try:
        converters = [argument_converter(hints[name]) if name in hints else None for name in names]
    except Exception as error:  # pydantic refuses an annotation in many ways
        raise ActivityLoadError(f"activity {declared.name}: an annotation of {_place(function)}: {error}") from error
    return converters if any(converters) else None


def _place(function: Callable[..., Any]) -> str:
    code = getattr(inspect.unwrap(function), "__code__", None)
    name = getattr(function, "__qualname__", repr(function))
    return f"{name} ({code.co_filename}:{code.co_firstlineno})" if code is not None else name
