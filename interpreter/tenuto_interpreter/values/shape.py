"""The error of a value that does not have its type's shape, and how values are shown in messages."""

from __future__ import annotations

from typing import Any

import orjson

SHOWN = 40


class ShapeError(ValueError):
    """`path` leads to the part (`order.items[2].sku`), `expected` is a type in the author's notation or a phrase, and
    `found` the value, shortened."""

    def __init__(self, path: str, expected: str, found: str) -> None:
        super().__init__(expected)
        self.path = path
        self.expected = expected
        self.found = found

    def within(self, step: str) -> ShapeError:
        """The same error, seen from the list or record that holds the value."""
        separator = "." if self.path and not self.path.startswith("[") else ""
        self.path = f"{step}{separator}{self.path}"
        return self

    def __str__(self) -> str:
        place = f"{self.path}: " if self.path else ""
        return f"{place}expected {self.expected}, found {self.found}"


def shown(value: Any) -> str:
    """A value for a message: JSON where it can be, and short."""
    if isinstance(value, str):
        value = value[: SHOWN + 1]
    elif isinstance(value, dict | list | tuple):
        count = len(value)
        if not count:
            return "{}" if isinstance(value, dict) else "[]"
        thing = ("field" if isinstance(value, dict) else "item") + ("" if count == 1 else "s")
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {count} {thing}"
    try:
        text = orjson.dumps(value).decode()
        if value is not None and text == "null":
            text = str(value)
    except TypeError:
        text = repr(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def nearest(name: str, candidates: list[str]) -> str | None:
    """The candidate a misspelt name was probably meant to be."""
    import difflib  # only on the way to an error

    found = difflib.get_close_matches(name, candidates, 1, 0.6)
    return found[0] if found else None
