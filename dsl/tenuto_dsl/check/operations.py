"""Durable operations: calls of activities and child workflows, their options and undos, and detached children."""

from __future__ import annotations

from dataclasses import dataclass

from tenuto_interpreter.types import NULL, STRING, Type

from tenuto_dsl.check import scopes
from tenuto_dsl.check.context import Context
from tenuto_dsl.check.facts import ActivityFacts, WorkflowSignature
from tenuto_dsl.check.scopes import Names
from tenuto_dsl.check.walk import idents_of
from tenuto_dsl.diagnostics import Spelled
from tenuto_dsl.syntax import tree


@dataclass(frozen=True, slots=True)
class Operations:
    """Checks operations that stand where `names` are known."""

    context: Context
    names: Names

    def call(self, step: tree.CallStep, target: tree.LetStep | tree.AssignStep | None) -> Type:
        """Check a call and answer the type of its value. `target` takes the value; an undo may read it by that name."""
        context, names = self.context, self.names
        callee = self.callee(step.callee)
        if callee is None:
            context.unresolved_arguments(step.args, names)
            result: Type = scopes.UNKNOWN
        else:
            context.invoke(step, step.callee, callee, step.args, names)
            result = self.result(step, callee, target)
        context.options(step.timeout, step.retry, names)
        context.queue(step.queue, step.priority, names)
        if isinstance(callee, WorkflowSignature):
            self.refuse_options(step)
        if step.undo is not None:
            self.undo(step.undo, target, result)
        return result

    def callee(self, name: tree.Name) -> ActivityFacts | WorkflowSignature | None:
        """What a call reaches, or None after a diagnostic."""
        table = self.context.declarations
        found = table.activities.get(name.text) or table.workflows.get(name.text)
        if found is None:
            hint = Spelled(f"declare it: `activity {name.text}(…)`", "declare it below `activities`")
            self.context.unknown("activity or workflow", name, [*table.activities, *table.workflows], "TEN201", hint)
        return found

    def result(
        self,
        step: tree.CallStep,
        callee: ActivityFacts | WorkflowSignature,
        target: tree.LetStep | tree.AssignStep | None,
    ) -> Type:
        if callee.returns is not None:
            return callee.returns
        if target is None:
            return NULL
        kind = "activity" if isinstance(callee, ActivityFacts) else "workflow"
        message = f"the {kind} {callee.name} returns nothing that {target.name.text} could hold"
        key = "returns" if kind == "activity" else "output"
        text = f"declare what it returns: `{kind} {callee.name}(…) -> T`"
        hint = Spelled(text, f"declare what {callee.name} returns: `{key}: T`")
        self.context.sink.error("TEN214", step.callee.span, message, hint)
        return scopes.UNKNOWN

    def refuse_options(self, step: tree.CallStep) -> None:
        """A workflow has no worker to wait for, and answers for its own activities."""
        timeout = step.timeout if step.timeout is not None else tree.Timeout(span=step.span)
        options = {
            "queue": step.queue, "priority": step.priority,
            "timeout queued": timeout.queued, "timeout heartbeat": timeout.heartbeat,
        }  # fmt: skip
        for word, option in options.items():
            if option is not None:
                message = f"`{word}` means nothing for a workflow, and {step.callee.text} is one"
                hint = "its activities have their own; a call of a workflow takes `timeout`, `overall` and `retry`"
                self.context.sink.error("TEN233", option.span, message, hint)

    def undo(self, undo: tree.Undo, target: tree.LetStep | tree.AssignStep | None, result: Type) -> None:
        context = self.context
        names = self.names.inner()
        if target is not None and not (isinstance(target, tree.AssignStep) and target.path):
            # The name means the result of this very call here, even where it is a variable not assigned yet.
            names.enter(target.name, result, ("local", context.facts.locals[target]), "let")
            if any(ident.name == target.name.text for arg in undo.args for ident in idents_of(arg.value)):
                names.forget_variables()  # its arguments are evaluated when the result is there, not now
        callee = self.callee(undo.callee)
        if callee is None:
            context.unresolved_arguments(undo.args, names)
        else:
            context.invoke(undo, undo.callee, callee, undo.args, names)

    def start(self, step: tree.StartStep) -> Type:
        """Check the start of a detached child; its value is the child's id."""
        context, names = self.context, self.names
        table = context.declarations
        workflow = table.workflows.get(step.workflow.text)
        context.maybe(step.id, names, STRING)
        if workflow is not None:
            context.invoke(step, step.workflow, workflow, step.args, names)
            return STRING
        context.unresolved_arguments(step.args, names)
        if step.workflow.text in table.activities:
            message = f"{step.workflow.text} is an activity; only workflows are started"
            context.sink.error(
                "TEN225",
                step.workflow.span,
                message,
                Spelled(f"write `call {step.workflow.text}(…)`", f"write `call: {step.workflow.text}`"),
            )
        else:
            context.unknown("workflow", step.workflow, table.workflows, "TEN201")
        return STRING
