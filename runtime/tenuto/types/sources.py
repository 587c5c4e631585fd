"""Types as the source of a Python module of pydantic models, to keep beside the activities."""

from __future__ import annotations

import json
import keyword
import re

from tenuto_dsl.types import TypeTable
from tenuto_dsl.types.table import hoisted, references
from tenuto_interpreter.types import (
    ListOf,
    LiteralOf,
    MapOf,
    Optional,
    Record,
    RecordField,
    Ref,
    Scalar,
    Sensitive,
    Type,
    Union,
)

_NAMES = {
    "string": "str", "int": "int", "uint": "int", "double": "float", "bool": "bool", "bytes": "bytes",
    "decimal": "Decimal", "timestamp": "datetime", "duration": "timedelta", "null": "None", "any": "Any",
    "schedule": "dict[str, Any]",
}  # fmt: skip
_OWN = frozenset({"model_config", "model_fields", "copy", "json", "dict", "schema", "validate", "construct"})


def models_source(table: TypeTable, origin: str) -> str:
    """A Python module with a model for each record of a table, and an alias for each other type."""
    table = hoisted(table)
    body = "\n\n".join(_declaration(name, type_, table) for name, type_ in _ordered(table))
    imports = ["from __future__ import annotations", ""]
    for module, names in (
        ("datetime", ("datetime", "timedelta")), ("decimal", ("Decimal",)), ("typing", ("Any", "Literal")),
    ):  # fmt: skip
        used = [name for name in names if _mentions(body, name)]
        imports += [f"from {module} import {', '.join(used)}"] if used else []
    pydantic = [name for name in ("BaseModel", "ConfigDict", "Field") if _mentions(body, name)]
    imports += ["", f"from pydantic import {', '.join(pydantic)}"] if pydantic else []
    head = f'"""Made from {origin} by `tenuto types export`. Do not edit: make it again."""'
    return f"{head}\n\n" + "\n".join(imports).strip() + f"\n\n\n{body}\n"


def _mentions(text: str, name: str) -> bool:
    return re.search(rf"\b{name}\b", text) is not None


def _ordered(table: TypeTable) -> list[tuple[str, Type]]:
    """Models first, then aliases behind what they refer to: those are evaluated when the module is loaded."""
    found = {name: type_ for name, type_ in table.types.items() if _is_model(type_)}
    left = {name: type_ for name, type_ in table.types.items() if name not in found}
    while left:
        ready = [name for name, type_ in left.items() if not any(other in left for other in references(type_))]
        if not ready:  # aliases that refer to each other in a circle: Python has no such
            return [*found.items(), *((name, Scalar("any")) for name in left)]
        for name in ready:
            found[name] = left.pop(name)
    return list(found.items())


def _is_model(type_: Type) -> bool:
    return isinstance(type_, Record) and bool(type_.fields)


def _declaration(name: str, type_: Type, table: TypeTable) -> str:
    doc = table.docs.get(name, "").replace("\\", "\\\\").replace('"""', "'''")
    if not isinstance(type_, Record) or not type_.fields:
        return (f"# {doc}\n" if doc else "") + f"{name} = {_source(type_)}\n"
    lines = [f"class {name}(BaseModel):"]
    if doc:
        lines += [f'    """{doc}"""', ""]
    if any(attribute_of(f.name) != f.name for f in type_.fields):
        lines += ["    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)", ""]
    lines += [f"    {_field_source(item)}" for item in type_.fields]
    return "\n".join(lines) + "\n"


def _field_source(item: RecordField) -> str:
    attribute = attribute_of(item.name)
    optional = isinstance(item.type, Optional) or item.type == Scalar("any")
    options = ["default=None"] if optional else []
    options += [f'alias="{item.name}"'] if attribute != item.name else []
    options += ["repr=False"] if is_sensitive(item.type) else []
    if options == ["default=None"]:
        return f"{attribute}: {_source(item.type)} = None"
    return f"{attribute}: {_source(item.type)}" + (f" = Field({', '.join(options)})" if options else "")


def attribute_of(name: str) -> str:
    """A name that a class may have: `from` is `from_`."""
    plain = name.lstrip("_") or "field"
    return f"{plain}_" if keyword.iskeyword(plain) or plain in _OWN or plain.startswith("model_") else plain


def is_sensitive(type_: Type) -> bool:
    return isinstance(type_, Sensitive) or (isinstance(type_, Optional) and isinstance(type_.item, Sensitive))


def _source(type_: Type) -> str:
    match type_:
        case Scalar(kind):
            return _NAMES[kind]
        case LiteralOf(value):
            return f"Literal[{json.dumps(value, ensure_ascii=False)}]"
        case ListOf(item):
            return f"list[{_source(item)}]"
        case MapOf(value):
            return f"dict[str, {_source(value)}]"
        case Record():
            return "dict[str, Any]"
        case Optional(item):
            return f"{_source(item)} | None"
        case Union(options) if all(isinstance(option, LiteralOf) for option in options):
            texts = (json.dumps(o.value, ensure_ascii=False) for o in options if isinstance(o, LiteralOf))
            return f"Literal[{', '.join(texts)}]"
        case Union(options):
            return " | ".join(_source(option) for option in options)
        case Sensitive(item):
            return _source(item)
        case Ref(name):
            return name
