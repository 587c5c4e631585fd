"""From a claimed row to a run in memory: the snapshot, the tail of the log, and what the last owner left undone."""

from __future__ import annotations

from tenuto_interpreter.codec import PayloadError
from tenuto_interpreter.commands import Command
from tenuto_interpreter.events import AttemptLost, AttemptTakenOver, RunStarted, UnknownRecord
from tenuto_interpreter.machine import Snapshot, read_record
from tenuto_interpreter.machine.migration import follow

from tenuto.engine.carry import read_start
from tenuto.engine.migrations import target
from tenuto.engine.programs import Programs, Ready, Unfit, Unready
from tenuto.engine.queues import DEFAULT
from tenuto.engine.run import LiveRun
from tenuto.store.ids import run_id_text
from tenuto.store.protocol import STORE_TROUBLE, Claimed, NewsKind


def load(claimed: Claimed, programs: Programs, at: int) -> tuple[LiveRun, list[Command]]:
    """A run ready to go on, and the commands of its last event when that closed it and the close did not happen.

    Attempts that the log shows as dispatched ran in a process that is gone, or had not yet begun there: each is
    recorded as lost before anything else happens, so that an attempt's number is never used twice. What was handed on
    unbegun is begun, if it waits in a queue that is served here. An order to migrate is carried out before all that, so
    that it helps a run that would not get far.

    Raises Unready with the reason when the run cannot go on in this process, and what the store raises when it cannot
    be asked for the definition: that is not the run's fault.
    """
    try:
        ready, guest = _ready(claimed, programs)
        snapshot = Snapshot.decode(claimed.snapshot) if claimed.snapshot_seq else Snapshot.new()
        commands: list[Command] = []
        last_at = 0
        exe = ready.executable
        for payload in claimed.tail:
            event, _ = read_record(payload)
            exe, snapshot, commands = follow(programs.executable, exe, snapshot, event)
            last_at = event.at
        if exe is not ready.executable:  # it was migrated and ended at once, and the close did not happen
            ready = programs.get(bytes.fromhex(exe.program.digest()))
        run_id = run_id_text(claimed.key.run_id)
        run = LiveRun(claimed, ready, snapshot, run_id)
        run.last_at = last_at
        run.guest = guest
        if snapshot.seq == 0:
            input_, messages, first_id = read_start(claimed.snapshot)
            config = ready.config()
            run.inputs.append(RunStarted(at, run_id, claimed.workflow_id, input_, config, messages, first_id))
        elif snapshot.closed is not None:
            return run, commands
        else:
            run.inputs.extend(news for news in claimed.news if news.kind == NewsKind.MIGRATE)
            run.inputs.extend(AttemptLost(at, op, attempt) for op, attempt in snapshot.in_flight())
            for op, attempt in snapshot.unbegun():
                queue = snapshot.ops[op].queue
                if programs.queues.serves(queue):
                    run.inputs.append(AttemptTakenOver(at, op, attempt))
                else:
                    run.put_off[op] = queue or DEFAULT
        for news in claimed.news:
            run.seen.add(news.id)
            if news.kind != NewsKind.MIGRATE or snapshot.seq == 0:
                run.inputs.append(news)
    except (Unready, *STORE_TROUBLE):
        raise
    except (UnknownRecord, PayloadError) as error:
        raise Unready(f"its history cannot be read by this version: {error}") from error
    except Exception as error:
        raise Unready(f"its history cannot be replayed: {type(error).__name__}: {error}") from error
    return run, []


def _ready(claimed: Claimed, programs: Programs) -> tuple[Ready, bool]:
    """The definition a run is in, and whether it is here only to be migrated. Raises Unready."""
    try:
        return programs.fit(claimed.definition), False
    except Unfit as unfit:
        wanted = [target(news) for news in claimed.news if news.kind == NewsKind.MIGRATE]
        for digest in wanted:
            try:
                programs.fit(digest)
            except Unready as reason:
                programs.unfit.setdefault(digest, str(reason))  # so that it is not claimed for that again
            else:
                return programs.get(claimed.definition), True
        raise unfit
