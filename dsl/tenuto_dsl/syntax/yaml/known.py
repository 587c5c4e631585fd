"""What the loader knows of the YAML form: the keys of each shape, how their values are read, which must be there.

All of it is in `table`, which is made of the models. The loader reads the table, not the models, so that reading a file
does not wait for Pydantic: a tenth of a second. What else both need of the form and no model says stands here, too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import field

from tenuto_interpreter.frozen import frozen

VERSION = "1"
"""The version of the format."""
FINAL_ENDINGS = ("return", "fail", "continue_with")
PROPERTY_KINDS = ("never", "always", "eventually")
NULL_IS_A_VALUE = ("value", "nothing", "block", "args", "flag")
"""Readings to which an empty value says something."""
NULL_IS_A_MISTAKE = frozenset(
    {"expression", "name", "names", "place", "type", "integer", "on_close", "timeout", "options", "ending", "http",
     "rate", "undo", "retry", "flag", "target", "fields"}
)  # fmt: skip
"""Readings to which an empty value is a mistake, even where the key may be left out: a guard, a limit or a name that
somebody began to write would be lost without a word. Lists and maps that are empty say that nothing is in them."""


@frozen
class Needed:
    """What is said when a key is missing that must be there: `words` is missing; `hint` is the remedy."""

    words: str
    hint: str | None = None
    may_be_empty: bool = False
    """Whether an empty value says something, so that the key alone is enough."""


@frozen
class KnownShape:
    """A map with known keys. `words` is what messages call it."""

    words: str
    readings: Mapping[str, str]
    """How the value of each key is read; in the order of the model."""
    needed: Mapping[str, Needed] = field(default_factory=dict)


@frozen
class KnownUnion:
    """Maps of which each has exactly one verb, the key it is told by; by verb, in the order of messages."""

    words: str
    shapes: Mapping[str, KnownShape]
    alone: tuple[str, ...] = ()
    """Verbs that may stand for themselves, without a map."""


def is_long_form(given: Collection[str], names: Collection[str]) -> bool:
    """Whether a map is the long form of what could be a type alone, and not a type: the fields of a record.

    It has the first of the long form's keys, or no others than these.
    """
    return next(iter(names)) in given or (bool(given) and all(key in names for key in given))
