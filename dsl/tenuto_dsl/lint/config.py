"""Which rules count for which file, and how much: `[tool.tenuto.lint]` of pyproject.toml, `[lint]` of tenuto.toml.

    select = ["DEFAULT", "TEN403"]       # instead of the default; a code, the beginning of codes, DEFAULT or ALL
    ignore = ["TEN402"]
    severity = { TEN401 = "error" }
    per-file-ignores = { "legacy/**" = ["TEN4"] }

Only rules can be chosen so, and warnings of the checker ignored: an error of the language stays one. Where the table
stands is somebody else's knowledge; patterns of files are matched against paths relative to `folder`.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from tenuto_dsl.diagnostics import CODES, Severity, nearest
from tenuto_dsl.lint.rules import all_rules

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
CHECKER_WARNINGS = frozenset(
    {
        "TEN142",
        "TEN190",
        "TEN215",
        "TEN231",
        "TEN260",
        "TEN266",
        "TEN267",
        "TEN292",
        "TEN293",
        "TEN310",
        "TEN326",
        "TEN327",
    }
)
"""Codes outside of the rules that are not always errors."""

_KEYS = ("select", "ignore", "severity", "per-file-ignores")


class LintConfigError(Exception):
    """A configuration that cannot be used; the message says where and why."""


@dataclass(frozen=True, slots=True)
class LintConfig:
    """Codes are whole here; `select` None is the default selection."""

    select: frozenset[str] | None = None
    ignore: frozenset[str] = frozenset()
    severity: Mapping[str, Severity] = field(default_factory=dict)
    per_file: tuple[tuple[str, frozenset[str]], ...] = ()
    folder: str = "."

    def with_options(self, select: Iterable[str], ignore: Iterable[str]) -> LintConfig:
        """What a command line adds: its selection replaces this one, what it ignores is added."""
        chosen = list(select)
        return replace(
            self,
            select=codes_of(chosen, "--select") if chosen else self.select,
            ignore=self.ignore | codes_of(ignore, "--ignore", may_be_warning=True),
        )

    def ignored_in(self, file: str) -> frozenset[str]:
        """The codes that do not count in a file."""
        if not self.per_file:
            return self.ignore
        name = posixpath.relpath(file, self.folder)
        return self.ignore.union(*(codes for pattern, codes in self.per_file if _matches(name, pattern)))

    def is_selected(self, code: str) -> bool:
        """Whether a rule is part of the selection."""
        return all_rules()[code].default if self.select is None else code in self.select


DEFAULT = LintConfig()


def _matches(name: str, pattern: str) -> bool:
    """A pattern without a slash is about the file's name, one with a slash about its path; `**` spans folders."""
    subject = name if "/" in pattern else posixpath.basename(name)
    return fnmatchcase(subject, pattern) or fnmatchcase(name, f"{pattern.rstrip('/')}/*")


def config_from(table: Mapping[str, Any], where: str, folder: str) -> LintConfig:
    """The configuration in a table; `where` is what messages call it. Raises `LintConfigError`."""
    for key in table:
        if key not in _KEYS:
            near = nearest(str(key), _KEYS)
            hint = f"did you mean {near}?" if near else f"known are {', '.join(_KEYS)}"
            raise LintConfigError(f"{where}: unknown setting {key}; {hint}")
    select = table.get("select")
    per_file = _table(table.get("per-file-ignores", {}), f"{where}: per-file-ignores")
    return LintConfig(
        None if select is None else codes_of(_strings(select, f"{where}: select"), f"{where}: select"),
        codes_of(_strings(table.get("ignore", []), f"{where}: ignore"), f"{where}: ignore", may_be_warning=True),
        _severities(_table(table.get("severity", {}), f"{where}: severity"), f"{where}: severity"),
        tuple(
            (pattern, codes_of(_strings(codes, at := f"{where}: {pattern}"), at, may_be_warning=True))
            for pattern, codes in per_file.items()
        ),
        folder,
    )


def codes_of(words: Iterable[str], where: str, *, may_be_warning: bool = False) -> frozenset[str]:
    """The codes that words such as TEN401, TEN4, ALL and DEFAULT stand for. Raises `LintConfigError`."""
    rules = all_rules()
    known = {*rules, *CHECKER_WARNINGS} if may_be_warning else set(rules)
    found: set[str] = set()
    for word in words:
        if word == "ALL":
            found |= known
        elif word == "DEFAULT":
            found |= {code for code, rule in rules.items() if rule.default}
        else:
            fitting = {code for code in known if code.startswith(word)} if word.startswith("TEN") else set()
            if not fitting:
                raise LintConfigError(f"{where}: {why_not(word, known)}")
            found |= fitting
    return frozenset(found)


def why_not(word: str, known: Iterable[str]) -> str:
    """Why a word is not the code of anything that can be chosen."""
    if word in CODES:
        return f"{word} ({CODES[word]}) is an error of the language: only rules can be chosen"
    near = None if word.startswith("TEN") else nearest(word, known)  # of codes the nearest one means something else
    return f"{word} is no code of a rule; " + (f"did you mean {near}?" if near else "`tenuto explain` lists them")


def _severities(table: Mapping[str, Any], where: str) -> dict[str, Severity]:
    found: dict[str, Severity] = {}
    for word, level in table.items():
        if level not in SEVERITIES:
            raise LintConfigError(f"{where}: {word}: one of {', '.join(SEVERITIES)} is expected, found {level!r}")
        found.update(dict.fromkeys(codes_of([word], where, may_be_warning=True), level))
    return found


def _strings(value: Any, where: str) -> list[str]:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise LintConfigError(f"{where}: a list of codes is expected, found {value!r}")
    return items


def _table(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise LintConfigError(f"{where}: a table is expected, found {value!r}")
    return value
