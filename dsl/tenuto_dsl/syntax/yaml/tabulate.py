"""The source of `table`, made of the models: what the loader needs of them, as data. Written by `dev.py models`.

Must not know the loader, or a key could not be added to both at once.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from typing import Any

from tenuto_dsl.syntax.yaml import models
from tenuto_dsl.syntax.yaml.known import NULL_IS_A_VALUE
from tenuto_dsl.syntax.yaml.models import Shape, Union, keys_of
from tenuto_dsl.syntax.yaml.models.base import Key

_HEAD = '''\
"""The shapes of the YAML form as the loader knows them. Made of `models` by `python3 dev.py models`: change those."""

# fmt: off

from tenuto_dsl.syntax.yaml.known import KnownShape, KnownUnion, Needed

'''
_WIDTH = 120


def table_text() -> str:
    """The module as the committed file has it: a constant for each model and each union."""
    found = {name: getattr(models, name) for name in models.__all__}
    shapes = {_constant(name): item for name, item in found.items() if isinstance(item, type) and _is_map(item)}
    unions = {name: item for name, item in found.items() if isinstance(item, Union)}
    parts = [f"{name} = {_shape(shape, 0)}\n" for name, shape in sorted(shapes.items())]
    parts += [f"{name} = {_union(union)}\n" for name, union in sorted(unions.items())]
    return _HEAD + "".join(parts)


def _is_map(item: type) -> bool:
    return issubclass(item, Shape) and item is not Shape


def _constant(name: str) -> str:
    """`HTTP_REQUEST` of `HttpRequest`, `STATE` of `StateShape`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.removesuffix("Shape")).upper()


def _shape(shape: type[Shape], indent: int) -> str:
    keys = keys_of(shape)
    readings = [f"{_text(name)}: {_text(key.reading.method)}" for name, key in keys.items()]
    needed = [f"{_text(name)}: {_needed(name, key)}" for name, key in keys.items() if key.is_required]
    parts = [_text(shape.words), _braced(readings, indent + 4)]
    parts += [_braced(needed, indent + 4)] if needed else []
    return _call("KnownShape", parts, indent)


def _needed(name: str, key: Key) -> str:
    parts = [_text(key.title or name)]
    parts += [f"hint={_text(key.hint)}"] if key.hint else []
    parts += ["may_be_empty=True"] if key.nullable or key.reading.method in NULL_IS_A_VALUE else []
    return f"Needed({', '.join(parts)})"


def _union(union: Union) -> str:
    shapes = "".join(f"        {_text(verb)}: {_shape(shape, 8)},\n" for verb, shape in union.shapes.items())
    parts = [_text(union.words), f"{{\n{shapes}    }}"]
    parts += [f"({', '.join(_text(verb) for verb in union.alone)})"] if union.alone else []
    return _call("KnownUnion", parts, 0)


def _call(name: str, parts: list[str], indent: int) -> str:
    """On one line where there is room, else one part on each."""
    short = f"{name}({', '.join(parts)})"
    if "\n" not in short and len(short) <= _WIDTH - indent - 20:
        return short
    pad = " " * indent
    return f"{name}(\n" + "".join(f"{pad}    {part},\n" for part in parts) + f"{pad})"


def _braced(entries: Iterable[str], indent: int) -> str:
    """The entries of a dict, as many on a line as there is room for."""
    lines = [""]
    for entry in entries:
        if len(lines[-1]) + len(entry) > _WIDTH - indent - 6:
            lines.append("")
        lines[-1] += f"{entry}, "
    if len(lines) == 1:
        return "{" + lines[0].removesuffix(", ") + "}"
    pad = " " * indent
    return "{\n" + "".join(f"{pad}    {line.rstrip()}\n" for line in lines) + f"{pad}}}"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    sys.stdout.write(table_text())
