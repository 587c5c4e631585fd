"""The columns that a filter may name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from tenuto_interpreter.expr.cel.types import CelType

ColumnKind: TypeAlias = Literal["string", "int", "double", "bool", "timestamp", "json", "object", "timestamp_text"]
"""How SQL holds it. `json` is a jsonb of any kind, `object` one that is always an object, `timestamp_text` the text of
a timestamp as we write it, in a jsonb."""


@dataclass(frozen=True, slots=True)
class Column:
    """`sql` gives the value; NULL is null when it is `nullable`, and a value that is not there (an error) otherwise.

    `choices` are the only texts it ever has.
    """

    sql: str
    kind: ColumnKind
    nullable: bool = False
    choices: tuple[str, ...] = ()

    @property
    def type(self) -> CelType:
        match self.kind:
            case "object":
                return ("map", ("string",), ("dyn",))
            case "json":
                return ("dyn",)
            case "timestamp_text":
                return ("timestamp",)
        return (self.kind,) if not self.nullable or self.kind == "timestamp" else ("dyn",)


Columns: TypeAlias = Mapping[str, Column]
"""By name. A name may be qualified, `attributes.due`, and is then meant before the field of an object is."""
