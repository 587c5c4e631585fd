"""The events of a YAML source: by LibYAML's parser where it is there, by PyYAML's own where the two might differ.

LibYAML is eight times as fast, and its parser is iterative: what crashes at deep nesting is PyYAML's composer on top of
it, which is not used here. The two give equal events at equal places, but for a few signs. Sources that have those are
PyYAML's own to judge, and so is whatever LibYAML refuses, so that a file means the same with and without LibYAML. Only
of a large file, for which PyYAML would take seconds, LibYAML's word is final.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

LARGE = 100_000
"""Characters that PyYAML's own parser reads in less than half a second."""

_DOUBTFUL = re.compile("[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""Tabs, breaks that YAML 1.1 knows, byte order marks and what cannot be printed."""


def parsers(source: str) -> tuple[type[yaml.SafeLoader], ...]:
    """The parsers to ask for events, in this order: the next one when one refuses or is in doubt."""
    quick = getattr(yaml, "CSafeLoader", None)
    if quick is None:
        return (yaml.SafeLoader,)
    if len(source) > LARGE:
        return (quick,)
    return (yaml.SafeLoader,) if _DOUBTFUL.search(source) else (quick, yaml.SafeLoader)


def quickest() -> type[yaml.SafeLoader]:
    """LibYAML's parser where it is there."""
    return getattr(yaml, "CSafeLoader", None) or yaml.SafeLoader


def events(source: str, parser: type[yaml.SafeLoader]) -> Iterator[yaml.Event]:
    return iter(yaml.parse(source, Loader=parser))


def is_doubtful(event: yaml.ScalarEvent, collection: yaml.CollectionStartEvent) -> bool:
    """Whether the parsers may differ about a scalar in a collection: in brackets, when it is empty or has a `?`."""
    return bool(collection.flow_style) and not event.style and ("?" in event.value or not event.value)
