"""The tables of the grammar, from a cache in the user's cache directory when they are there.

Outside of the package, because that may be read-only or shared. The file's name carries the versions of Lark and of
this layout and a hash of the grammar, so it is never stale; it is data (JSON), so a foreign file cannot run code. No
state of the cache is an error: what is missing, damaged or cannot be written is made anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import re
from functools import lru_cache
from pathlib import Path

from tenuto_grammars.tables import Tables, compile_tables, grammar_text

_LAYOUT = 1


@lru_cache(maxsize=1)
def load_tables() -> Tables:
    """The tables of the language, once for the process."""
    grammar = grammar_text()
    path = cache_file(grammar)
    if path is None:
        return compile_tables(grammar)
    tables = _read(path)
    if tables is None:
        tables = compile_tables(grammar)
        _write(path, tables.to_json())
    return tables


def cache_file(grammar: str) -> Path | None:
    """Where the tables of a grammar are kept; None when there is no place for them."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    try:
        directory = Path(base) if Path(base).is_absolute() else Path.home() / ".cache"
    except RuntimeError:  # a user without a home directory
        return None
    key = hashlib.sha256(grammar.encode()).hexdigest()[:16]
    return directory / "tenuto" / f"grammar-{_LAYOUT}-lark{_lark_version()}-{key}.json"


def _lark_version() -> str:
    """Read from Lark's source: importing it, or the metadata machinery, takes longer than loading the tables."""
    spec = importlib.util.find_spec("lark")
    if spec is None or spec.origin is None:
        return "0"
    try:
        found = re.search(r"^__version__.*?=\s*\"([^\"]+)\"", Path(spec.origin).read_text("utf-8"), re.MULTILINE)
    except OSError:
        return "0"
    return found[1] if found else "0"


def _read(path: Path) -> Tables | None:
    try:
        body, _, seal = path.read_text(encoding="utf-8").rpartition("\n")
        return Tables.from_json(body) if seal == _seal(body) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(path: Path, body: str) -> None:
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(f"{body}\n{_seal(body)}", encoding="utf-8")
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()


def _seal(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()
