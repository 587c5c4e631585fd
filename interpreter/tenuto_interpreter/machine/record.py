"""One row of history: an event and the commands it caused, as bytes."""

from __future__ import annotations

from collections.abc import Sequence

from tenuto_interpreter import codec
from tenuto_interpreter.commands import Command, command_from_plain, command_to_plain
from tenuto_interpreter.events import Event, UnknownRecord, event_from_plain, event_to_plain


def record(event: Event, commands: Sequence[Command]) -> bytes:
    """The stored form. Raises `codec.PayloadError` for a value that cannot be stored."""
    return codec.encode([event_to_plain(event), [command_to_plain(command) for command in commands]])


def read_record(data: bytes) -> tuple[Event, list[Command]]:
    """The inverse of `record`. Raises UnknownRecord for what a newer program wrote."""
    plain = codec.decode(data)
    if not isinstance(plain, list) or len(plain) != 2:
        raise UnknownRecord("a history row of an unknown shape")
    return event_from_plain(plain[0]), [command_from_plain(command) for command in plain[1]]
