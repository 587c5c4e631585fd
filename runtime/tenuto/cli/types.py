"""`tenuto types`: types to JSON Schema and pydantic models, and back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from tenuto.cli.compiling import find_files, render
from tenuto.cli.stop import Exit, Stop, did_you_mean, usage
from tenuto.cli.terminal import coloured, tell, write

if TYPE_CHECKING:
    from tenuto_dsl.types import Problem, TypeTable


def export(
    file: Annotated[Path, Parameter(name="FILE")],
    /,
    *,
    format: Literal["jsonschema", "pydantic"] = "jsonschema",
    type: Annotated[str | None, Parameter(show_default=False)] = None,
    draft: Literal["2020-12", "7"] = "2020-12",
) -> None:
    """Write the types of a workflow file as JSON Schema or as pydantic models.

    Parameters
    ----------
    file
        A workflow file.
    format
        jsonschema (one document with a definition for each type) or pydantic (a Python module).
    type
        Only this type, with those it refers to; the JSON Schema is then one of this type.
    draft
        Which draft of JSON Schema.
    """
    from tenuto_dsl import types

    table = _table(file)
    if type is not None:
        from tenuto_dsl.types.table import TypeTable, with_needed

        if type not in table.types:
            raise usage(f"{file} declares no type {type}", did_you_mean(type, table.types))
        table = TypeTable({name: table.types[name] for name in with_needed([type], table.types)}, table.docs)
    if format == "pydantic":
        from tenuto.types.sources import models_source

        write(models_source(table, file.name))
        return
    import json

    write(json.dumps(types.schema_document(table, draft=draft, root=type), indent=2, ensure_ascii=False))


def import_(
    source: Annotated[str, Parameter(name="SOURCE")],
    /,
    *,
    name: Annotated[str | None, Parameter(show_default=False)] = None,
    form: Literal["text", "yaml"] = "text",
) -> None:
    """Write types for a workflow file from a JSON Schema or a Python class.

    What the language has no type for is told with its place, and nothing is written; exit code 3. What only narrows a
    type (lengths, ranges, patterns, defaults) is left out, and noted.

    Parameters
    ----------
    source
        A JSON Schema or an OpenAPI document (a file, JSON or YAML), or a class: module:Model or file.py:Model.
    name
        What to call the type of the schema itself, when it has no title.
    form
        text or yaml.
    """
    from tenuto_dsl.types import declarations_text

    path = Path(source)
    table, problems, notes = _from_file(path, name) if path.is_file() else _from_class(source)
    for note in notes:
        tell(f"note: {note}")
    if problems:
        lines = "\n  ".join(map(str, problems))
        raise Stop(Exit.LINT_ERRORS, f"{source} says what types cannot:\n  {lines}")
    if not table.types:
        raise usage(f"{source} has no types in it")
    write(declarations_text(table, form))


def _table(file: Path) -> TypeTable:
    """The types that a file declares. Raises `Stop` when it has errors."""
    from tenuto_dsl import Diagnostics
    from tenuto_dsl.compiler import check_source, read_from_disk
    from tenuto_dsl.imports import read
    from tenuto_dsl.syntax.tree import Span
    from tenuto_dsl.types import table_of

    if file.is_dir():
        raise usage(f"{file} is a directory", "name one workflow file")
    (found,) = find_files([file])
    name = found.as_posix()
    sink = Diagnostics()
    source = read(name, read_from_disk, Span(name, 1, 1, 1, 1), sink, "TEN131")
    checked = None if source is None else check_source(name, source, sink)
    if checked is None or sink.has_errors:
        print(render(sink.items, "text", colour=coloured(sys.stderr)), file=sys.stderr)  # noqa: T201
        raise Stop(Exit.LINT_ERRORS, f"{name} has errors; nothing was written")
    table = table_of(checked.facts, checked.file.declarations)
    if not table.types:
        raise usage(f"{file} declares no types")
    return table


_Read = tuple["TypeTable", "list[Problem]", "list[Problem]"]


def _from_file(path: Path, name: str | None) -> _Read:
    from tenuto_dsl.types import types_from_schema

    if path.suffix == ".py":
        raise usage(f"{path} is a Python file", f"name a class in it: {path}:Model")
    found = types_from_schema(_document(path), name or path.name.split(".")[0])
    return found.table, found.problems, found.notes


def _document(path: Path) -> Any:
    """What a file of JSON or YAML holds."""
    import json

    import yaml

    try:
        text = path.read_text(encoding="utf-8-sig")
        return yaml.safe_load(text) if path.suffix in (".yaml", ".yml") else json.loads(text)
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise usage(f"{path} cannot be read: {' '.join(str(error).split())}") from None


def _from_class(source: str) -> _Read:
    from tenuto_dsl.types import TypeTable

    from tenuto.activities.registry import ActivityLoadError, Registry
    from tenuto.types.annotations import Annotations, Unsayable

    module, colon, name = source.rpartition(":")
    if not colon or not name:
        raise usage(f"{source}: no such file", "name a file, or a class: module:Model or file.py:Model")
    try:
        target = Registry([Path.cwd()]).find(module, name)
    except ActivityLoadError as error:
        raise usage(str(error)) from None
    reading = Annotations()
    try:
        type_ = reading.read(target)
    except Unsayable as error:
        return TypeTable({}), [error.problem], []
    own = {} if reading.types else {name: type_}
    return TypeTable(reading.types | own, reading.docs), [], []
