"""What a CEL expression may name: declared variables and functions, the names of types, the variables of macros."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tenuto_interpreter.expr.cel.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    NULL,
    STRING,
    TIMESTAMP,
    UINT,
    CelType,
)

_TYPES: dict[str, CelType] = {
    "bool": BOOL, "int": INT, "uint": UINT, "double": DOUBLE, "string": STRING, "bytes": BYTES, "null_type": NULL,
    "list": ("list", DYN), "map": ("map", DYN, DYN), "type": ("type", DYN), "optional_type": ("optional", DYN),
    "google.protobuf.Timestamp": TIMESTAMP, "google.protobuf.Duration": DURATION, "decimal": ("decimal",),
}  # fmt: skip
"""Types that have a name as values."""

Signature = tuple[tuple[CelType, ...], CelType]


@dataclass(frozen=True, slots=True)
class Declarations:
    """Names from outside. `open`: names that are not declared are of type `dyn`. Names may be qualified, `a.b`, and are
    looked for in the `container` and those around it first."""

    variables: Mapping[str, CelType] = field(default_factory=dict)
    functions: Mapping[str, tuple[Signature, ...]] = field(default_factory=dict)
    container: str = ""
    open: bool = False

    def variable(self, name: str) -> tuple[str, CelType] | None:
        """The full name and the type of a variable; a leading dot asks for exactly the name that follows."""
        candidates = [name[1:]] if name.startswith(".") else self._candidates(name)
        for candidate in candidates:
            if candidate in self.variables:
                return candidate, self.variables[candidate]
        return None

    def type_named(self, name: str) -> tuple[str, CelType] | None:
        plain = name.removeprefix(".")
        return (plain, _TYPES[plain]) if plain in _TYPES else None

    def _candidates(self, name: str) -> list[str]:
        parts = self.container.split(".") if self.container else []
        return [".".join((*parts[:end], name)) for end in range(len(parts), -1, -1)]


@dataclass(frozen=True, slots=True)
class Local:
    """A variable of a macro: its number in the compiled form."""

    type: CelType
    number: int


Locals = Mapping[str, Local]
