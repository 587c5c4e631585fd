"""`tenuto fmt` and `tenuto convert`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from tenuto.cli.compiling import STDIN, collect_seldom, find_files, refuse_options, render
from tenuto.cli.stop import Exit, usage
from tenuto.cli.terminal import coloured, inert, tell, write

if TYPE_CHECKING:
    from tenuto_dsl import Diagnostics

Form = Literal["text", "yaml"]


def fmt(
    files: Annotated[list[Path], Parameter(negative="", name="FILE", allow_leading_hyphen=True)],
    /,
    *,
    check: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    diff: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    form: Annotated[Form | None, Parameter(show_default=False)] = None,
    stdin_name: Annotated[Path | None, Parameter(name="--stdin-name", show_default=False)] = None,
) -> int:
    """Lay workflow files out in the one canonical way.

    Meaning and comments stay as they are. A file with syntax errors is left alone: exit code 3.

    Parameters
    ----------
    files
        Workflow files (.tenuto, .yaml, .yml), directories to look through, or - for stdin to stdout.
    check
        Change nothing; exit code 3 when a file is not as it would be written.
    diff
        Show what would change, and change nothing.
    form
        text or yaml: what stdin holds; without it, what --stdin-name says, else text.
    stdin_name
        The file that stdin stands for: its name tells the form, and stands in what is said.
    """
    from tenuto_dsl import Diagnostics

    collect_seldom()
    sink = Diagnostics()
    refuse_options(files, "fmt")
    if STDIN in files:
        if len(files) > 1:
            raise usage("- stands for stdin, and cannot be formatted together with files")
        told = _form_of_name(stdin_name) if stdin_name is not None and form is None else form
        name = "-" if stdin_name is None else stdin_name.as_posix()
        return _stdin(name, told or "text", sink, check=check, diff=diff)
    if stdin_name is not None:
        raise usage("--stdin-name is for stdin", "give - instead of files")
    if form is not None:
        raise usage("--form is for stdin: the form of a file follows from its name", "leave --form out")
    found = find_files(files)
    changed = [file for file in found if _one(file, sink, check=check, diff=diff)]
    _show(sink)
    verb = "would be reformatted" if check or diff else "reformatted"
    kept = len(found) - len(changed)
    tell(f"{_count(len(changed))} {verb}, {_count(kept)} left as {'it is' if kept == 1 else 'they are'}")
    return int(Exit.LINT_ERRORS if sink.has_errors or (check and changed) else Exit.OK)


def _one(file: Path, sink: Diagnostics, *, check: bool, diff: bool) -> bool:
    """Format one file; whether it is, or would be, changed."""
    from tenuto_dsl.format.formatter import format_source
    from tenuto_dsl.syntax import form_of
    from tenuto_dsl.syntax.tree import Span

    name = file.as_posix()
    source = _source(file, name, sink)
    if source is None:
        return False
    form = form_of(name)
    if form is None:
        sink.error("TEN130", Span(name, 1, 1, 1, 1), "neither a .tenuto nor a .yaml file", "rename it, or convert it")
        return False
    written = format_source(source, name, "text" if form == "text" else "yaml", sink)
    if written is None or written == source:
        return False
    if diff:
        show_diff(name, source, written)
    elif check:
        write(f"{inert(name)} would be reformatted")
    else:
        from tenuto.cli.rewriting import rewrite

        rewrite(file, written)
    return True


def _stdin(name: str, form: Form, sink: Diagnostics, *, check: bool, diff: bool) -> int:
    from tenuto_dsl.format.formatter import format_source

    source = _source(STDIN, name, sink)
    written = None if source is None else format_source(source, name, form, sink)
    if source is None or written is None:
        _show(sink, {} if source is None else {name: source})
        return int(Exit.LINT_ERRORS)
    if diff:
        show_diff(name, source, written)
    elif not check:
        sys.stdout.write(written)
    return int(Exit.LINT_ERRORS if check and written != source else Exit.OK)


def convert(
    file: Annotated[Path, Parameter(name="FILE", allow_leading_hyphen=True)],
    /,
    *,
    to: Annotated[Form | None, Parameter(show_default=False)] = None,
    out: Annotated[Path | None, Parameter(name=["--out", "-o"], allow_leading_hyphen=True, show_default=False)] = None,
    schema: Annotated[str | None, Parameter(show_default=False)] = None,
) -> int:
    """Write a workflow file in the other form, with its comments.

    Nothing is lost either way, and both forms compile to the same program. With mistakes in the file: exit code 3.

    Parameters
    ----------
    file
        A workflow file (.tenuto, .yaml, .yml), or - for stdin, with --to.
    to
        text or yaml; without it, the form that the file is not in.
    out
        Where to write; without it or with -, stdout.
    schema
        Address of a JSON schema, to be named in the first line of a YAML file for editors.
    """
    from tenuto_dsl import Diagnostics
    from tenuto_dsl.format.converter import convert_source
    from tenuto_dsl.syntax import form_of

    collect_seldom()
    refuse_options([file, *([out] if out is not None else [])], "convert")
    sink = Diagnostics()
    name = file.as_posix()
    if file == STDIN:
        if to is None:
            raise usage("stdin has no name to tell its form by", "say --to yaml or --to text")
        form: Form = "text" if to == "yaml" else "yaml"
    else:
        form = _form(file)
    target: Form = to or ("yaml" if form == "text" else "text")
    source = _source(file, name, sink)
    written = None if source is None else convert_source(source, name, form, target, sink, schema)
    _show(sink, {} if source is None else {name: source})
    if written is None:
        return int(Exit.LINT_ERRORS)
    if out is None or out == STDIN:
        sys.stdout.write(written)
        return int(Exit.OK)
    if form_of(out.name) not in (None, target):
        raise usage(f"{out} is the name of a file of the other form", f"--to {target} writes {target}")
    if out.exists() and file != STDIN and out.samefile(file):
        raise usage(f"{out} is the file that is converted", "name another with -o")
    from tenuto.cli.rewriting import write_new

    write_new(out, written)
    return int(Exit.OK)


def _form(file: Path) -> Form:
    if file.is_dir():
        raise usage(f"{file} is a directory", "convert one file at a time")
    [found] = find_files([file])
    return _form_of_name(found)


def _form_of_name(file: Path) -> Form:
    from tenuto_dsl.syntax import form_of

    match form_of(file.name):
        case "text":
            return "text"
        case "yaml":
            return "yaml"
    raise usage(f"{file} is neither a .tenuto nor a .yaml file")


def _source(file: Path, name: str, sink: Diagnostics) -> str | None:
    from tenuto_dsl.compiler import read_from_disk
    from tenuto_dsl.imports import read
    from tenuto_dsl.syntax import decode_source
    from tenuto_dsl.syntax.tree import Span

    if file == STDIN:
        return decode_source(sys.stdin.buffer.read(), name, sink)
    return read(name, read_from_disk, Span(name, 1, 1, 1, 1), sink, "TEN131")


def show_diff(name: str, before: str, after: str) -> None:
    from difflib import unified_diff

    lines = unified_diff(before.splitlines(), after.splitlines(), name, f"{name} (formatted)", lineterm="")
    text = "\n".join(inert(line) for line in lines)
    if text:
        write(text)


def _show(sink: Diagnostics, sources: dict[str, str] | None = None) -> None:
    """The diagnostics, on stderr: stdout is for what was written."""
    if not len(sink):
        return
    if sources is None:
        text = render(sink.items, "text", colour=coloured(sys.stderr))
    else:
        from tenuto_dsl.diagnostics.render import render_text

        text = render_text(sink.items, sources, colour=coloured(sys.stderr))
    print(text, file=sys.stderr)  # noqa: T201


def _count(number: int) -> str:
    return f"{number} file{'' if number == 1 else 's'}"
