"""From a workflow file, or what was compiled from one, to definitions in the store."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from tenuto_interpreter import ir

from tenuto.client.errors import InvalidInput
from tenuto.store.protocol import Definition

if TYPE_CHECKING:
    from tenuto_dsl.compiler import Compiled


def definitions(what: str | Path | Compiled | ir.Program | Iterable[Compiled], file: str) -> list[Definition]:
    """The definitions in a file or of compiled programs. Raises InvalidInput when the file does not compile."""
    if isinstance(what, str | Path):
        return [_compiled(item, str(what)) for item in _compile(what)]
    if isinstance(what, ir.Program):
        return [_definition(what, "", "ir", file)]
    if isinstance(what, Iterable):
        return [_compiled(item, file) for item in what]
    return [_compiled(what, file)]


def _compiled(item: Compiled, file: str) -> Definition:
    return _definition(item.program, item.source, item.form, file)


def _definition(program: ir.Program, source: str, form: str, file: str) -> Definition:
    digest = bytes.fromhex(program.digest())
    return Definition(digest, program.name, program.version, program.encode(), source, form, file)


def _compile(path: str | Path) -> list[Compiled]:
    from tenuto_dsl.compiler import compile_file  # loads the compiler only for those who need it
    from tenuto_dsl.diagnostics import Diagnostics

    sink = Diagnostics()
    try:
        compiled = compile_file(path, sink)
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{path}: {error}") from None
    errors = [item for item in sink.items if item.severity == "error"]
    if errors:
        raise InvalidInput("\n".join(f"{e.span.file}:{e.span.line}:{e.span.col}: {e.code} {e.message}" for e in errors))
    return compiled
