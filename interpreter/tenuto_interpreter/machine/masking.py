"""A history as it may be shown: what is declared `sensitive` hidden, each value by its type where one is declared.

Read from its beginning, entry by entry: later entries repeat what earlier ones have brought. Values without a declared
type (a log line, a message to another run, the text of a failure) lose what has been found sensitive before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from tenuto_interpreter import commands as c
from tenuto_interpreter import events as e
from tenuto_interpreter.ir import Config, Param, Program, Variable
from tenuto_interpreter.machine.secrets import in_fields, in_snapshot, message
from tenuto_interpreter.machine.snapshot import Snapshot
from tenuto_interpreter.types import Type
from tenuto_interpreter.values.concealing import HIDDEN, conceal, conceal_texts, sensitive_texts

_Typed = tuple[Type | None, dict[str, Type]]


class Masker:
    """`child` answers the program of a workflow by its name. Without a program, whatever may be a secret is hidden."""

    def __init__(self, program: Program | None, child: Callable[[str], Program | None] = lambda _: None) -> None:
        self._child = child
        self._texts: frozenset[str] = frozenset()
        self._results: dict[int, _Typed] = {}
        self._replies: dict[str, Type | None] = {}
        self.follow(program)

    def follow(self, program: Program | None) -> None:
        """The run goes on in this program."""
        self._program = program
        self._types: dict[str, Type] = {d.name: d.type for d in program.types} if program is not None else {}

    def learn(self, snapshot: Snapshot) -> None:
        """What the run remembers now, for values of no declared type."""
        if self._program is not None:
            self._texts |= frozenset(in_snapshot(self._program, snapshot))

    # -- values ----------------------------------------------------------------------------------------------------

    def value(self, value: Any, type_: Type | None = None, types: dict[str, Type] | None = None) -> Any:
        """A value of a type, or of none."""
        if self._program is None:
            return None if value is None else HIDDEN
        if type_ is not None:
            known = self._types if types is None else types
            self._texts |= frozenset(sensitive_texts(type_, known, value))
            value = conceal(type_, known, value)
        return self.shown(value)

    def result(self, value: Any) -> Any:
        """The workflow's result."""
        return self.value(value, None if self._program is None else self._program.returns)

    def failure(self, failure: e.Failure) -> e.Failure:
        declared = () if self._program is None else self._program.errors
        fields = {name: t for error in declared if error.code == failure.code for name, t in error.fields}
        details = failure.details
        if details is not None:
            details = {name: self.value(value, fields.get(name)) for name, value in details.items()}
        return replace(failure, message=self.text(failure.message), details=details)

    def text(self, text: str) -> str:
        """A reason or a message: it is shown even without a program, because somebody has to act on it."""
        return str(self.shown(text))

    def shown(self, value: Any) -> Any:
        """What is meant for everybody's eyes: it loses only what is known to be a secret."""
        return conceal_texts(value, self._texts) if self._texts else value

    def _fields(
        self,
        values: dict[str, Any],
        declared: Sequence[Param | Variable | Config],
        types: dict[str, Type] | None = None,
    ) -> dict[str, Any]:
        known = self._types if types is None else types
        self._texts |= frozenset(in_fields(declared, known, values))
        kinds = {item.name: item.type for item in declared}
        return {name: self.value(value, kinds.get(name), known) for name, value in values.items()}

    def _message(self, kind: str, name: str, payload: dict[str, Any]) -> dict[str, Any]:
        return self._fields(payload, () if self._program is None else message(self._program, kind, name))

    def _messages(self, messages: Sequence[tuple[str, str, dict[str, Any]]]) -> tuple[tuple[str, str, Any], ...]:
        return tuple((id_, name, self._message("signal", name, payload)) for id_, name, payload in messages)

    # -- entries ---------------------------------------------------------------------------------------------------

    def event(self, event: e.Event) -> e.Event:
        program = self._program
        match event:
            case e.RunStarted():
                params, config = (program.params, program.config) if program is not None else ((), ())
                return replace(
                    event, input=self._fields(event.input, params), config=self._fields(event.config, config),
                    messages=self._messages(event.messages),
                )  # fmt: skip
            case e.ActivityCompleted() | e.ChildCompleted():
                return replace(event, result=self.value(event.result, *self._results.get(event.op, (None, {}))))
            case e.ActivityFailed() | e.ChildFailed():
                return replace(event, failure=self.failure(event.failure))
            case e.SignalReceived():
                return replace(event, payload=self._message("signal", event.name, event.payload))
            case e.UpdateReceived():
                declared = () if program is None else program.updates
                self._replies[event.id] = next((u.returns for u in declared if u.name == event.name), None)
                return replace(event, payload=self._message("update", event.name, event.payload))
            case e.CancelRequested() | e.TerminateRequested() | e.AttemptFaulted():
                return replace(event, reason=self.text(event.reason))
            case e.Migrated():
                return replace(event, config=self._fields(event.config, () if program is None else program.config))
            case _:
                return event

    def commands(self, commands: Sequence[c.Command]) -> tuple[c.Command, ...]:
        return tuple(map(self._command, commands))

    def _command(self, command: c.Command) -> c.Command:
        program = self._program
        match command:
            case c.ScheduleActivity():
                return self._scheduled(command)
            case c.StartChild():
                child = self._child(command.workflow)
                types = {d.name: d.type for d in child.types} if child is not None else {}
                self._results[command.op] = (child.returns if child is not None else None, types)
                declared = child.params if child is not None else ()
                return replace(command, input=self._fields(command.input, declared, types))
            case c.SendSignal():
                return replace(command, payload=self._fields(command.payload, ()))
            case c.AnswerUpdate():
                return replace(command, value=self.value(command.value, self._replies.get(command.id)))
            case c.SetAttributes():
                return replace(command, values=self._fields(command.values, ()))
            case c.WriteLog():
                return replace(command, value=self.value(command.value))
            case c.CloseRun():
                failure = None if command.failure is None else self.failure(command.failure)
                return replace(command, result=self.result(command.result), failure=failure)
            case c.ContinueRun():
                given = self._fields(command.input, () if program is None else program.params)
                return replace(command, input=given, messages=self._messages(command.messages))
            case c.ParkRun():
                return replace(command, reason=self.text(command.reason))
            case _:
                return command

    def _scheduled(self, command: c.ScheduleActivity) -> c.ScheduleActivity:
        program = self._program
        if program is None or command.activity >= len(program.activities):
            return replace(command, args=tuple(self.value(value) for value in command.args))
        activity = program.activities[command.activity]
        self._results[command.op] = (activity.returns, self._types)
        typed = zip(command.args, activity.params, strict=False)
        return replace(command, args=tuple(self.value(value, param.type) for value, param in typed))
