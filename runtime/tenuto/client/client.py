"""The client: starts runs, talks to them, looks at them. Needs the database only; no engine has to be running.

Errors: the store's (`Unreachable`, `SchemaMismatch`, `Doubt`, `NotFound`, `RunClosed`, `WorkflowIdTaken`) and those of
`tenuto.client.errors`. Thread-safe.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from tenuto_interpreter import codec, ir
from tenuto_interpreter.events import Failure, UnknownRecord
from tenuto_interpreter.machine import Executable, Fault, Snapshot, query, read_record
from tenuto_interpreter.machine.masking import Masker
from tenuto_interpreter.machine.migration import Preview
from tenuto_interpreter.values.shape import nearest

from tenuto.client.deploying import definitions
from tenuto.client.describing import describe, states_now
from tenuto.client.errors import (
    InvalidInput,
    QueryFailed,
    ResultTimeout,
    UnknownName,
    UpdateRejected,
    WorkflowFailed,
)
from tenuto.client.filtering import run_filter
from tenuto.client.migrating import Order, Target, find_target, preview_migration
from tenuto.client.replay import Unreadable, executable, present
from tenuto.client.results import Deployed, Description, Entry, Migration, Started
from tenuto.client.starting import IdConflict, IdReuse, start
from tenuto.client.values import find, read_arguments
from tenuto.engine.carry import start_payload
from tenuto.store.ids import new_run_id, run_id_bytes, run_id_text, shard_of
from tenuto.store.protocol import (
    ClientStore,
    Definition,
    NewRun,
    NewsKind,
    NotFound,
    RunClosed,
    RunKey,
    RunView,
    Status,
)

if TYPE_CHECKING:
    from tenuto_dsl.compiler import Compiled

Deployments = list[Deployed]
Entries = list[Entry]
Starts = list[Started]
# (Client has a method `list`, which hides the type inside the class.)
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_LEAST_POLL_S = 0.02
_MOST_POLL_S = 0.5
_ID_LIMIT = 1_000


class Client:
    """`store` is a DSN (`postgresql://…`), or any client store. Raises Unreachable or SchemaMismatch at once."""

    def __init__(self, store: str | ClientStore) -> None:
        if isinstance(store, str):
            from tenuto.store.postgres import PostgresClient  # loads the driver only for those who need it

            store = PostgresClient(store)
        self.store: ClientStore = store
        self._executables: dict[bytes, Executable] = {}

    def close(self) -> None:
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- definitions ---------------------------------------------------------------------------------------------------

    def deploy(self, what: str | Path | Compiled | ir.Program | Iterable[Compiled], *, file: str = "") -> Deployments:
        """Store definitions and make them the ones new runs use. A file that does not compile raises InvalidInput."""
        return [
            Deployed(definition.workflow, definition.digest.hex(), self.store.deploy(definition))
            for definition in definitions(what, file)
        ]

    def program(self, workflow: str) -> ir.Program:
        """The program new runs of a workflow use. Raises UnknownName."""
        return self._executable(self._deployed(workflow).digest).program

    # -- starting ------------------------------------------------------------------------------------------------------

    def start(
        self, workflow: str, input: dict[str, Any] | None = None, *, id: str | None = None,
        request: str | None = None, id_reuse: IdReuse = "allow_duplicate", id_conflict: IdConflict = "fail",
        delay_s: float = 0.0,
    ) -> Started:  # fmt: skip
        """Start a run. `input` holds its parameters by name, in JSON's forms or Python's.

        `request` makes it repeatable: the same request answers with the same run; without an `id`, the run's id is made
        of it. `id_reuse` says whether the id of a run that has ended may be used again, `id_conflict` what happens
        while an open run has it; that one is the answer (not `new`) with "use_existing".
        """
        if id is None and request is not None:  # requests are remembered by workflow id: it must be the same again
            id = f"{workflow}-{hashlib.sha256(request.encode(errors='surrogatepass')).hexdigest()[:16]}"
        run = self._new_run(self._deployed(workflow), input, id)
        if delay_s > 0:
            run.ready_at = self.store.now() + int(delay_s * 1_000_000)
        key, new = start(self.store, run, request, id_reuse, id_conflict)
        return Started(run.workflow_id, run_id_text(key.run_id), key, new)

    def start_many(self, workflow: str, runs: Sequence[tuple[str | None, dict[str, Any] | None]]) -> Starts:
        """Start many runs, each an (id or None, input), in one transaction. Answers them in their order, without
        those whose id is taken."""
        definition = self._deployed(workflow)
        made = [self._new_run(definition, input_, id_) for id_, input_ in runs]
        kept = set(self.store.start_many(made))
        return [Started(run.workflow_id, run_id_text(run.key.run_id), run.key, True) for run in made if run.key in kept]

    def _new_run(self, definition: Definition, input_: dict[str, Any] | None, id_: str | None) -> NewRun:
        workflow = definition.workflow
        program = self._executable(definition.digest).program
        values = read_arguments(program, program.params, input_, f"input of {workflow}")
        workflow_id = _checked_id(id_) if id_ is not None else f"{workflow}-{_random_text()}"
        key = RunKey(shard_of(workflow_id), new_run_id())
        return NewRun(key, workflow_id, workflow, definition.digest, start_payload(values))

    # -- talking -------------------------------------------------------------------------------------------------------

    def signal(
        self, workflow_id: str, name: str, payload: dict[str, Any] | None = None, *, request: str | None = None
    ) -> bool:
        """Send a signal. False: this request was sent before. Raises UnknownName, InvalidInput, NotFound, RunClosed."""
        view = self._view(workflow_id)
        program = self._executable(view.definition).program
        declared = find(f"{view.workflow} takes no signal", name, program.signals)
        values = read_arguments(program, declared.params, payload, f"signal {name}")
        return self.store.post(view.workflow_id, NewsKind.SIGNAL, codec.encode([name, values]), request=request)

    def update(
        self, workflow_id: str, name: str, payload: dict[str, Any] | None = None, *, request: str | None = None,
        timeout: float | None = 30.0,
    ) -> Any:  # fmt: skip
        """Send an update and wait for the run's reply. Raises UpdateRejected, ResultTimeout, RunClosed."""
        view = self._view(workflow_id)
        program = self._executable(view.definition).program
        declared = find(f"{view.workflow} takes no update", name, program.updates)
        values = read_arguments(program, declared.params, payload, f"update {name}")
        request = request or f"update-{_random_text(16)}"
        self.store.post(view.workflow_id, NewsKind.UPDATE, codec.encode([name, values]), request=request)
        for _ in self._waiting(timeout, f"{name} was not answered", listen=False):
            status = self._view(view.workflow_id).status
            answer = self.store.answer(view.workflow_id, request)  # after the status: it comes with the close or never
            if answer is None and status.closed and status is not Status.CONTINUED:
                raise RunClosed(view.workflow_id, status)
            if answer is not None:
                outcome, value = codec.decode(answer)
                if outcome == "completed":
                    return value
                if outcome == "closed":
                    raise RunClosed(view.workflow_id, Status(value))
                raise UpdateRejected(f"{view.workflow_id} rejected {name}: {value}")
        raise AssertionError("waiting ends with an answer or an error")

    def query(self, workflow_id: str, name: str, *, masked: bool = False) -> Any:
        """Ask about the run's present state; no engine needs to be running. `masked`: hide what is sensitive."""
        view = self._view(workflow_id)
        exe, snapshot = present(self.store, view, self._executable)
        find(f"{view.workflow} has no query", name, exe.program.queries)
        if snapshot.seq == 0:
            raise QueryFailed(f"{view.workflow_id} has not begun yet")
        try:
            answer = query(exe, snapshot, name, self.store.now())
        except Fault as fault:
            raise QueryFailed(f"query {name} of {view.workflow_id}: {fault.args[0]}") from fault
        if not masked:
            return answer
        masker = Masker(exe.program)
        masker.learn(snapshot)
        return masker.value(answer, next(item.type for item in exe.program.queries if item.name == name))

    def cancel(self, workflow_id: str, reason: str = "", *, request: str | None = None) -> bool:
        """Ask a run to cancel: it undoes what it has done, as its definition says."""
        return self._order(workflow_id, NewsKind.CANCEL, [reason], request)

    def terminate(self, workflow_id: str, reason: str = "", *, request: str | None = None) -> bool:
        """End a run at once; nothing is undone."""
        return self._order(workflow_id, NewsKind.TERMINATE, [reason], request)

    def retry(self, workflow_id: str, *, request: str | None = None) -> bool:
        """Let a parked run go on, and end the waits before retries of any."""
        return self._order(workflow_id, NewsKind.RETRY, [], request)

    def target(self, workflow: str, to: int | str | None = None) -> Target:
        """The definition to migrate to: the deployed one, the latest of a version, or that of a digest (or its
        beginning). Raises UnknownName."""
        return find_target(self.store, self._deployed(workflow), to)

    def migrate(
        self, workflow_id: str, to: int | str | None = None, *, request: str | None = None,
        timeout: float | None = 30.0,
    ) -> Migration:  # fmt: skip
        """Let a run go on in another definition (see `target`) and wait for the answer of the engine that has it.

        The same request again gives the same answer. Raises UnknownName, NotFound, RunClosed, ResultTimeout.
        """
        view = self._view(workflow_id)
        request = request or f"migrate-{_random_text(16)}"
        order = Order(view, self.target(view.workflow, to), request)
        order.send(self.store)
        for _ in self._waiting(timeout, f"{view.workflow_id} was not migrated", listen=False):
            if (done := order.outcome(self.store)) is not None:
                return done
        raise AssertionError("waiting ends with an answer or an error")

    def preview(self, view: RunView, target: Target) -> Preview:
        """What migrating a run would do, by its stored state; nothing is ordered. Raises Unreadable."""
        return preview_migration(self.store, view, target, self._executable)

    def _order(self, workflow_id: str, kind: NewsKind, body: list[Any], request: str | None) -> bool:
        view = self._view(workflow_id)
        return self.store.post(view.workflow_id, kind, codec.encode(body), request=request)

    # -- looking -------------------------------------------------------------------------------------------------------

    def describe(self, workflow_id: str, *, unmasked: bool = False) -> Description:
        """Everything about a run, what is sensitive hidden. `workflow_id` may be a run id, here and everywhere."""
        view = self._view(workflow_id)
        return describe(self.store, view, self._executable, unmasked=unmasked)

    def view(self, workflow_id: str) -> RunView:
        """The run's row: its status, not its present state. Raises NotFound."""
        return self._view(workflow_id)

    def definition(self, digest: bytes) -> ir.Program | None:
        """A definition that was deployed; None for one that this version cannot read."""
        try:
            return self._executable(digest).program
        except Unreadable:
            return None

    def snapshot(self, workflow_id: str) -> tuple[Executable, Snapshot]:
        """The run's present state and its program, for tools."""
        return present(self.store, self._view(workflow_id), self._executable)

    def list(
        self, *, status: Sequence[Status] = (), workflow: str | None = None, prefix: str | None = None,
        filter: str | None = None, limit: int = 100, before: str | None = None,
    ) -> list[RunView]:  # fmt: skip
        """Runs, newest first; `before` is the run id to go on from, `filter` an expression. Raises BadFilter."""
        start = run_id_bytes(before) if before is not None else None
        made = run_filter(self.store, filter) if filter is not None else None
        return self.store.runs(
            status=status, workflow=workflow, prefix=prefix, filter=made, limit=limit, before=start
        )  # fmt: skip

    def states(self, view: RunView) -> str:
        """The present states of a run that was listed: of one that an engine holds, its row may not have them yet."""
        return states_now(self.store, view, self._executable)

    def history(self, workflow_id: str, *, after: int = 0, limit: int = 1000) -> Entries:
        """What has happened to a run, oldest first, after the sequence number given."""
        view = self._view(workflow_id)
        entries = []
        for row in self.store.history(view.key, after=after, limit=limit):
            if row.kind == "step":
                try:
                    event, commands = read_record(row.payload)
                    entries.append(Entry(row.seq, row.at, row.kind, event, tuple(commands)))
                except (UnknownRecord, codec.PayloadError) as error:
                    entries.append(Entry(row.seq, row.at, row.kind, message=str(error)))
            else:
                entries.append(Entry(row.seq, row.at, row.kind, message=_text_of(row.kind, row.news, row.payload)))
        return entries

    def result(self, workflow_id: str, timeout: float | None = None) -> Any:
        """Wait for the run to end and answer its result. Raises WorkflowFailed, ResultTimeout.

        With a workflow id, a run that continues as new is followed; with a run id, just that run.
        """
        key = self._view(workflow_id).key
        for _ in self._waiting(timeout, f"{workflow_id} has not ended"):
            found = self.store.outcomes([key]).get(key)
            while found is not None and found[0] is Status.CONTINUED and run_id_bytes(workflow_id) is None:
                # (Nothing knows the successors in a chain that had ended before chains were recorded.)
                key = self.store.last_of_chain(key) or self._view(workflow_id).key
                found = self.store.outcomes([key]).get(key)
            if found is not None:
                return _outcome(workflow_id, *found)
        raise AssertionError("waiting ends with a result or an error")

    def _waiting(self, timeout: float | None, what: str, *, listen: bool = True) -> Iterable[None]:
        """Turns of a wait: now, and whenever something may have happened. Raises ResultTimeout at the end."""
        end = None if timeout is None else time.monotonic() + timeout
        pause = _LEAST_POLL_S
        while True:
            yield
            left = pause if end is None else min(pause, end - time.monotonic())
            if left <= 0:
                raise ResultTimeout(f"{what} within {timeout:g} s")
            if listen:
                self.store.listen(left)
            else:
                time.sleep(left / 4)
            pause = min(pause * 1.5, _MOST_POLL_S)

    # -- definitions and runs ------------------------------------------------------------------------------------------

    def _deployed(self, workflow: str) -> Definition:
        definition = self.store.definition(workflow)
        if definition is None:
            known = self.store.workflows()
            raise UnknownName("there is no workflow", workflow, known, nearest(workflow, known))
        return definition

    def _executable(self, digest: bytes) -> Executable:
        known = self._executables.get(digest)
        if known is None:
            known = self._executables[digest] = executable(self.store, digest)
        return known

    def _view(self, workflow_id: str) -> RunView:
        view = self.store.view(workflow_id)
        if view is None:
            run_id = run_id_bytes(workflow_id)
            view = self.store.view(run_id=run_id) if run_id is not None else None
        if view is None:
            raise NotFound(workflow_id)
        return view


