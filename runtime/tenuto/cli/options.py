"""Options that several commands share, and where each of them gets its value from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from tenuto.settings import Settings, SettingsError, load

Format = Literal["text", "json", "jsonl"]
IdReuse = Literal["allow_duplicate", "allow_duplicate_failed_only", "reject_duplicate"]
IdConflict = Literal["fail", "use_existing", "terminate_existing"]


def _seconds(_: Any, tokens: Any) -> float:
    """`60` or `1m30s`, in seconds."""
    text = tokens[0].value
    try:
        seconds = float(text)
    except ValueError:
        from tenuto_interpreter.values.texts import read_duration

        try:
            seconds = read_duration(text).total_seconds()
        except ValueError:
            raise ValueError(f"{text} is no time: write 60, 60s or 1m30s") from None
    if not 0 <= seconds < float("inf"):
        raise ValueError(f"{text} is no time to wait")
    return seconds


Timeout = Annotated[float | None, Parameter(name="--timeout", converter=_seconds)]
"""A time to wait: a number of seconds, or a duration as the language writes it."""

Budget = Annotated[float, Parameter(name="--time", converter=_seconds)]
"""A time to spend: a number of seconds, or a duration as the language writes it."""

Unmasked = Annotated[bool, Parameter(name="--unmasked", negative="", show_default=False)]


@Parameter(name="*")
@dataclass(frozen=True)
class Where:
    """Which database."""

    db: Annotated[str | None, Parameter(show_default=False)] = None
    """PostgreSQL URL; without it and TENUTO_DB, the embedded server of the home directory."""
    home: Annotated[Path | None, Parameter(show_default=False)] = None
    """Home of the embedded server; without it and TENUTO_HOME, `tenuto` in the XDG data directory."""


@Parameter(name="*")
@dataclass(frozen=True)
class Output:
    """How data is written."""

    output: Annotated[Format | None, Parameter(name=["--output", "-o"], show_default=False)] = None
    """text (for people), json (one document) or jsonl (one document a line); also TENUTO_OUTPUT."""


def settings() -> Settings:
    """The environment's and the file's. Raises `Stop`."""
    from tenuto.cli.stop import usage

    try:
        return load()
    except SettingsError as error:
        raise usage(str(error)) from None


def output_of(output: Output | None, *, default: str = "text") -> str:
    """The format to write in."""
    return (output.output if output else None) or settings().output or default
