"""Every rule, one to a module. A module that is put here is found; nothing else has to be edited but the list of codes.

They are loaded together, once, when something is linted: they are small, and their documentation is only text.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from tenuto_dsl.lint.rule import Rule


@cache
def all_rules() -> dict[str, Rule]:
    """The rules by code, in the order of their codes."""
    found = [rule for rule, _ in _loaded()]
    return {rule.code: rule for rule in sorted(found, key=lambda rule: rule.code)}


@cache
def documentation() -> dict[str, str]:
    """The docstring of each rule's module, by code."""
    return {rule.code: text for rule, text in _loaded()}


@cache
def _loaded() -> list[tuple[Rule, str]]:
    loaded = []
    for info in iter_modules(__path__):
        module = import_module(f"{__name__}.{info.name}")
        [rule] = [value for value in vars(module).values() if isinstance(value, Rule)]
        loaded.append((rule, module.__doc__ or ""))
    return loaded
