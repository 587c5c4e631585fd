"""A run's present state, computed by whoever asks: the stored snapshot and the events after it, no engine needed."""

from __future__ import annotations

from collections.abc import Callable

from tenuto_interpreter import codec, ir
from tenuto_interpreter.events import UnknownRecord
from tenuto_interpreter.machine import Executable, Snapshot, read_record
from tenuto_interpreter.machine.migration import follow

from tenuto.store.protocol import ClientStore, RunView

_PAGE = 1000


class Unreadable(Exception):
    """The run's history or definition cannot be read by this version."""


def executable(store: ClientStore, digest: bytes) -> Executable:
    """The definition a run is pinned to. Raises Unreadable."""
    definition = store.definition_by_digest(digest)
    if definition is None:
        raise Unreadable(f"the definition {digest.hex()[:12]} is not in the database")
    try:
        return Executable(ir.Program.decode(definition.program))
    except ValueError as error:
        raise Unreadable(str(error)) from error


def present(store: ClientStore, view: RunView, find: Callable[[bytes], Executable]) -> tuple[Executable, Snapshot]:
    """The snapshot after everything recorded, and the program it is of. Raises Unreadable."""
    exe = find(view.definition)
    try:
        snapshot = Snapshot.decode(view.snapshot) if view.snapshot_seq else Snapshot.new()
        after = view.snapshot_seq
        while rows := store.history(view.key, after=after, limit=_PAGE):
            for row in rows:
                after = row.seq
                if row.kind == "step":
                    event, _ = read_record(row.payload)
                    exe, snapshot, _ = follow(lambda digest: find(bytes.fromhex(digest)), exe, snapshot, event)
            if len(rows) < _PAGE:
                break
    except (UnknownRecord, codec.PayloadError, AssertionError) as error:
        raise Unreadable(f"the history of {view.workflow_id} cannot be read by this version: {error}") from error
    return exe, snapshot
