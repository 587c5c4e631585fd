"""The entry point: parse, run, and turn whatever happened into an exit code and a message.

Heavy modules are imported by the commands that need them: `--help` and `lint` must start quickly.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from tenuto.cli.stop import DEBUG, Exit, Stop, debugging


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code."""
    tokens, debug = _debug(list(sys.argv[1:] if arguments is None else arguments))
    try:
        code = _run(tokens)
        sys.stdout.flush()
        return code
    except Stop as stop:
        from tenuto.cli.terminal import complain

        if stop.message:
            complain(stop.message, stop.hint)
        return int(stop.code)
    except KeyboardInterrupt:
        return int(Exit.INTERRUPTED)
    except BrokenPipeError:
        # The reader has gone (`tenuto list | head`): nothing is wrong. Python would complain when it flushes at exit.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except Exception as error:
        if debug:
            raise
        return _last_resort(error)
    finally:
        if arguments is None:
            gc.freeze()  # the process ends: to look once more through what is left costs it a twentieth


def _debug(tokens: list[str]) -> tuple[list[str], bool]:
    """`--debug` is taken anywhere before a `--`, for every command."""
    end = tokens.index("--") if "--" in tokens else len(tokens)
    found = "--debug" in tokens[:end]
    kept = [word for word in tokens[:end] if word != "--debug"] + tokens[end:]
    if found:
        os.environ[DEBUG] = "1"
    return kept, debugging()


def _run(tokens: list[str]) -> int:
    gc.disable()  # what modules make at the start stays: looking through it again and again costs a tenth of it
    from cyclopts.exceptions import CycloptsError

    from tenuto.cli.app import app, load_all

    if not tokens or tokens[0].startswith("-") or tokens[0] in ("db", "types"):
        load_all()
    gc.enable()
    try:
        result = app(tokens, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        raise _usage(error, tokens) from None
    except Stop:
        raise
    except Exception as error:
        known = _known(error)
        if known is None:
            raise
        raise known from error
    return int(result) if isinstance(result, int) else int(Exit.OK)


def _usage(error: Exception, tokens: list[str]) -> Stop:
    from cyclopts.exceptions import MissingArgumentError, UnknownCommandError, UnknownOptionError

    chain = list(getattr(error, "command_chain", None) or ())
    if isinstance(error, UnknownCommandError) and len(tokens) > len(chain):
        return _unknown(chain, tokens[len(chain)])
    if isinstance(error, UnknownOptionError) and error.argument_collection is not None:
        word = (error.token.keyword or error.token.value).partition("=")[0]
        if word.startswith("--"):
            return _unknown_option(chain, word, _options(error.argument_collection))
    message = str(error).strip()
    text = message[0].lower() + message[1:] if message else "this command line is not understood"
    if isinstance(error, MissingArgumentError) and error.argument is not None:
        name = error.argument.name
        text = f"{name} needs a value" if name.startswith("-") else f"{name} is missing"
    return Stop(Exit.USAGE, text.rstrip("."), f"see: tenuto {' '.join(chain)} --help".replace("  ", " "))


def _unknown(chain: list[str], word: str) -> Stop:
    """A command that is not there; one of a group may be meant by its own name: `status` is `db status`."""
    from tenuto_dsl.diagnostics import nearest

    from tenuto.cli.app import app, db, types_app

    here = {"db": db, "types": types_app}.get(chain[0] if chain else "", app)
    names = [name for name in here if not name.startswith("-")]
    grouped = {name: f"{group.name[0]} {name}" for group in (db, types_app) for name in group if name[0] != "-"}
    if not chain and word in grouped:
        meant: str | None = grouped[word]
    else:
        meant = " ".join([*chain, found]) if (found := nearest(word, names)) is not None else None
    hint = f"did you mean: tenuto {meant}" if meant else f"see: tenuto {' '.join(chain)} --help".replace("  ", " ")
    return Stop(Exit.USAGE, f"there is no command {' '.join([*chain, word])}", hint)


def _unknown_option(chain: list[str], word: str, known: set[str]) -> Stop:
    """An option that a command does not have; another may have it."""
    from tenuto_dsl.diagnostics import nearest

    from tenuto.cli.app import app, load_all

    found = nearest(word[2:], [name[2:] for name in known])
    if found is not None:
        hint = f"did you mean --{found}?"
    else:
        load_all()
        commands = [name for name in app if not name.startswith("-") and app[name].default_command is not None]
        having = [f"tenuto {name}" for name in commands if word in _options(app[name].assemble_argument_collection())]
        hint = f"see: tenuto {' '.join(chain)} --help"
        if having:
            hint = f"{word} is an option of {' and of '.join(having[:3])}{' and others' if having[3:] else ''}; {hint}"
    return Stop(Exit.USAGE, f"unknown option: {word}", hint)


def _options(arguments: Any) -> set[str]:
    return {name for argument in arguments for name in argument.names if name.startswith("--")}


def _known(error: Exception) -> Stop | None:
    """The errors of the layers below that any command may meet."""
    from tenuto.settings import SettingsError

    if isinstance(error, SettingsError):
        return Stop(Exit.USAGE, str(error))
    if "tenuto.store.protocol" not in sys.modules:
        return None
    from tenuto.cli.outcomes import stop_for

    return stop_for(error)


def _last_resort(error: Exception) -> int:
    """A mistake of ours: one line, and the rest in a file."""
    from tenuto.cli.errorlog import keep
    from tenuto.cli.terminal import complain, one_line

    kept = keep(error)
    where = f"details are in {kept}; " if kept else ""
    complain(
        f"unexpected {type(error).__name__}: {one_line(str(error))}", f"{where}run again with --debug to see them here"
    )
    return int(Exit.INTERNAL)
