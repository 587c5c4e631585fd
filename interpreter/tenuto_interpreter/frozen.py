"""Frozen, slotted data classes that cost little to declare.

`@dataclass(frozen=True, slots=True)` writes and compiles seven methods for every class: close to a millisecond each,
at every start of every process. The language has two hundred classes of nodes, types and instructions, of which one
command uses a few. `@frozen` makes the same kind of class, and leaves the methods to be compiled when they are first
used. The fields are those of `dataclasses`, so that `fields`, `replace` and `match` work as ever; a type checker sees a
frozen dataclass.

What breaks if this changes: the order of fields in `__hash__` and `__eq__` decides nothing that is stored; `__init__`
takes exactly what a dataclass takes, or a stored program could not be read.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")

_Maker = Callable[[Any, str], Callable[..., Any]]


@dataclass_transform(frozen_default=True, field_specifiers=(dataclasses.field,))
def frozen(cls: type[T]) -> type[T]:
    """Declare a class as `@dataclass(frozen=True, slots=True)` does. Its bases must be of this kind, too."""
    if not cls.__doc__:
        cls.__doc__ = cls.__name__  # a dataclass without one inspects the signature of its `__init__`
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    for name, maker in _MAKERS.items():
        if name not in cls.__dict__:
            setattr(made, name, _made_at_first_use(made, name, maker))
    made.__setattr__ = _refuse_to_set
    made.__delattr__ = _refuse_to_delete
    made.__getstate__ = _state
    made.__setstate__ = _set_state
    return made  # type: ignore[no-any-return]  # it is the class, made anew with slots


def _made_at_first_use(cls: Any, name: str, maker: _Maker) -> Callable[..., Any]:
    def stub(self: Any, *args: Any, **kwargs: Any) -> Any:
        method = maker(cls, name)
        setattr(cls, name, method)
        return method(self, *args, **kwargs)

    stub.__name__ = name
    return stub


# -- the methods ------------------------------------------------------------------------------------------------------


def _init(cls: Any, name: str) -> Callable[..., Any]:
    values: dict[str, Any] = {"_set": object.__setattr__}
    parameters: list[str] = []
    keywords: list[str] = []
    lines: list[str] = []
    for field in dataclasses.fields(cls):
        place = keywords if field.kw_only else parameters
        value = field.name
        if field.default is not dataclasses.MISSING:
            values[f"_default_{field.name}"] = field.default
            place.append(f"{field.name}=_default_{field.name}")
        elif field.default_factory is not dataclasses.MISSING:
            values["_missing"] = dataclasses.MISSING
            values[f"_make_{field.name}"] = field.default_factory
            place.append(f"{field.name}=_missing")
            value = f"_make_{field.name}() if {field.name} is _missing else {field.name}"
        else:
            place.append(field.name)
        lines.append(f"_set(self, {field.name!r}, {value})")
    signature = ["self", *parameters, *(["*", *keywords] if keywords else [])]
    return _compiled(cls, name, signature, lines or ["pass"], values)


def _eq(cls: Any, name: str) -> Callable[..., Any]:
    names = [field.name for field in dataclasses.fields(cls) if field.compare]
    mine, theirs = _values("self", names), _values("other", names)
    lines = [f"return {mine} == {theirs} if other.__class__ is self.__class__ else NotImplemented"]
    return _compiled(cls, name, ["self", "other"], lines, {})


def _hash(cls: Any, name: str) -> Callable[..., Any]:
    names = [field.name for field in dataclasses.fields(cls) if field.compare]
    return _compiled(cls, name, ["self"], [f"return hash({_values('self', names)})"], {})


def _repr(cls: Any, name: str) -> Callable[..., Any]:
    shown = ", ".join(f"{f.name}={{self.{f.name}!r}}" for f in dataclasses.fields(cls) if f.repr)
    return _compiled(cls, name, ["self"], [f"return f'{cls.__qualname__}({shown})'"], {})


_MAKERS: dict[str, _Maker] = {"__init__": _init, "__eq__": _eq, "__hash__": _hash, "__repr__": _repr}


def _values(of: str, names: list[str]) -> str:
    return "(" + "".join(f"{of}.{name}, " for name in names) + ")"


def _compiled(
    cls: Any, name: str, signature: list[str], lines: list[str], values: dict[str, Any]
) -> Callable[..., Any]:
    body = "\n    ".join(lines)
    exec(f"def {name}({', '.join(signature)}):\n    {body}", values)  # noqa: S102 - from names of fields alone
    method: Callable[..., Any] = values[name]
    method.__qualname__ = f"{cls.__qualname__}.{name}"
    return method


def _refuse_to_set(self: Any, name: str, value: Any) -> None:
    del value
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r} of {type(self).__name__}")


def _refuse_to_delete(self: Any, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r} of {type(self).__name__}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _set_state(self: Any, state: list[Any]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)
