"""`tenuto lint`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from tenuto.cli.compiling import STDIN, collect_seldom, find_files, refuse_options, render
from tenuto.cli.stop import Exit, usage
from tenuto.cli.terminal import coloured, inert, tell, write

if TYPE_CHECKING:
    from tenuto_dsl import Diagnostic
    from tenuto_dsl.lint import LintConfig

Form = Literal["text", "json", "github", "sarif"]
Level = Literal["error", "warning", "info", "never"]

_STDIN_NAME = Path("stdin.tenuto")
_LEVELS = ("error", "warning", "info", "never")


def lint(
    files: Annotated[
        list[Path] | None, Parameter(negative="", name="FILE", show_default=False, allow_leading_hyphen=True)
    ] = None,
    /,
    *,
    select: Annotated[list[str] | None, Parameter(negative="", show_default=False)] = None,
    ignore: Annotated[list[str] | None, Parameter(negative="", show_default=False)] = None,
    fix: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    diff: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    statistics: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    fail_on: Level = "error",
    format: Form = "text",
    against: Annotated[str | None, Parameter(show_default=False)] = None,
    stdin_name: Annotated[Path | None, Parameter(name="--stdin-name", show_default=False)] = None,
) -> int:
    """Check workflow files.

    Exit code 3 when there are errors, 0 otherwise, warnings or not; `--fail-on` says from which severity on.

    Parameters
    ----------
    files
        Workflow files (.tenuto, .yaml, .yml), directories to look through, or - for stdin; without any, this directory.
    select
        Ask only these rules: codes, beginnings of codes, ALL or DEFAULT, with commas between; may be given again.
    ignore
        Leave these rules out; may be given again.
    fix
        Apply the fixes that are certain, and check again until nothing more can be fixed.
    diff
        Show what --fix would change, and change nothing.
    statistics
        Count the findings by code instead of showing them.
    fail_on
        The least severity that makes the exit code 3: error, warning, info or never.
    format
        text (with excerpts), json (a list of objects), github (workflow commands) or sarif (2.1.0).
    against
        An older version (a file, a folder or a revision of git): say what keeps its runs from going on in this one.
    stdin_name
        The file that stdin stands for: its name tells the form, its folder has imports and settings.
    """
    refuse_options(files or [], "lint")
    from_stdin = STDIN in (files or [])
    if stdin_name is not None and not from_stdin:
        raise usage("--stdin-name is for stdin", "give - instead of files")
    if from_stdin and against is not None:
        raise usage("--against compares files", "give files or folders instead of -")
    if from_stdin and (len(files or []) > 1 or fix or diff):
        raise usage("- stands for stdin, which goes with no other files, and is not fixed: --fix is for files")
    collect_seldom()
    found = [stdin_name or _STDIN_NAME] if from_stdin else find_files(files or [Path()])
    configs = _Configs(_words(select), _words(ignore))
    items: list[Diagnostic] = []
    fixed = 0
    known: dict[str, str] = {}
    for file in found:
        one = (
            _given(file, configs.of(file), known)
            if from_stdin
            else _one(file, configs.of(file), fix=fix or diff, write_back=fix and not diff)
        )
        items += one.items
        fixed += one.fixed
    if against is not None:
        from tenuto.cli.against import compare

        broken = {Path(item.span.file) for item in items if item.severity == "error"}
        items += compare([file for file in found if file not in broken], against, files or [Path()])
    items.sort(key=lambda item: (item.span.file, item.span.line, item.span.col))
    items = list(dict.fromkeys(items))  # a file that several import is checked with each of them
    if statistics:
        _show_statistics(items)
    elif not diff and (items or format in ("json", "sarif")):
        write(render(items, format, colour=coloured(sys.stdout), known=known))
    counts = [sum(item.severity == level for item in items) for level in _LEVELS[:3]]
    if format == "text":
        _sum_up(len(found), counts, fixed, diff=diff)
    return int(Exit.LINT_ERRORS if sum(counts[: _LEVELS.index(fail_on) + 1]) and fail_on != "never" else Exit.OK)


@dataclass(frozen=True, slots=True)
class _Linted:
    items: list[Diagnostic]
    fixed: int = 0


class _Configs:
    """The configuration of each file: of the settings nearest to it, with what the command line says."""

    def __init__(self, select: Sequence[str], ignore: Sequence[str]) -> None:
        self.select = select
        self.ignore = ignore
        self.known: dict[Path, LintConfig] = {}

    def of(self, file: Path) -> LintConfig:
        folder = file.parent
        if folder not in self.known:
            self.known[folder] = self._read(folder)
        return self.known[folder]

    def _read(self, folder: Path) -> LintConfig:
        from tenuto_dsl.lint import DEFAULT, LintConfigError
        from tenuto_dsl.lint.config import config_from

        from tenuto.settings import lint_table

        try:
            named = lint_table(folder.absolute())
            config = DEFAULT
            if named is not None:
                table, path = named
                config = config_from(table, f"{path}: lint", _beside(path.parent))
            return config.with_options(self.select, self.ignore)
        except LintConfigError as error:
            raise usage(str(error)) from None


def _beside(folder: Path) -> str:
    """A folder as paths of files are written: from the working directory when they are below it."""
    here = Path.cwd()
    try:
        return folder.absolute().relative_to(here).as_posix()
    except ValueError:
        import os.path

        return os.path.relpath(folder, here).replace("\\", "/")


def _words(given: Sequence[str] | None) -> list[str]:
    return [word for item in given or () for word in item.replace(",", " ").split()]


def _one(file: Path, config: LintConfig, *, fix: bool, write_back: bool) -> _Linted:
    from tenuto_dsl import Diagnostics
    from tenuto_dsl.compiler import read_from_disk
    from tenuto_dsl.imports import read
    from tenuto_dsl.lint import lint_source
    from tenuto_dsl.syntax.tree import Span

    sink = Diagnostics()
    name = file.as_posix()
    source = read(name, read_from_disk, Span(name, 1, 1, 1, 1), sink, "TEN131")
    if source is None:
        return _Linted(sink.items)
    if not fix:
        lint_source(name, source, sink, config)
        return _Linted(sink.items)
    from tenuto_dsl.lint.fixes import fix_source

    result = fix_source(name, source, config)
    if result.refused:
        tell(f"{name}: a fix would have made the file worse, and was left out; please report this")
    if result.source != source:
        if write_back:
            from tenuto.cli.rewriting import rewrite

            rewrite(file, result.source)
        else:
            _show_diff(name, source, result.source)
    return _Linted(result.left, result.applied)


def _given(name: Path, config: LintConfig, known: dict[str, str]) -> _Linted:
    """What stdin holds, in place of the file of that name; `known` gets its text."""
    from tenuto_dsl import Diagnostics
    from tenuto_dsl.lint import lint_source
    from tenuto_dsl.syntax import decode_source

    sink = Diagnostics()
    source = decode_source(sys.stdin.buffer.read(), name.as_posix(), sink)
    if source is not None:
        known[name.as_posix()] = source
        lint_source(name.as_posix(), source, sink, config)
    return _Linted(sink.items)


def _show_diff(name: str, before: str, after: str) -> None:
    from difflib import unified_diff

    lines = unified_diff(before.splitlines(), after.splitlines(), name, f"{name} (fixed)", lineterm="")
    write("\n".join(inert(line) for line in lines))


def _show_statistics(items: Sequence[Diagnostic]) -> None:
    from collections import Counter

    from tenuto_dsl.diagnostics import CODES

    counts = Counter(item.code for item in items)
    fixable = {item.code for item in items if item.fix is not None}
    for code, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        write(f"{count:>6}  {code}  {CODES[code]}{'  (fixable)' if code in fixable else ''}")


def _sum_up(files: int, counts: Sequence[int], fixed: int, *, diff: bool) -> None:
    errors, warnings, infos = counts
    text = f"{_count(files, 'file')}: {_count(errors, 'error')}, {_count(warnings, 'warning')}"
    if infos:
        text += f", {_count(infos, 'note')}"
    if fixed:
        text += f"; {fixed} {'can be fixed' if diff else 'fixed'}"
    tell(text)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