def _outcome(workflow_id: str, status: Status, outcome: bytes | None) -> Any:
    if status is Status.COMPLETED:
        return codec.decode(outcome) if outcome is not None else None
    name = status.name.lower()
    if status is Status.CONTINUED:
        raise WorkflowFailed(workflow_id, name, Failure("Continued", "the run continued as a new one"))
    failure = Failure.from_plain(codec.decode(outcome)) if outcome else Failure(name.capitalize())
    raise WorkflowFailed(workflow_id, name, failure)


def _text_of(kind: str, news: int, payload: bytes) -> str:
    try:
        body = codec.decode(payload)
    except codec.PayloadError:
        return kind
    if kind == "closed":
        return str(body[0])
    try:
        name = NewsKind(news).name.lower()
    except ValueError:
        name = f"news of kind {news}"
    return f"{name} {body[0]}" if body else name


def _checked_id(id_: str) -> str:
    if not id_ or len(id_) > _ID_LIMIT or "\0" in id_:
        raise InvalidInput(f"a workflow id has 1 to {_ID_LIMIT} characters, none of them NUL")
    try:
        id_.encode()
    except UnicodeEncodeError:
        raise InvalidInput("a workflow id is text without lone surrogates") from None
    return id_


def _random_text(length: int = 8) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
