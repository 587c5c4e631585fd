"""Named places where tests make a process die, freeze or fail: `TENUTO_FAILPOINTS="claimed=kill@3,before-flush=stop"`.

`NAME=ACTION[@N]`: the action at the N-th pass (default the first): `kill` (SIGKILL), `stop` (SIGSTOP), `exit`
(os._exit), `doubt` (as if the reply were lost), `sleep:MS`. Unset, a place costs one look at a local that is None.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable

from tenuto.store.protocol import Doubt

VARIABLE = "TENUTO_FAILPOINTS"
NAMES = ("claimed", "before-flush", "after-flush-before-dispatch", "effect-done-not-recorded")

Failpoints = Callable[[str], None]


def from_environment() -> Failpoints | None:
    """The failpoints that are set, as a function to call at each place. Raises ValueError for what is not one."""
    text = os.environ.get(VARIABLE, "").strip()
    return parse(text) if text else None


def parse(text: str) -> Failpoints:
    waiting: dict[str, tuple[str, int]] = {}
    for part in text.split(","):
        name, _, action = part.strip().partition("=")
        action, _, pass_ = action.partition("@")
        if name not in NAMES or not action:
            raise ValueError(f"{VARIABLE}: {part!r} is not NAME=ACTION with a name of {', '.join(NAMES)}")
        waiting[name] = (action, int(pass_ or 1))
    lock = threading.Lock()
    passes = dict.fromkeys(waiting, 0)

    def passed(name: str) -> None:
        if name not in waiting:
            return
        action, wanted = waiting[name]
        with lock:
            passes[name] += 1
            if passes[name] != wanted:
                return
        _act(action)

    return passed


def _act(action: str) -> None:
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif action == "exit":
        os._exit(70)
    elif action == "doubt":
        raise Doubt("a failpoint")
    elif action.startswith("sleep:"):
        time.sleep(int(action.removeprefix("sleep:")) / 1000)
    else:
        raise ValueError(f"{VARIABLE}: no action {action!r}")
