"""Which exit code and which hint an error of the layers below stands for."""

from __future__ import annotations

import sys

from tenuto.cli.stop import Exit, Stop
from tenuto.store import protocol


def stop_for(error: Exception) -> Stop | None:
    """None for an error that no command should meet."""
    text = str(error.args[0]) if error.args else str(error)
    match error:
        case protocol.Unreachable():
            return Stop(Exit.UNREACHABLE, text)
        case protocol.SchemaMismatch():
            return Stop(Exit.UNREACHABLE, text)
        case protocol.Doubt():
            return Stop(
                Exit.UNREACHABLE,
                f"the database stopped answering, so it is not known whether this was done: {text}",
                "look with `tenuto list` or `tenuto show` before you repeat it",
            )
        case protocol.Rejected():
            return Stop(Exit.USAGE, text)
        case protocol.WorkflowIdUsed():
            return Stop(
                Exit.USAGE,
                f"the run with the id {text!r} has ended, and its id is not to be used again",
                f"`tenuto show {text}` says how it ended; for another: --id-reuse allow_duplicate, or another --id",
            )
        case protocol.WorkflowIdTaken():
            return Stop(
                Exit.USAGE,
                f"a run with the id {text!r} is under way",
                f"watch it with `tenuto show {text}`, or choose another --id, or an --id-conflict",
            )
        case protocol.NotFound():
            return Stop(
                Exit.NOT_FOUND, f"there is no run with the id {text!r}", "`tenuto list` shows the runs there are"
            )
        case protocol.RunClosed():
            return Stop(Exit.NOT_FOUND, f"the run {text!r} has ended and takes no more messages")
        case _:
            return _client_error(error)


def _client_error(error: Exception) -> Stop | None:
    """Those of the client and of the engine, if these were loaded at all."""
    if "tenuto.client" not in sys.modules:
        return None
    from tenuto import client

    text = str(error)
    match error:
        case client.WorkflowFailed():
            from tenuto.cli.waiting import failure

            return failure(error)
        case client.UnknownName():
            return Stop(Exit.NOT_FOUND, text)
        case client.ResultTimeout():
            return Stop(Exit.TIMEOUT, text)
        case client.QueryFailed() | client.UpdateRejected():
            return Stop(Exit.WORKFLOW_FAILED, text)
        case client.Unreadable():
            return Stop(Exit.UNREACHABLE, text, "upgrade tenuto here")
        case client.ClientError():
            return Stop(Exit.USAGE, text)
        case _:
            return None
