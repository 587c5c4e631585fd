"""Requests that are carried out once, however often they are sent."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from typing import Annotated

from cyclopts import Parameter

from tenuto.cli.stop import Exit, Stop

Request = Annotated[str | None, Parameter(name="--request-id", show_default=False)]


@contextlib.contextmanager
def once(given: str | None, *, needs: str = "") -> Iterator[str]:
    """The request id a command goes by: the one given, else one of its own.

    Under an id the client asks again when a reply is lost. When it gets none at all, the person can, under the same
    id: under a new one it could be done twice. `needs` are other options that the repetition must have.
    """
    from tenuto.store.protocol import Doubt

    request = given or uuid.uuid4().hex
    try:
        yield request
    except Doubt as error:
        raise Stop(
            Exit.UNREACHABLE,
            f"the database stopped answering, so it is not known whether this was done: {error}",
            f"repeat it with {needs}--request-id {request}: it will be done once",
        ) from error
