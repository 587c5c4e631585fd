"""A few words for writing programs by hand, so that the machine's tests need no parser and no checker."""

from __future__ import annotations

from typing import Any

from tenuto_interpreter import types as t
from tenuto_interpreter.ir import (
    Activity,
    Block,
    Call,
    Handler,
    Program,
    Retry,
    State,
    Timeout,
    Transition,
    Undo,
)


class Builder:
    """Collects expressions, calls, blocks and states; `program()` gives the whole. Answers are indices."""

    def __init__(self) -> None:
        self.expressions: list[tuple[Any, ...]] = []
        self.calls: list[Call] = []
        self.blocks: list[Block] = []
        self.activities: list[Activity] = []
        self.states: list[State] = []

    def e(self, *code: Any) -> int:
        if code not in self.expressions:
            self.expressions.append(code)
        return self.expressions.index(code)

    def const(self, value: Any) -> int:
        return self.e("const", value)

    def seconds(self, seconds: float) -> int:
        return self.e("duration", int(seconds * 1_000_000))

    def local(self, n: int) -> int:
        return self.e("local", n)

    def var(self, n: int) -> int:
        return self.e("var", n)

    def activity(self, name: str, params: int = 0, retry: int | None = None, **more: Any) -> int:
        policy = Retry(self.const(retry), unless=more.pop("unless", ())) if retry is not None else None
        limits = more.pop("timeout", Timeout())
        activity = Activity(
            name, tuple(_param(f"p{i}") for i in range(params)), t.ANY, retry=policy, timeout=limits, **more
        )
        self.activities.append(activity)
        return len(self.activities) - 1

    def call(self, activity: int, *args: int, undo: Undo | None = None, **more: Any) -> int:
        self.calls.append(Call(activity, None, args, undo=undo, **more))
        return len(self.calls) - 1

    def block(self, *code: tuple[Any, ...], locals: int = 4, handlers: tuple[Handler, ...] = ()) -> int:
        self.blocks.append(Block(f"block{len(self.blocks)}", code, locals, handlers))
        return len(self.blocks) - 1

    def program(self, root: dict[str, Any], *states: State, variables: tuple[Any, ...] = (), **more: Any) -> Program:
        root_state = State("", "", "root", None, **root)
        return Program(
            "test", 1, more.pop("params", ()), None, variables=variables, states=(root_state, *states),
            blocks=tuple(self.blocks), calls=tuple(self.calls), expressions=tuple(self.expressions),
            activities=tuple(self.activities), **more,
        )  # fmt: skip


def _param(name: str) -> Any:
    from tenuto_interpreter.ir import Param

    return Param(name, t.ANY)


def state(name: str, parent: int = 0, **more: Any) -> State:
    kind = more.pop("kind", "plain")
    return State(name, more.pop("path", name), kind, parent, **more)


def to(target: int, trigger: Any = "done", **more: Any) -> Transition:
    return Transition(trigger, target=target, **more)
