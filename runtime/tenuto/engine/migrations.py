"""Orders to migrate: a run goes on in another definition, or stays as it is and the sender learns why.

The order is an inbox row, so that only the run's owner acts on it; the answer is given to its request, as an update's
is: ["migrated", digest], ["current", digest] when the run is in that definition already, ["refused", digest, reason].

The row's definition is that of its snapshot. So a migration is a turn of its own, which rewrites the row in the same
flush as its event: whoever loads the run next needs one program, and not the old one. (But when the migration ends the
run, the close is what is written of it, and the event stands in the tail: `loading` follows it.)
"""

from __future__ import annotations

import structlog
from tenuto_interpreter import codec
from tenuto_interpreter.commands import Command
from tenuto_interpreter.events import Migrated
from tenuto_interpreter.machine import Snapshot, record
from tenuto_interpreter.machine.migration import Refused, migrate

from tenuto.engine.programs import Programs, Ready, Unready
from tenuto.engine.run import LiveRun, Work
from tenuto.store.protocol import STORE_TROUBLE, News

_log = structlog.get_logger("tenuto.engine")

Answer = tuple[str, str, bytes]
Done = tuple[Ready, Migrated, Snapshot, list[Command], bytes]
"""The definition, the event, what it leads to, and its record."""


def target(order: News) -> bytes:
    """The digest of the definition that an order asks for."""
    return bytes.fromhex(codec.decode(order.payload)[0])


def refusal(run: LiveRun, order: News, reason: str) -> Answer:
    return run.workflow_id, order.ref, codec.encode(["refused", target(order).hex(), reason[:2000]])


class Migrations:
    def __init__(self, programs: Programs) -> None:
        self._programs = programs

    def carry_out(self, work: Work, order: News, at: int) -> Done | None:
        """Migrate a run. None when there is nothing to be done or it is refused; then the work has the answer.

        What was not foreseen refuses as well: `migrate` leaves the run as it was, whatever happens in it.
        """
        run, digest = work.run, target(order)
        if digest == run.ready.digest:
            work.answers.append((run.workflow_id, order.ref, codec.encode(["current", digest.hex()])))
            return None
        try:
            done = self._migrated(work, digest, at)
        except STORE_TROUBLE:
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, the run can go on without
            reason = str(error)
            if not isinstance(error, Refused | Unready | codec.PayloadError):
                reason = f"{type(error).__name__}: {error}"
                _log.exception("migration failed", workflow_id=run.workflow_id, run_id=run.run_id)
            work.answers.append(refusal(run, order, reason))
            _log.warning("migration refused", workflow_id=run.workflow_id, run_id=run.run_id, reason=reason)
            return None
        work.answers.append((run.workflow_id, order.ref, codec.encode(["migrated", digest.hex()])))
        return done

    def _migrated(self, work: Work, digest: bytes, at: int) -> Done:
        try:
            ready = self._programs.fit(digest)
        except Unready as reason:
            raise Refused(f"the engine that has the run cannot run that version: {reason or 'not served'}") from None
        captured = work.after.config
        config = {name: value for name, value in ready.config().items() if name not in captured}
        event = Migrated(at, digest.hex(), config)
        after, commands = migrate(work.run.ready.executable, ready.executable, work.after, event)
        return ready, event, after, commands, record(event, commands)


def refuse_instead(work: Work, reason: str) -> Work:
    """What to write when the store does not take a migration: the run as it was, and an answer that says so."""
    instead = Work(work.run, work.run.snapshot)
    instead.consumed = work.orders
    for workflow_id, request, outcome in work.answers:
        answer, *rest = codec.decode(outcome)
        if answer == "migrated":
            text = f"the store refused what it would do: {reason}"
            instead.answers.append((workflow_id, request, codec.encode(["refused", rest[0], text[:2000]])))
    return instead
