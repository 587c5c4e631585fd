"""From a claimed row to a run in memory: the snapshot, the tail of the log, and what the last owner left undone."""

from __future__ import annotations

from tenuto_interpreter.codec import PayloadError
from tenuto_interpreter.commands import Command
from tenuto_interpreter.events import AttemptLost, AttemptTakenOver, RunStarted, UnknownRecord
from tenuto_interpreter.machine import Snapshot, read_record, step

from tenuto.engine.carry import read_start
from tenuto.engine.programs import Programs, Unready
from tenuto.engine.run import LiveRun
from tenuto.store.ids import run_id_text
from tenuto.store.protocol import STORE_TROUBLE, Claimed


def load(claimed: Claimed, programs: Programs, at: int) -> tuple[LiveRun, list[Command]]:
    """A run ready to go on, and the commands of its last event when that closed it and the close did not happen.

    Attempts that the log shows as dispatched ran in a process that is gone, or had not yet begun there: each is
    recorded as lost before anything else happens, so that an attempt's number is never used twice. What was handed on
    unbegun is begun.

    Raises Unready with the reason when the run cannot go on in this process, and what the store raises when it cannot
    be asked for the definition: that is not the run's fault.
    """
    try:
        ready = programs.fit(claimed.definition)
        snapshot = Snapshot.decode(claimed.snapshot) if claimed.snapshot_seq else Snapshot.new()
        commands: list[Command] = []
        last_at = 0
        for payload in claimed.tail:
            event, _ = read_record(payload)
            snapshot, commands = step(ready.executable, snapshot, event)
            last_at = event.at
        run_id = run_id_text(claimed.key.run_id)
        run = LiveRun(claimed, ready, snapshot, run_id)
        run.last_at = last_at
        if snapshot.seq == 0:
            input_, messages, first_id = read_start(claimed.snapshot)
            config = ready.config()
            run.inputs.append(RunStarted(at, run_id, claimed.workflow_id, input_, config, messages, first_id))
        elif snapshot.closed is not None:
            return run, commands
        else:
            run.inputs.extend(AttemptLost(at, op, attempt) for op, attempt in snapshot.in_flight())
            run.inputs.extend(AttemptTakenOver(at, op, attempt) for op, attempt in snapshot.unbegun())
        for news in claimed.news:
            run.seen.add(news.id)
            run.inputs.append(news)
    except (Unready, *STORE_TROUBLE):
        raise
    except (UnknownRecord, PayloadError) as error:
        raise Unready(f"its history cannot be read by this version: {error}") from error
    except Exception as error:
        raise Unready(f"its history cannot be replayed: {type(error).__name__}: {error}") from error
    return run, []
