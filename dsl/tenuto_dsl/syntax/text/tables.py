"""The parser's tables: made from the grammar once, kept in the user's cache directory.

Making them takes most of a second, loading them a few milliseconds. A cache that is missing, damaged, of another
version or not writable costs time and nothing else.
"""

from __future__ import annotations

import functools
import hashlib
import os
import sys
import tempfile
from pathlib import Path

import lark
from tenuto_grammars import START_SYMBOLS, workflow_grammar


@functools.cache
def parser() -> lark.Lark:
    """The parser for all start symbols."""
    grammar = workflow_grammar()
    path = _cache_file(grammar)
    if path is not None:
        try:
            with path.open("rb") as file:
                return lark.Lark.load(file)
        except Exception:  # noqa: BLE001, S110  # whatever is wrong with a cache, the grammar is right
            pass
    made = make(grammar)
    if path is not None:
        _save(made, path)
    return made


def make(grammar: str, *, strict: bool = False) -> lark.Lark:
    """Compile a grammar. `strict` refuses conflicts and colliding terminals (it needs `interegular`)."""
    return lark.Lark(
        grammar,
        parser="lalr",
        lexer="contextual",
        start=list(START_SYMBOLS),
        propagate_positions=True,
        maybe_placeholders=True,
        strict=strict,
    )


def _cache_file(grammar: str) -> Path | None:
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        folder = (Path(base) if base and Path(base).is_absolute() else Path.home() / ".cache") / "tenuto"
    except RuntimeError:  # no home directory
        return None
    key = f"{lark.__version__} {sys.version_info[:2]} {grammar}"
    return folder / f"grammar-{hashlib.sha256(key.encode()).hexdigest()[:16]}.bin"


def _save(made: lark.Lark, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)
    except OSError:
        return
    try:
        with os.fdopen(handle, "wb") as file:
            made.save(file)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
