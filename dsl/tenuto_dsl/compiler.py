"""The front door: from the text of a file to programs.

    compiled = compile_source(name, source, sink)

Parse, follow imports, check, lower. Whatever is wrong with the source is a diagnostic in the collector; a workflow is
lowered only when no error was found in the file or in those it imports. Nothing is raised for bad input.
"""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import Literal

from tenuto_interpreter.frozen import frozen
from tenuto_interpreter.ir import Program

from tenuto_dsl.check.doubt import is_whole, without_doubtful
from tenuto_dsl.check.files import CheckedFile, check_files
from tenuto_dsl.check.trace import Trace
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.imports import Imports, Reader, read
from tenuto_dsl.lower import SourceMap, lower_workflow
from tenuto_dsl.syntax import parse_file, tree


@frozen
class Compiled:
    """A program with what people need beside it: where its parts come from, and the text it was made from."""

    program: Program
    source_map: SourceMap
    source: str
    form: Literal["text", "yaml"]


@frozen
class Checked:
    """A file that was parsed and checked, whatever was found; `imported` maps the paths of imports to their texts.
    `whole`: nothing was left out of the tree, or of those of the imports, because it could not be read."""

    file: tree.File
    facts: CheckedFile
    imported: dict[str, str]
    imported_files: tuple[tree.File, ...] = ()
    whole: bool = True


def read_from_disk(path: str) -> bytes:
    """What a file on disk holds. Raises OSError when it cannot be read."""
    return Path(path).read_bytes()


def check_source(
    name: str, source: str, sink: Diagnostics, reader: Reader = read_from_disk, *, trace: Trace | None = None
) -> Checked:
    """Parse and check a file: what a linter or an editor wants. A trace is told about every expression."""
    read_with, found = Diagnostics(), Diagnostics()
    file = parse_file(name, source, read_with)
    imports = Imports(reader, posixpath.normpath(posixpath.dirname(name) or "."), read_with)
    imports.follow(file, name)
    facts = check_files(file, imports.files, found, trace)
    for item in read_with.items:
        sink.add(item)
    whole = is_whole(read_with)
    if whole:
        said = {item.span for item in read_with.items if item.code == "TEN106"}
        for item in found.items:
            if item.code != "TEN256" or item.span not in said:  # 2^63 is a literal only behind a minus
                sink.add(item)
    else:
        without_doubtful(read_with, found, sink)
    return Checked(file, facts, imports.sources, tuple(imports.files), whole)


def sound_source(name: str, source: str, sink: Diagnostics, reader: Reader = read_from_disk) -> Checked | None:
    """`check_source` for who goes on with the file: None when it has errors of its own."""
    own = Diagnostics()
    checked = check_source(name, source, own, reader)
    for item in own.items:
        sink.add(item)
    return None if own.has_errors else checked


def compile_source(name: str, source: str, sink: Diagnostics, reader: Reader = read_from_disk) -> list[Compiled]:
    """The programs of a file's workflows, in their order; none when there is an error.

    `name` is the path that diagnostics show and imports are relative to; its suffix tells the form.
    """
    checked = sound_source(name, source, sink, reader)
    if checked is None:
        return []
    compiled = []
    for workflow in checked.facts.workflows:
        program, source_map = lower_workflow(workflow, checked.facts.facts, checked.facts.declarations)
        compiled.append(Compiled(program, source_map, source, checked.file.form))
    return compiled


def compile_file(path: str | Path, sink: Diagnostics, reader: Reader = read_from_disk) -> list[Compiled]:
    """`compile_source` for a file; one that cannot be read is a diagnostic, too."""
    name = Path(path).as_posix()
    source = read(name, reader, tree.Span(name, 1, 1, 1, 1), sink, "TEN131")
    return [] if source is None else compile_source(name, source, sink, reader)


__all__ = ["Checked", "Compiled", "check_source", "compile_file", "compile_source", "read_from_disk", "sound_source"]
