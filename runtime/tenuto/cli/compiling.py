"""Workflow files for commands that run or store them: found, compiled, and refused with their diagnostics."""

from __future__ import annotations

import gc
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tenuto.cli.stop import Exit, Stop, did_you_mean, usage
from tenuto.cli.terminal import coloured

if TYPE_CHECKING:
    from tenuto_dsl import Compiled, Diagnostic

SUFFIXES = (".tenuto", ".yaml", ".yml")
STDIN = Path("-")
_SKIPPED = {"node_modules", "__pycache__"}
_HEAD = 16_384
_MARKER = re.compile(rb"""^(?:\{\s*)?["']?tenuto["']?[ \t]*:""", re.MULTILINE)
_TOP = re.compile(rb"""^["']?([A-Za-z_][\w-]*)["']?[ \t]*:""", re.MULTILINE)
_OF_OURS = re.compile(
    rb"(?:^ +(?:- )?|[{,] *)(?:states|do|transitions|call|python|http|sql|params|input|output|signals|effect):",
    re.MULTILINE,
)
"""What stands in a workflow or an activity of ours, and not in what other programs call `workflows`."""
_MANY = 1_000
"""More diagnostics than that nobody reads in a terminal."""


def collect_seldom() -> None:
    """For a command that reads files and is gone in a moment: trees hold no cycles to collect."""
    gc.set_threshold(200_000, 20, 20)


def refuse_options(files: Iterable[Path], command: str) -> None:
    """For commands that take a lone dash as a file: other words with one come as far as that, too."""
    odd = next((file for file in files if str(file).startswith("-") and file != STDIN), None)
    if odd is not None:
        from tenuto_dsl.diagnostics import nearest

        from tenuto.cli.app import app

        word = str(odd).partition("=")[0]
        known = {name for argument in app[command].assemble_argument_collection() for name in argument.names}
        near = nearest(word[2:], [name[2:] for name in known if name.startswith("--")])
        hint = f"did you mean --{near}?" if near is not None else f"a file of that name is given as ./{odd}"
        raise usage(f"unknown option: {word}", hint)


def find_files(paths: Iterable[Path]) -> list[Path]:
    """Files as given; of directories, the workflow files below. Raises `Stop` when one does not exist."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            for file in _below(path):
                found[file] = None
        elif path.exists():
            found[path] = None
        else:
            raise usage(f"{path}: no such file or directory", _neighbours(path))
    return list(found)


def _below(directory: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(directory):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED)
        for name in sorted(files):
            path = Path(folder, name)
            if path.suffix == ".tenuto" or (path.suffix in SUFFIXES and _is_ours(path)):
                yield path


def _is_ours(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return is_ours(file.read(_HEAD))
    except OSError:
        return False


def is_ours(content: bytes) -> bool:
    """Whether a YAML file that nobody named is a workflow file: by its first lines.

    It has the marker, or plainly lacks it: nothing but our keys, workflows or activities among them, and in these what
    nobody else writes. Such a file is refused when it is read; to pass it over would check nothing without a word.
    """
    head = content[:_HEAD].removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    if _MARKER.search(head) is not None:
        return True
    top = set(_TOP.findall(head))
    if not top & {b"workflows", b"activities"}:
        return False
    from tenuto_dsl.syntax.yaml.table import WORKFLOW_FILE

    return top <= {key.encode() for key in WORKFLOW_FILE.readings} and _OF_OURS.search(head) is not None


def _neighbours(path: Path) -> str:
    try:
        names = [item.name for item in path.parent.iterdir() if item.suffix in SUFFIXES]
    except OSError:
        return ""
    return did_you_mean(path.name, names) if names else ""


def compile_all(files: Sequence[Path]) -> dict[Path, list[Compiled]]:
    """The programs of each file. With errors, they are shown on stderr and the command stops; warnings are shown."""
    from tenuto_dsl import Diagnostics, compile_file

    sink = Diagnostics()
    compiled = {file: compile_file(file, sink) for file in files}
    if len(sink):
        print(render(sink.items, "text", colour=coloured(sys.stderr)), file=sys.stderr)  # noqa: T201
    errors = sum(item.severity == "error" for item in sink.items)
    if errors:
        raise Stop(Exit.LINT_ERRORS, f"{errors} error{'s' if errors > 1 else ''}; nothing was started or stored")
    _demand_one_of_each(compiled)
    return compiled


def _demand_one_of_each(compiled: Mapping[Path, list[Compiled]]) -> None:
    """Raise `Stop` when two files declare a workflow differently: one of them would win in silence.

    The same workflow twice is no harm: as text and as YAML, say.
    """
    known: dict[str, tuple[Path, str]] = {}
    for file, items in compiled.items():
        for item in items:
            name, digest = item.program.name, item.program.digest()
            first, other = known.setdefault(name, (file, digest))
            if other != digest:
                raise Stop(
                    Exit.LINT_ERRORS,
                    f"{first} and {file} declare workflow {name} differently; nothing was started or stored",
                    "keep one of them, or give one another name",
                )


def render(
    items: Sequence[Diagnostic], form: str, *, colour: bool = False, known: Mapping[str, str] | None = None
) -> str:
    """Diagnostics in the form asked for. `known` are texts by file name that are not to be read from disk."""
    from tenuto_dsl.diagnostics.render import RENDERERS, render_text

    if form != "text":
        return RENDERERS[form](items, {})
    shown = items[:_MANY]
    text = render_text(shown, {**_sources(shown), **(known or {})}, colour=colour)
    return text if len(items) <= _MANY else f"{text}\n… and {len(items) - _MANY:,} more; --format json has them all"


def _sources(items: Sequence[Diagnostic]) -> Mapping[str, str]:
    """The texts that excerpts are taken from; a file that cannot be read, or is too large, has none."""
    from tenuto_dsl.syntax import MAX_BYTES

    sources = {}
    for name in {item.span.file for item in items}:
        try:
            if Path(name).stat().st_size > MAX_BYTES:
                continue
            sources[name] = Path(name).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError, ValueError):
            continue
    return sources


def pick(compiled: Sequence[Compiled], workflow: str | None, file: Path) -> Compiled:
    """The workflow to run: the one named, or the only one that no other of the file calls."""
    names = [item.program.name for item in compiled]
    if workflow is not None:
        for item in compiled:
            if item.program.name == workflow:
                return item
        raise usage(f"{file} has no workflow {workflow}", did_you_mean(workflow, names))
    if not compiled:
        raise usage(f"{file} has no workflow in it")
    calls = [call for item in compiled for call in item.program.calls]
    called = {call.workflow for call in calls} | {call.undo.workflow for call in calls if call.undo is not None}
    roots = [item for item in compiled if item.program.name not in called]
    if len(roots) == 1:
        return roots[0]
    raise usage(f"{file} has several workflows: {', '.join(names)}", "choose one with --workflow NAME")
