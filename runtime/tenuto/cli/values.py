"""JSON that people give on the command line: inputs, payloads, config values."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import orjson

from tenuto.cli.stop import did_you_mean, usage
from tenuto.cli.terminal import one_line

_LARGEST = 64 * 1024 * 1024


def read_object(text: str | None, what: str) -> dict[str, Any]:
    """The object of `JSON`, `@FILE` or `@-` (standard input); nothing is an empty object. Raises `Stop`."""
    if text is None:
        return {}
    value = read_json(text, what)
    if not isinstance(value, dict):
        raise usage(f'{what}: an object is expected, such as {{"name": …}}; found {one_line(str(value), 40)}')
    return value


def read_json(text: str, what: str) -> Any:
    """The value of `JSON`, `@FILE` or `@-`. Raises `Stop` with file, line and column of a mistake."""
    origin = what
    data = text.encode("utf-8", "surrogateescape")
    if text.startswith("@"):
        origin, data = _read_file(text[1:], what)
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        hint = "" if text.startswith("@") else 'quote JSON for the shell: \'{"name": "Ada"}\', or name a file: @FILE'
        raise usage(f"{origin}: not JSON: {error.msg} ({place})", hint) from None


def _read_file(name: str, what: str) -> tuple[str, bytes]:
    if name == "-":
        return "standard input", sys.stdin.buffer.read(_LARGEST)
    path = Path(name)
    try:
        return name, path.read_bytes()
    except FileNotFoundError:
        near = [item.name for item in path.parent.iterdir()] if path.parent.is_dir() else []
        hint = did_you_mean(path.name, near)
        raise usage(f"{what}: no such file: {name}", hint if hint.startswith("did") else "") from None
    except OSError as error:
        raise usage(f"{what}: {name}: {error.strerror}") from None


def read_config(pairs: list[str] | None, base: dict[str, Any]) -> dict[str, Any]:
    """`name=value` pairs over the settings file's. A value is read as its declared type where it is used."""
    values = dict(base)
    for pair in pairs or []:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise usage(f"--config takes name=value, found {one_line(pair, 60)}")
        values[name] = value
    return values
