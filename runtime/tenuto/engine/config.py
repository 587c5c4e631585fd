"""Values for what workflows declare as `config`: from the caller, the environment or a file, in their declared types.

What is found first counts: values given to the engine, then `TENUTO_CONFIG_<NAME>`, then the file's. They are captured
when a run starts, so that a run sees one configuration for all its life.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson
from tenuto_interpreter import ir
from tenuto_interpreter.types import Optional, Sensitive, Type
from tenuto_interpreter.values import ShapeError, reader
from tenuto_interpreter.values.shape import nearest

PREFIX = "TENUTO_CONFIG_"


class ConfigError(Exception):
    """A config value that no workflow declares, or that has another type than declared. For people."""


class ConfigSource:
    """`given` and the file hold JSON values; texts are read as JSON where the declared type is not a text itself."""

    def __init__(
        self,
        given: Mapping[str, Any] | None = None,
        *,
        environment: Mapping[str, str] | None = None,
        file: Path | None = None,
    ) -> None:
        self._given = dict(given or {})
        self._environment = os.environ if environment is None else environment
        self._file = _read_file(file) if file is not None else {}

    def values(self, program: ir.Program) -> dict[str, Any]:
        """What a run of this program captures; defaults are the program's own affair. Raises ConfigError."""
        types: dict[str, Type] = {decl.name: decl.type for decl in program.types}
        values: dict[str, Any] = {}
        for declared in program.config:
            found = self._find(declared.name)
            if found is None:
                if declared.default is None:
                    raise ConfigError(
                        f"workflow {program.name} needs config {declared.name}: give it, or set {PREFIX}{declared.name}"
                    )
                continue
            value, origin = found
            values[declared.name] = _read(declared, types, value, origin)
        return values

    def check_known(self, programs: Iterable[ir.Program]) -> None:
        """Raise ConfigError for a value that is given and that no workflow declares."""
        declared = {config.name for program in programs for config in program.config}
        for origin, names in (("the given config", self._given), ("the config file", self._file)):
            for name in names:
                if name not in declared:
                    near = nearest(name, sorted(declared))
                    hint = f"; did you mean {near}?" if near else ""
                    raise ConfigError(f"{origin} sets {name}, which no workflow declares{hint}")

    def _find(self, name: str) -> tuple[Any, str] | None:
        if name in self._given:
            return self._given[name], f"config {name}"
        for variable in (PREFIX + name, PREFIX + name.upper()):
            if variable in self._environment:
                return self._environment[variable], variable
        if name in self._file:
            return self._file[name], f"config file: {name}"
        return None


def _read(declared: ir.Config, types: Mapping[str, Type], value: Any, origin: str) -> Any:
    read = reader(declared.type, types, True)
    try:
        return read(value, "")
    except ShapeError as error:
        refused = error
    if isinstance(value, str):
        try:
            return read(orjson.loads(value), "")
        except orjson.JSONDecodeError:
            pass
        except ShapeError as error:
            refused = error
    if _is_sensitive(declared.type):
        raise ConfigError(f"{origin}: not a value of its declared type")
    raise ConfigError(f"{origin}: {refused}") from None


def _is_sensitive(type_: Type) -> bool:
    return isinstance(type_, Sensitive) or (isinstance(type_, Optional) and _is_sensitive(type_.item))


def _read_file(path: Path) -> dict[str, Any]:
    try:
        data = orjson.loads(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"config file {path}: {error.strerror}") from None
    except orjson.JSONDecodeError as error:
        raise ConfigError(f"config file {path}: not JSON: {error}") from None
    if not isinstance(data, dict):
        raise ConfigError(f"config file {path}: an object of names and values is expected")
    return data
