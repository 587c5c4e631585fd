"""What goes wrong with the embedded server, in words for the person at the keyboard."""

from __future__ import annotations

import errno

from tenuto.store.protocol import Unreachable


class ServerError(Unreachable):
    """The embedded server cannot be set up, started or reached. `args[0]` says what happened and what to do."""


def explain_os_error(error: OSError, doing: str) -> ServerError:
    """Turn a failed file operation into a message with its remedy."""
    where = f" ({error.filename})" if error.filename else ""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return ServerError(
                f"cannot {doing}: the disk is full{where}. Free some space, or set TENUTO_HOME elsewhere"
            )
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return ServerError(
                f"cannot {doing}: no permission to write there{where}. "
                "Set TENUTO_HOME to a directory of your own, or name a database with --db"
            )
        case errno.ENOTDIR | errno.EEXIST:
            return ServerError(f"cannot {doing}: a file is in the way{where}. Set TENUTO_HOME to a directory")
        case _:
            return ServerError(f"cannot {doing}: {error.strerror or error}{where}")
