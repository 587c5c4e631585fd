"""Did you mean: the candidate a mistyped name was most likely meant to be."""

from __future__ import annotations

from collections.abc import Iterable

_MAX_LENGTH = 64
_PART = 3
"""A name that is cut short, or has something before it, has at least so many letters of what is meant."""


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The closest candidate, or None when none is close. Case and a swapped or missing letter are forgiven.

    A guess that is far from what was written leads astray: of three letters one may be wrong, or the name is the
    beginning or the end of what is meant, or the other way round.
    """
    if not name or len(name) > _MAX_LENGTH:
        return None
    known = sorted({c for c in candidates if c != name and len(c) <= _MAX_LENGTH})
    folded = {c.casefold().replace("_", ""): c for c in reversed(known)}
    exact = folded.get(name.casefold().replace("_", ""))
    if exact is not None:
        return exact
    import difflib  # only on the way to an error

    cutoff = 0.65 if len(name) <= 2 or len(name) > 4 else 0.5
    cased = {c.casefold(): c for c in reversed(known)}
    matches = difflib.get_close_matches(name.casefold(), cased, n=3, cutoff=cutoff)
    return next((cased[match] for match in matches if _is_near(name.casefold(), match)), None)


def _is_near(name: str, meant: str) -> bool:
    short, long = sorted((name, meant), key=len)
    if len(short) >= _PART and (long.startswith(short) or long.endswith(short)):
        return True
    return _edits(name, meant) <= max(1, len(long) // 3)


def _edits(one: str, other: str) -> int:
    """How many letters are to be put in, left out, changed or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, sign in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            least = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (sign != wanted))
            if i > 1 and j > 1 and sign == other[j - 2] and one[i - 2] == wanted:
                least = min(least, last[j - 2] + 1)
            row.append(least)
    return row[-1]
