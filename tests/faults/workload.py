"""What the stress runs: a parent with activities, a timer, signals and a child, and the activity that tells the ledger.

    stress:       call a1; call a2; wait; call stress_child; call a3; wait for 3 pokes; return their number
    stress_child: wait for a poke; call c1; return the number of pokes

Parents are migrated to another version of `stress` and back, at any time.

Both count pokes at any time, so that clients may send theirs whenever they like, and more than are waited for.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from dataclasses import replace

from tenuto.activities import ActivityError, context
from tenuto.store.protocol import Definition
from tenuto_interpreter import types as t
from tenuto_interpreter.ir import Activity, Call, Param, Program, Retry, Signal, Transition, Variable

from tests.faults.ledger import Ledger
from tests.interpreter.machine.build import Builder

PARENT = "stress"
CHILD = "stress_child"
NEEDED = 3
"""Pokes a parent waits for."""
WAIT_S = 0.1


def child_id(parent: str) -> str:
    return f"{parent}/child"


def _base(name: str) -> tuple[Builder, Callable[[str], int]]:
    """A builder that knows the activity, and a function that makes a call of it."""
    b = Builder()
    retry = Retry(b.const(50), b.seconds(0.01), unless=())
    b.activities.append(Activity("work", (Param("step", t.STRING),), t.INT, retry=retry))
    return b, lambda step: b.call(0, b.const(step))


def _finished(b: Builder, name: str, *code: tuple[object, ...], pokes: int) -> Program:
    enough = b.e("do", "greater_equal_int", ("var", 0), ("const", pokes))
    full = (*code, ("wait_for", enough, None, None), ("return", b.var(0))) if name == PARENT else (
        ("wait_for", enough, None, None), *code, ("return", b.var(0))
    )  # fmt: skip
    count = b.block(("set", 0, b.e("do", "add_int", ("var", 0), ("const", 1))))
    program = b.program(
        {"do": b.block(*full), "transitions": (Transition("signal", "poke", actions=count),)},
        variables=(Variable("pokes", t.INT, b.const(0)),),
        signals=(Signal("poke", ()),),
    )
    return Program(**{field: getattr(program, field) for field in Program.__dataclass_fields__} | {"name": name})


def parent() -> Program:
    b, work = _base(PARENT)
    b.calls.append(Call(None, CHILD, (), id=b.e("text", ("workflow", "id"), ("const", "/child"))))
    child = len(b.calls) - 1
    steps = (
        ("call", work("a1"), None), ("call", work("a2"), None), ("wait", b.seconds(WAIT_S)), ("call", child, None),
        ("call", work("a3"), None),
    )  # fmt: skip
    return _finished(b, PARENT, *steps, pokes=NEEDED)


def child() -> Program:
    b, work = _base(CHILD)
    return _finished(b, CHILD, ("call", work("c1"), None), pokes=1)


def versions() -> list[Program]:
    """Of the parent: runs are migrated from one to the other and back. Nothing in them but the number differs."""
    return [replace(parent(), version=2), parent()]


def definitions() -> list[Definition]:
    return [
        Definition(bytes.fromhex(program.digest()), program.name, 1, program.encode(), "", "text", "")
        for program in (child(), *versions())
    ]


def activity(ledger: Ledger, seed: str) -> Callable[[str], int]:
    """The activity `work`: some of its attempts fail, all are in the ledger."""
    chance = random.Random(seed)

    def work(step: str) -> int:
        attempt = context()
        facts = (attempt.idempotency_key, attempt.attempt, os.getpid(), step)
        ledger.write("start", *facts)
        time.sleep(chance.random() * 0.02)
        if chance.random() < 0.03:
            ledger.write("fail", *facts)
            raise ActivityError("Flaky", "now and then it does not work")
        ledger.write("end", *facts)
        return attempt.attempt

    return work
