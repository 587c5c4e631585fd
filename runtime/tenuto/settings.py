"""What the person has set: flags over environment over a settings file. Reads; decides nothing else.

The file is `tenuto.toml`, or `[tool.tenuto]` of a `pyproject.toml`, in the working directory or the nearest one above
it that has either; `TENUTO_SETTINGS` names another. Paths in it are relative to it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FORMATS = ("text", "json", "jsonl")


class SettingsError(Exception):
    """The settings file or a variable cannot be used. The message names it and says what is expected."""


@dataclass(frozen=True, slots=True)
class Settings:
    """None or empty: not set."""

    db: str | None = None
    home: Path | None = None
    output: str | None = None
    activities: tuple[str, ...] = ()
    workflows: tuple[Path, ...] = ()
    processes: int | None = None
    config: Mapping[str, Any] = field(default_factory=dict)
    """Values for what workflows declare as `config`."""


def load(environment: Mapping[str, str] | None = None, directory: Path | None = None) -> Settings:
    """Environment over file. Raises `SettingsError`."""
    variables = os.environ if environment is None else environment
    values = _from_file(_find(variables, directory or Path.cwd()))
    if db := variables.get("TENUTO_DB"):
        values["db"] = db
    if home := variables.get("TENUTO_HOME"):
        values["home"] = Path(home).expanduser().absolute()
    if output := variables.get("TENUTO_OUTPUT"):
        values["output"] = _format(output, "TENUTO_OUTPUT")
    return Settings(**values)


def lint_table(directory: Path, environment: Mapping[str, str] | None = None) -> tuple[dict[str, Any], Path] | None:
    """The `lint` table that holds for files in a directory, with the file it stands in; None when there is none."""
    path = _find(os.environ if environment is None else environment, directory)
    table = _read_table(path).get("lint") if path is not None else None
    return None if path is None or table is None else (_table(table, f"{path}: lint", path), path)


def _find(variables: Mapping[str, str], directory: Path) -> Path | None:
    if named := variables.get("TENUTO_SETTINGS"):
        path = Path(named)
        if not path.is_file():
            raise SettingsError(f"TENUTO_SETTINGS names {named}: no such file")
        return path
    for folder in (directory, *directory.parents):
        own = folder / "tenuto.toml"
        if own.is_file():
            return own
        project = folder / "pyproject.toml"
        # A text search first: most pyproject.toml files have nothing for us, and parsing them costs start-up time.
        if project.is_file() and "[tool.tenuto" in _text(project):
            return project
    return None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: not UTF-8 text") from None


def _from_file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    table = _read_table(path)
    table.pop("lint", None)  # the linter's own: it looks beside each file
    readers = {
        "db": _string,
        "home": _path,
        "output": lambda value, where, _: _format(_string(value, where, path), where),
        "activities": _activities,
        "workflows": _paths,
        "processes": _count,
        "config": _table,
    }
    values: dict[str, Any] = {}
    for name, value in table.items():
        if name not in readers:
            import difflib  # only on the way to an error

            near = difflib.get_close_matches(name, readers, 1)
            hint = f"; did you mean {near[0]}?" if near else f"; known are {', '.join(readers)}"
            raise SettingsError(f"{path}: unknown setting {name}{hint}")
        values[name] = readers[name](value, f"{path}: {name}", path)
    return values


def _read_table(path: Path) -> dict[str, Any]:
    """Everything that is ours in a settings file."""
    import tomllib  # only where there is a file to read

    try:
        table = tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: {error}") from None
    if path.name == "pyproject.toml":
        table = table.get("tool", {}).get("tenuto", {})
    return dict(table)


def _string(value: Any, where: str, _: Path) -> str:
    if not isinstance(value, str):
        raise SettingsError(f"{where}: a text is expected, found {value!r}")
    return value


def _path(value: Any, where: str, file: Path) -> Path:
    return (file.parent / Path(_string(value, where, file)).expanduser()).absolute()


def _strings(value: Any, where: str, file: Path) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [_string(item, where, file) for item in items]


def _paths(value: Any, where: str, file: Path) -> tuple[Path, ...]:
    return tuple(_path(item, where, file) for item in _strings(value, where, file))


def _activities(value: Any, where: str, file: Path) -> tuple[str, ...]:
    """Modules stay as they are, files become absolute."""
    found = _strings(value, where, file)
    return tuple(str(_path(item, where, file)) if item.endswith(".py") or "/" in item else item for item in found)


def _count(value: Any, where: str, _: Path) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise SettingsError(f"{where}: a whole number from 1 is expected, found {value!r}")
    return value


def _table(value: Any, where: str, _: Path) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SettingsError(f"{where}: a table of names and values is expected, found {value!r}")
    return value


def _format(value: str, where: str) -> str:
    if value not in FORMATS:
        raise SettingsError(f"{where}: one of {', '.join(FORMATS)} is expected, found {value!r}")
    return value
