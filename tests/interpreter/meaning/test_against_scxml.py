"""Random statecharts with random messages, in the machine and in an interpreter of SCXML's pseudo-code: after every
message the same states are active, and the same has been left, done and entered on the way, in the same order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tenuto_interpreter import types as t
from tenuto_interpreter.ir import State, Transition, Variable
from tenuto_interpreter.machine import Executable
from tenuto_interpreter.virtual import VirtualRun

from tests.interpreter.machine.build import Builder

from .scxml import Edge, Interpreter, NeverRests, Node

MESSAGES = ("a", "b", "c")

Pick = Callable[[int], int]
"""A number from 0 to below the argument."""


@dataclass
class Sketch:
    """A chart, told in words that both sides understand. `kind`: root, plain, final or region."""

    kind: str
    parent: int | None
    inner: list[int] = field(default_factory=list)
    parallel: bool = False
    edges: list[dict[str, Any]] = field(default_factory=list)

    @property
    def initial(self) -> int | None:
        return self.inner[0] if self.inner and not self.parallel else None


def sketch(pick: Pick) -> list[Sketch]:
    states = [Sketch("root", None)]

    def fill(parent: int, depth: int) -> None:
        for number in range(1 + pick(3)):
            index = len(states)
            final = number > 0 and pick(4) == 0
            states.append(Sketch("final" if final else "plain", parent))
            states[parent].inner.append(index)
            if final or depth == 3 or len(states) > 14:
                continue
            match pick(4):
                case 0:
                    states[index].parallel = True
                    for _ in range(2 + (pick(4) == 0)):
                        region = len(states)
                        states.append(Sketch("region", index))
                        states[index].inner.append(region)
                        fill(region, depth + 1)
                case 1:
                    fill(index, depth + 1)

    fill(0, 0)
    targets = [index for index, state in enumerate(states) if state.kind in ("plain", "final")]
    for index, state in enumerate(states):
        if state.kind == "final":
            continue
        for _ in range(pick(4)):
            state.edges.append(edge(pick, states, index, targets))
    return states


def edge(pick: Pick, states: list[Sketch], source: int, targets: list[int]) -> dict[str, Any]:
    can_be_done = states[source].kind == "plain" and states[source].inner
    event: str | None = MESSAGES[pick(3)]
    if can_be_done and pick(2):
        event = "done"
    elif pick(5) == 0:
        event = None
    target: int | None = targets[pick(len(targets))]
    assert target is not None
    history = pick(4) == 0 and states[target].kind == "plain" and source not in within(states, target)
    if event is not None and pick(4) == 0:
        target = None
    guard: tuple[str, int] | None = None
    match pick(4) if event is not None else 2 + pick(2):
        case 2:
            guard = ("executed", pick(3))
        case 3:
            guard = ("in", 1 + pick(len(states) - 1))
    return {"event": event, "target": target, "history": history and target is not None, "guard": guard}


def within(states: list[Sketch], state: int) -> list[int]:
    """The states properly inside a state."""
    return [s for inner in states[state].inner for s in (inner, *within(states, inner))]


# -- one chart, twice ----------------------------------------------------------------------------------------------


def as_scxml(states: list[Sketch]) -> Interpreter:
    nodes = []
    for index, state in enumerate(states):
        kind = {"root": "scxml", "final": "final"}.get(state.kind, "parallel" if state.parallel else "state")
        edges = [
            Edge(
                f"t{index}.{number}", index, f"done.{index}" if e["event"] == "done" else e["event"],
                asking(e["guard"]), e["target"], e["history"], internal=state.kind in ("root", "region"),
            )
            for number, e in enumerate(state.edges)
        ]  # fmt: skip
        nodes.append(Node(kind, state.parent, state.inner, state.initial, edges))
    return Interpreter(nodes)


def asking(guard: tuple[str, int] | None) -> Callable[[Interpreter], bool]:
    match guard:
        case ("executed", n):
            return lambda run: run.executed % 3 == n
        case ("in", state):
            return lambda run: state in run.configuration
        case _:
            return lambda run: True


EXECUTED, TRACE = 0, 1


def as_program(states: list[Sketch]) -> Executable:
    b = Builder()

    def say(what: str) -> tuple[Any, ...]:
        return ("set", TRACE, b.e("do", "add_list", ("var", TRACE), ("const", [what])))

    next_ = ("if", ("eq", "plain", ("var", EXECUTED), ("const", 2)), ("const", 0),
             ("do", "add_int", ("var", EXECUTED), ("const", 1)))  # fmt: skip
    count = ("set", EXECUTED, b.e(*next_))

    def guard(told: tuple[str, int] | None) -> int | None:
        match told:
            case ("executed", n):
                return b.e("eq", "plain", ("var", EXECUTED), ("const", n))
            case ("in", state):
                return b.e("do", "active", ("const", f"s{state}"))
            case _:
                return None

    def transition(index: int, number: int, e: dict[str, Any]) -> Transition:
        message = e["event"] in MESSAGES
        trigger: Any = "signal" if message else e["event"] or "when"
        return Transition(
            trigger, e["event"] if message else None, guard=guard(e["guard"]), target=e["target"], history=e["history"],
            actions=b.block(say(f"t{index}.{number}"), count),
        )  # fmt: skip

    made = []
    for index, state in enumerate(states):
        transitions = tuple(transition(index, number, e) for number, e in enumerate(state.edges))
        inner = tuple(state.inner)
        kind: Any = state.kind
        made.append(
            State(
                "" if index == 0 else f"s{index}", "" if index == 0 else f"s{index}", kind, state.parent, state.initial,
                () if state.parallel else inner, inner if state.parallel else (),
                None if index == 0 else b.block(say(f"+{index}")), None if index == 0 else b.block(say(f"-{index}")),
                transitions=transitions,
            )
        )  # fmt: skip
    root = made[0]
    variables = (Variable("executed", t.INT, b.const(0)), Variable("trace", t.ANY, b.const([])))
    program = b.program(
        {"children": root.children, "initial": root.initial, "transitions": root.transitions},
        *made[1:], variables=variables,
    )  # fmt: skip
    return Executable(program)


def agree(states: list[Sketch], messages: list[str]) -> None:
    try:
        reference = as_scxml(states)
        run = VirtualRun(as_program(states), lambda *_: None)
        compare(reference, run)
        for message in messages:
            if not reference.running:
                return
            reference.tell(message)
            run.signal(message)
            compare(reference, run)
    except NeverRests:
        return  # the machine parks: `test_transitions_that_never_rest_are_a_fault`


def compare(reference: Interpreter, run: VirtualRun) -> None:
    if not reference.running:
        assert run.closed is not None
        assert run.snapshot.vars[TRACE][: len(reference.trace)] == reference.trace, "what is left at the end comes last"
        return
    assert run.snapshot.status == "open", run.snapshot.parked
    assert run.snapshot.vars[TRACE] == reference.trace
    assert run.snapshot.active == sorted(reference.configuration)
    assert [m[2] for m in run.snapshot.mailbox] == reference.mailbox


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_random_charts_do_what_the_pseudo_code_says(data: st.DataObject) -> None:
    states = sketch(lambda n: data.draw(st.integers(0, n - 1)))
    agree(states, data.draw(st.lists(st.sampled_from(MESSAGES), min_size=1, max_size=8)))
