"""What a piece of a program says, whatever its numbers are: for telling whether two versions say the same.

Expressions, calls, slots and blocks are numbers in a program and differ between versions that differ elsewhere. A shape
has what they stand for in their place. Locals stay numbers, because a block numbers its own.
"""

from __future__ import annotations

from typing import Any

from tenuto_interpreter.ir import Call, Program, Transition, Undo

Shape = tuple[Any, ...]

_OPERANDS = {
    "let": ".e", "set": "se", "put": "spe", "amend": ".pe", "call": "c.", "start": "c.", "unless": "e.",
    "iterate": "..e", "yield": ".e", "wait": "e", "wait_until": "e", "wait_for": "ee.", "receive": "..ee", "fail": ".f",
    "return": "e", "fork": ".be.", "send": ".fe", "reply": "e", "log": "e",
}  # fmt: skip
"""What the operands of an instruction are: an expression, a slot, a path, a call, fields, blocks, or themselves."""


class Shapes:
    """The shapes of one program, each made once."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.names = [param.name for param in program.params] + [variable.name for variable in program.variables]
        self._expressions: dict[int, Any] = {}
        self._blocks: dict[int, Shape] = {}

    def expression(self, index: int | None) -> Any:
        if index is None:
            return None
        if index not in self._expressions:
            self._expressions[index] = self._named(self.program.expressions[index])
        return self._expressions[index]

    def _named(self, expression: Any) -> Any:
        if not isinstance(expression, tuple | list):
            return (type(expression).__name__, expression)
        if len(expression) == 2 and expression[0] == "var":
            return ("var", self.names[expression[1]])
        return tuple(self._named(part) for part in expression)

    def block(self, index: int) -> Shape:
        if index not in self._blocks:
            block = self.program.blocks[index]
            code = tuple(self._instruction(instruction) for instruction in block.code)
            handlers = tuple((h.start, h.end, h.codes, h.local, h.target, h.always) for h in block.handlers)
            self._blocks[index] = (code, block.locals, handlers)
        return self._blocks[index]

    def _instruction(self, instruction: Shape) -> Shape:
        operands = instruction[1:]
        kinds = _OPERANDS.get(instruction[0], "").ljust(len(operands), ".")
        return (instruction[0], *(self._operand(k, o) for k, o in zip(kinds, operands, strict=True)))

    def _operand(self, kind: str, operand: Any) -> Any:
        match kind:
            case "e":
                return self.expression(operand)
            case "s":
                return self.names[operand]
            case "p":
                return tuple((how, key if how == "name" else self.expression(key)) for how, key in operand)
            case "f":
                return tuple((name, self.expression(e)) for name, e in operand)
            case "c":
                return self.call(self.program.calls[operand])
            case "b":
                return tuple(self.block(block) for block in operand)
            case _:
                return operand

    def call(self, call: Call) -> Shape:
        e = self.expression
        limits = call.timeout
        retry = call.retry
        return (
            self.callee(call), tuple(map(e, call.args)), call.arg_names,
            (e(limits.attempt), e(limits.overall), e(limits.queued), e(limits.heartbeat)),
            retry and (e(retry.times), e(retry.backoff), e(retry.factor), e(retry.up_to), retry.unless),
            e(call.queue), e(call.priority), self.undo(call.undo), e(call.id), call.on_close,
        )  # fmt: skip

    def callee(self, call: Call) -> Shape:
        if call.activity is None:
            return ("workflow", call.workflow)
        return ("activity", self.program.activities[call.activity].name)

    def undo(self, undo: Undo | None) -> Shape | None:
        if undo is None:
            return None
        name = undo.workflow if undo.activity is None else self.program.activities[undo.activity].name
        return (name, tuple(map(self.expression, undo.args)), undo.uses_result, undo.arg_names)

    def timed(self, transition: Transition) -> Shape:
        """By what a timed transition is the same one in another version."""
        return (transition.trigger, self.expression(transition.time))

    def trigger(self, transition: Transition) -> Shape:
        """By what a transition with durable work is the same one in another version."""
        time = self.expression(transition.time)
        return (transition.trigger, transition.name, transition.codes, time, transition.binding)
