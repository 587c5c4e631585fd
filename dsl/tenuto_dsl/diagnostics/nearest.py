"""Did you mean: the candidate a mistyped name was most likely meant to be."""

from __future__ import annotations

from collections.abc import Iterable

_MAX_LENGTH = 64


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The closest candidate, or None when none is close. Case and a swapped or missing letter are forgiven."""
    if not name or len(name) > _MAX_LENGTH:
        return None
    known = sorted({c for c in candidates if c != name and len(c) <= _MAX_LENGTH})
    folded = {c.casefold().replace("_", ""): c for c in reversed(known)}
    exact = folded.get(name.casefold().replace("_", ""))
    if exact is not None:
        return exact
    import difflib  # only on the way to an error

    cutoff = 0.65 if len(name) <= 2 or len(name) > 4 else 0.5
    matches = difflib.get_close_matches(name.casefold(), [c.casefold() for c in known], n=1, cutoff=cutoff)
    return next((c for c in known if c.casefold() == matches[0]), None) if matches else None
