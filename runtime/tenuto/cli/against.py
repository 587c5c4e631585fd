"""`tenuto lint --against`: whether runs of an older version could go on in the files as they are now.

The older version is a file, a folder, or a revision of git: no server is asked, so it can be told before a change is
merged. What is deployed is asked by `tenuto deploy`.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tenuto.cli.compiling import SUFFIXES, find_files, is_ours
from tenuto.cli.stop import usage
from tenuto.cli.terminal import tell

if TYPE_CHECKING:
    from tenuto_dsl import Compiled, Diagnostic
    from tenuto_dsl.imports import Reader
    from tenuto_interpreter.ir import Program


def compare(files: Sequence[Path], against: str, subjects: Sequence[Path]) -> list[Diagnostic]:
    """What keeps runs of the workflows of another version from going on in those of `files`, which have no errors.

    `subjects` are the files and folders that were asked for. Raises `Stop` when there is no such version.
    """
    from tenuto_dsl import Diagnostics, compile_file
    from tenuto_dsl.migration import declaration_of

    older = _programs(against, subjects)
    found: list[Diagnostic] = []
    for file in files:
        for item in compile_file(file, Diagnostics()):
            old = older.get(item.program.name)
            if old is not None and old.digest() != item.program.digest():
                found += _problems(old, item, declaration_of(str(file), item))
    return found


def _problems(old: Program, item: Compiled, workflow: object) -> list[Diagnostic]:
    """Errors where a migration is promised; where none is, runs stay what they are, and these are warnings."""
    from tenuto_dsl.diagnostics import Diagnostics
    from tenuto_dsl.migration import check_migration
    from tenuto_dsl.syntax import tree

    assert isinstance(workflow, tree.WorkflowDecl)
    sink = Diagnostics()
    if old.version == item.program.version:
        sink.warning(
            "TEN609",
            workflow.version_span or workflow.name.span,
            f"{old.name} has changed, and is still version {old.version}",
            f"raise it, and say how runs follow: `version {old.version + 1}`, `migrate from {old.version} {{ … }}`",
        )
    check_migration(old, item.program, workflow, sink)
    promised = any(migration.version == old.version for migration in item.program.migrations)
    return sink.items if promised else [replace(found, severity="warning") for found in sink.items]


def _programs(against: str, subjects: Sequence[Path]) -> Mapping[str, Program]:
    """The programs of the other version, by the names of their workflows."""
    from tenuto_dsl.compiler import read_from_disk

    path = Path(against)
    if path.exists():
        return _compiled([file.as_posix() for file in find_files([path])], read_from_disk, "")
    folder = next((subject if subject.is_dir() else subject.parent for subject in subjects), Path())
    commit = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{against}^{{commit}}")
    root = _git(folder, "rev-parse", "--show-toplevel")
    if commit is None or root is None:
        raise usage(f"{against} is neither a file or folder nor a revision of git")
    top = Path(os.fsdecode(root.strip())).resolve()
    revision = commit.decode().strip()
    outside = next((subject for subject in subjects if not subject.resolve().is_relative_to(top)), None)
    if outside is not None:
        raise usage(f"{outside} is not in the repository that {against} is a revision of, {top}")
    wanted = [subject.resolve().relative_to(top).as_posix() for subject in subjects]
    listed = (_git(top, "ls-tree", "-r", "-z", "--name-only", revision) or b"").split(b"\0")
    names = [name for name in map(os.fsdecode, listed) if name.endswith(SUFFIXES) and _is_below(name, wanted)]

    def read(name: str) -> bytes:
        content = _git(top, "cat-file", "blob", f"{revision}:{name}")
        if content is None:
            raise FileNotFoundError(2, f"no such file in {against}")
        return content

    ours = [name for name in names if name.endswith(".tenuto") or is_ours(read(name))]
    return _compiled(ours, read, against)


def _is_below(name: str, wanted: Sequence[str]) -> bool:
    return any(one in (".", name) or name.startswith(f"{one}/") for one in wanted)


def _compiled(names: Sequence[str], read: Reader, where: str) -> dict[str, Program]:
    from tenuto_dsl import Diagnostics, compile_file

    found: dict[str, Program] = {}
    for name in names:
        sink = Diagnostics()
        found.update((item.program.name, item.program) for item in compile_file(name, sink, read))
        if sink.has_errors:
            tell(f"{name}{f' in {where}' if where else ''} has errors, and is not compared with")
    return found


def _git(folder: Path, *arguments: str) -> bytes | None:
    """What git says; None when it has nothing to say, or is not there."""
    try:
        done = subprocess.run(  # noqa: S603 - git, with arguments that it takes for no options
            ["git", "-C", os.fspath(folder), *arguments],  # noqa: S607 - the user's own git
            stdin=subprocess.DEVNULL, capture_output=True, check=False,
        )  # fmt: skip
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None
