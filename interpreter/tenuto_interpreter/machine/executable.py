"""A program made ready to run: expressions compiled, relations between states tabulated. Made once per definition.

Holds no run's data and is safe to share between threads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tenuto_interpreter.expr import Context, compile_expressions, constant
from tenuto_interpreter.ir import Block, Program, Signal, Transition, Update

Compiled = Callable[[Sequence[Any], Sequence[Any], Context], Any]

Options = tuple[tuple[int | None, int | None, int | None], int | None, tuple[int, int, float, int], str | None, int]
"""An operation's (attempt, heartbeat, queued) limits, overall limit, (times, backoff, factor, up to), queue, priority;
times in microseconds."""


def _finals(block: Block) -> tuple[tuple[int, int, int], ...]:
    found = {}
    for handler in block.handlers:
        if handler.always and handler.local is not None and ("raise", handler.local) in block.code[handler.target :]:
            end = block.code.index(("raise", handler.local), handler.target)
            found[handler.target] = (handler.target, end, handler.local)
    return tuple(found.values())


class Executable:
    """`evaluate[e]` runs expression e; `constants[e]` holds its value when it is one (key absent otherwise).

    `ancestors[s]` lists s and its ancestors, innermost first. `eventless` are the states with a `when` of their own.
    `remembered` are the states whose history some transition asks for. `finals[b]` are the `finally` blocks of block b:
    where each begins, the instruction that raises what it has held back, and the local that holds it. `branches_undo`:
    some branch of a fork compensates what it, or a fork around it, has called. `counts_calls`: some property may ask
    how often something was called. `messages` are the fields of signals and updates, each with its default.
    """

    __slots__ = (
        "ancestors", "blocks", "branches_undo", "calls", "constants", "counts_calls", "evaluate", "eventless", "finals",
        "messages", "options", "program", "remembered", "slots", "states", "timed",
    )  # fmt: skip

    def __init__(self, program: Program) -> None:
        self.program = program
        self.states = program.states
        self.blocks = program.blocks
        self.calls = program.calls
        self.evaluate: list[Compiled] = compile_expressions(program.expressions)
        self.constants: dict[int, Any] = {}
        for index, expression in enumerate(program.expressions):
            known, value = constant(expression)
            if known:
                self.constants[index] = value
        self.finals = [_finals(block) for block in program.blocks]
        forked = {b for block in program.blocks for code in block.code if code[0] == "fork" for b in code[2]}
        self.branches_undo = any(
            code[0] == "compensate" and code[1] is not None for b in forked for code in program.blocks[b].code
        )
        self.counts_calls = any("'calls'" in repr(program.expressions[p.value]) for p in program.properties)
        self.options: dict[int, Options] = {}
        messages: list[Signal | Update] = [*program.signals, *program.updates]
        self.messages = {each.name: tuple((param.name, param.default) for param in each.params) for each in messages}
        self.slots = len(program.params) + len(program.variables)
        self.ancestors: list[tuple[int, ...]] = []
        for index, state in enumerate(program.states):
            above = self.ancestors[state.parent] if state.parent is not None else ()
            self.ancestors.append((index, *above))
        self.remembered = {
            t.target for state in program.states for t in state.transitions if t.history and t.target is not None
        }
        self.eventless = frozenset(
            index for index, state in enumerate(program.states) if any(t.trigger == "when" for t in state.transitions)
        )
        self.timed: list[tuple[tuple[int, Transition], ...]] = [
            tuple((i, t) for i, t in enumerate(state.transitions) if t.trigger in ("after", "at", "every"))
            for state in program.states
        ]

    def within(self, state: int, ancestor: int) -> bool:
        """Whether `state` is `ancestor` or lies inside it."""
        return ancestor in self.ancestors[state]

    def state_names(self, active: list[int]) -> list[str]:
        """The paths of the innermost active states, in document order."""
        parents = {self.states[s].parent for s in active}
        return [self.states[s].path for s in active if s not in parents and s != 0]
