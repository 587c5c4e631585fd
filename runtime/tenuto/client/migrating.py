"""Migrations from outside: which definition is meant, what would happen, the order and its answer.

Only the engine that owns a run migrates it: what is sent is news. Its answer comes as an update's does, under the
request that the order was sent with.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from tenuto_interpreter import codec, ir
from tenuto_interpreter.events import Migrated
from tenuto_interpreter.machine import Executable
from tenuto_interpreter.machine.migration import Preview, preview

from tenuto.client.errors import UnknownName
from tenuto.client.replay import present
from tenuto.client.results import Migration
from tenuto.store.protocol import ClientStore, Definition, NewsKind, RunClosed, RunView, Status

_LEAST_DIGEST = 6


@dataclass(frozen=True, slots=True)
class Target:
    """`version` is the one the workflow's author gave it."""

    digest: bytes
    workflow: str
    version: int


def find_target(store: ClientStore, deployed: Definition, to: int | str | None) -> Target:
    """Raises UnknownName. Of several definitions of one version the latest is meant."""
    if to is None:
        return Target(deployed.digest, deployed.workflow, _version(deployed) or 0)
    known = store.definitions(deployed.workflow)
    for definition in known:
        version = _version(definition)
        if isinstance(to, int):
            wanted = version == to
        else:
            wanted = len(to) >= _LEAST_DIGEST and definition.digest.hex().startswith(to.lower())
        if wanted and version is not None:
            return Target(definition.digest, definition.workflow, version)
    versions = sorted({str(version) for definition in known if (version := _version(definition)) is not None})
    raise UnknownName(f"{deployed.workflow} has no deployed version", str(to), versions, None)


def _version(definition: Definition) -> int | None:
    """The version its author gave it; None for one that only a newer program can read."""
    with contextlib.suppress(ValueError):
        return ir.Program.decode(definition.program).version
    return None


def versions(store: ClientStore, workflow: str) -> dict[bytes, int | None]:
    """The definitions of a workflow that were ever deployed, and their versions."""
    return {definition.digest: _version(definition) for definition in store.definitions(workflow)}


def preview_migration(
    store: ClientStore, view: RunView, target: Target, find: Callable[[bytes], Executable]
) -> Preview:
    """What migrating a run would do. Config is the engine's: what the run has not captured reads as null here."""
    old, snapshot = present(store, view, find)
    new = find(target.digest)
    config = {declared.name: None for declared in new.program.config if declared.name not in snapshot.config}
    return preview(old, new, snapshot, Migrated(store.now(), target.digest.hex(), config))


@dataclass(frozen=True, slots=True)
class Order:
    """An order to migrate one run, sent and answered under one request."""

    view: RunView
    target: Target
    request: str

    def send(self, store: ClientStore) -> bool:
        """False: this request was sent before. Raises NotFound, RunClosed."""
        payload = codec.encode([self.target.digest.hex()])
        return store.post(self.view.workflow_id, NewsKind.MIGRATE, payload, request=self.request)

    def outcome(self, store: ClientStore) -> Migration | None:
        """None while there is no answer. Raises RunClosed when there never will be."""
        run = store.view(key=self.view.key)
        if run is not None and run.status is Status.CONTINUED:  # the order has been handed on
            run = store.view(self.view.workflow_id)
        answer = store.answer(self.view.workflow_id, self.request)  # after the status: it comes with the close or never
        if answer is not None:
            kind, digest, *rest = codec.decode(answer)
            return Migration(self.view.workflow_id, kind, digest, self.target.version, *rest)
        if run is not None and run.status.closed:
            raise RunClosed(self.view.workflow_id, run.status)
        return None


def refused_migration(store: ClientStore, view: RunView) -> str | None:
    """Why the last order to migrate a run was refused; None when it was carried out, or there was none."""
    outcome = store.last_migration(view.workflow_id, view.started_at)
    if outcome is None:
        return None
    kind, _, *rest = codec.decode(outcome)
    return rest[0] if kind == "refused" else None
