"""Tests: every name found, every argument, outcome and expectation typed, every step in its place.

A test is about one workflow: the one named after `for`, else the first of its file. Its own file may import that
workflow, so that tests can stand beside what they test.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from tenuto_interpreter import ir
from tenuto_interpreter.types import BOOL, DURATION, NULL, STRING, TIMESTAMP

from tenuto_dsl.check import scopes
from tenuto_dsl.check.arguments import places_of, places_of_error
from tenuto_dsl.check.context import Context
from tenuto_dsl.check.expressions import macros
from tenuto_dsl.check.expressions.checker import children
from tenuto_dsl.check.facts import ActivityFacts, MessageFacts, WorkflowFacts, WorkflowSignature
from tenuto_dsl.check.messages import find_message
from tenuto_dsl.check.scopes import Names
from tenuto_dsl.check.tested import names_of_given, names_of_mock, names_of_test
from tenuto_dsl.diagnostics import Diagnostics, Spelled, nearest
from tenuto_dsl.syntax import tree


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an expectation whose value explains why it does not hold."""

    span: tree.Span
    ir: ir.Expr


@dataclass(slots=True)
class CheckedTest:
    """A test about a workflow. The tables are keyed by identity of the steps they belong to."""

    node: tree.TestDecl
    workflow: WorkflowFacts
    callees: dict[int, ActivityFacts | WorkflowSignature | MessageFacts] = field(default_factory=dict)
    arguments: dict[int, dict[str, tree.Expr]] = field(default_factory=dict)
    """Of a `given`, a message, a mock and an outcome: what was written, by name."""
    parts: dict[int, tuple[Part, ...]] = field(default_factory=dict)


def check_tests(
    nodes: list[tree.TestDecl], workflows: Mapping[str, WorkflowFacts], context: Context
) -> tuple[CheckedTest, ...]:
    """Check the tests of a file. `workflows` are those that were checked and may be run, own ones first."""
    first: dict[str, int] = {}
    found = []
    for node in nodes:
        if node.name in first:
            message = f'there is a test "{node.name}" already, at line {first[node.name]}'
            context.sink.error("TEN200", _head(node), message)
        first.setdefault(node.name, node.span.line)
        workflow = _workflow_of(node, workflows, context)
        if workflow is not None:
            test = CheckedTest(node, workflow)
            _TestChecker(test, context).check()
            found.append(test)
    return tuple(found)


def _workflow_of(node: tree.TestDecl, workflows: Mapping[str, WorkflowFacts], context: Context) -> WorkflowFacts | None:
    if node.workflow is None:
        if workflows:
            return next(iter(workflows.values()))
        if not context.declarations.workflows:
            message = f'the test "{node.name}" is about no workflow'
            context.sink.error("TEN290", _head(node), message, "declare one in this file, or import its file")
        return None
    name = node.workflow
    if name.text in workflows:
        return workflows[name.text]
    if name.text in context.declarations.workflows:
        context.sink.error("TEN290", name.span, f"the workflow {name.text} has errors, so it cannot be tested")
    else:
        context.unknown("workflow", name, context.declarations.workflows, "TEN201")
    return None


def _head(node: tree.TestDecl) -> tree.Span:
    """Where a test begins: its span may cover many lines."""
    span = node.span
    return span if span.line == span.end_line else replace(span, end_line=span.line, end_col=span.col + len("test"))


class _TestChecker:
    def __init__(self, test: CheckedTest, context: Context) -> None:
        self.test = test
        self.context = context
        self.sink = context.sink
        self.names = names_of_test(test.workflow, context.declarations)
        self.begun: tree.Node | None = None
        self.given = False

    def check(self) -> None:
        node = self.test.node
        for step in node.steps:
            self.step(step)
        if not self.given:
            self.arguments(node, tree.Name(self.test.workflow.signature.name, span=_head(node)), (), self.names)
        expects = (
            isinstance(s, tree.ExpectStep) or (isinstance(s, tree.TestUpdate) and _answered(s)) for s in node.steps
        )
        if not any(expects):
            hint = Spelled(
                'say what must hold: `expect workflow.status == "completed"`',
                'say what must hold: `expect: workflow.status == "completed"`',
            )
            self.sink.warning("TEN293", _head(node), f'the test "{node.name}" expects nothing', hint)

    def step(self, step: tree.TestStep) -> None:
        self.context.mark(step, self.names)
        match step:
            case tree.GivenStep():
                self.begin(step)
            case tree.ConfigStep():
                self.configure(step)
            case tree.MockStep():
                self.mock(step)
            case tree.TestSend():
                self.send(step)
            case tree.TestUpdate():
                self.update(step)
            case tree.AdvanceStep():
                self.context.maybe(step.duration, self.names, DURATION)
                self.context.maybe(step.until, self.names, TIMESTAMP)
            case tree.ExpectStep():
                self.expect(step)
            case tree.TestCancel():
                pass
        if self.begun is None and not isinstance(step, tree.GivenStep | tree.ConfigStep | tree.MockStep):
            self.begun = step

    # -- before the run begins -----------------------------------------------------------------------------------------

    def begin(self, step: tree.GivenStep) -> None:
        if self.given:
            self.sink.error("TEN291", step.span, "a test has one `given`", "give all arguments in one")
        else:
            self.early(step, "given")
        self.given = True
        names = names_of_given(self.context.declarations)
        workflow = tree.Name(self.test.workflow.signature.name, span=step.span)
        self.arguments(step, workflow, step.args, names)
        self.context.maybe(step.id, names, STRING)
        self.context.maybe(step.at, names, TIMESTAMP)

    def configure(self, step: tree.ConfigStep) -> None:
        self.early(step, "config")
        declared = self.context.declarations.config.get(step.name.text)
        if declared is None:
            self.context.unknown("config value", step.name, self.context.declarations.config, "TEN240")
        expected = declared.type if declared is not None else None
        self.context.expression(step.value, names_of_given(self.context.declarations), expected)

    def early(self, step: tree.Node, word: str) -> None:
        if self.begun is not None:
            message = f"the run has begun, with the step at line {self.begun.span.line}"
            self.sink.error("TEN291", step.span, message, f"put `{word}` before it")

    def arguments(self, step: tree.Node, workflow: tree.Name, args: tuple[tree.Arg, ...], names: Names) -> None:
        found = self.context.filled(workflow, args, places_of(self.test.workflow.signature.params), names)
        self.test.arguments[id(step)] = {name: arg.value for name, arg in found.items()}

    # -- mocks ---------------------------------------------------------------------------------------------------------

    def mock(self, step: tree.MockStep) -> None:
        declarations = self.context.declarations
        name = step.activity
        callee = declarations.activities.get(name.text) or declarations.workflows.get(name.text)
        if callee is None:
            self.context.unknown(
                "activity or workflow", name, [*declarations.activities, *declarations.workflows], "TEN201"
            )
            return
        self.test.callees[id(step)] = callee
        places = [replace(place, required=False) for place in places_of(callee.params)]
        given = names_of_given(declarations)
        found = self.context.filled(name, step.args or (), places, given)
        self.test.arguments[id(step)] = {param: arg.value for param, arg in found.items()}
        names = names_of_mock(callee, declarations)
        for outcome in step.outcomes:
            self.outcome(outcome, callee, names)

    def outcome(self, outcome: tree.Outcome, callee: ActivityFacts | WorkflowSignature, names: Names) -> None:
        if outcome.kind == "returns" and outcome.value is not None:
            if callee.returns is None:
                found = self.context.expression(outcome.value, names)
                if found not in (NULL, scopes.UNKNOWN):
                    message = f"{callee.name} returns nothing, so a mock of it can return nothing else"
                    self.sink.error(
                        "TEN292", outcome.value.span, message, Spelled("write `returns null`", "write `returns: null`")
                    )
            else:
                self.context.expression(outcome.value, names, callee.returns)
        elif outcome.kind == "fails" and outcome.error is not None:
            self.fails(outcome, outcome.error, callee, names)

    def fails(
        self, outcome: tree.Outcome, code: tree.Name, callee: ActivityFacts | WorkflowSignature, names: Names
    ) -> None:
        error = self.context.declarations.error(code, self.sink)
        if error is None:
            self.context.unresolved_arguments(outcome.args, names)
            return
        places = [replace(place, named_only=False) for place in places_of_error(error)]
        found = self.context.filled(code, outcome.args, places, names)
        self.test.arguments[id(outcome)] = {name: arg.value for name, arg in found.items()}
        if outcome.attempt and isinstance(callee, WorkflowSignature):
            message = f"{callee.name} is a workflow: it is started once and has no attempts"
            self.sink.error(
                "TEN292", outcome.span, message, Spelled(f"write `fails {code.text}`", f"write `fails: {code.text}`")
            )
        if isinstance(callee, ActivityFacts) and error.node is not None:
            raised = [each.text for raises in callee.node.raises for each in raises.codes]
            if raised and code.text not in raised:
                message = f"{callee.name} does not raise {code.text}"
                self.sink.warning("TEN292", code.span, message, f"it raises {', '.join(raised)}")

    # -- while it runs -------------------------------------------------------------------------------------------------

    def send(self, step: tree.TestSend) -> None:
        self.context.maybe(step.to, self.names, STRING)
        if step.to is None:
            signal = find_message(self.context, self.test.workflow, step.signal, "signal")
        else:
            senders = self.context.declarations.signal_senders(step.signal.text)
            signal = senders[0] if senders else None
            if signal is None:
                candidates = [n for table in self.context.declarations.messages.values() for n in table]
                self.context.unknown("signal", step.signal, candidates, "TEN203")
        self.message(step, step.signal, signal, step.args)

    def update(self, step: tree.TestUpdate) -> None:
        update = find_message(self.context, self.test.workflow, step.update, "update")
        self.message(step, step.update, update, step.args)
        if step.replies is not None:
            if update is not None and update.returns is None:
                message = f"{update.name} does not declare what it replies"
                self.sink.error(
                    "TEN292",
                    step.replies.span,
                    message,
                    Spelled(f"declare it: `update {update.name}(…) -> T`", "declare it: `returns: T` of the update"),
                )
            self.context.expression(step.replies, self.names, update.returns if update is not None else None)

    def message(
        self, step: tree.Node, name: tree.Name, message: MessageFacts | None, args: tuple[tree.Arg, ...]
    ) -> None:
        if message is None:
            self.context.unresolved_arguments(args, self.names)
            return
        self.test.callees[id(step)] = message
        found = self.context.filled(name, args, places_of(message.params), self.names)
        self.test.arguments[id(step)] = {param: arg.value for param, arg in found.items()}

    # -- expectations --------------------------------------------------------------------------------------------------

    def expect(self, step: tree.ExpectStep) -> None:
        self.context.expression(step.condition, self.names, BOOL)
        self.counted(step.condition)
        parts: list[Part] = []
        for node in parts_of(step.condition):
            sink = Diagnostics()
            checked = scopes.checked(node, self.names, sink)
            if not sink.has_errors and all(checked.ir != part.ir for part in parts):
                parts.append(Part(node.span, checked.ir))
        self.test.parts[id(step)] = tuple(parts)

    def counted(self, condition: tree.Expr) -> None:
        """What `calls` and `attempts` count is declared."""
        declarations = self.context.declarations
        known = {"calls": [*declarations.activities, *declarations.workflows], "attempts": [*declarations.activities]}
        pending = [condition]
        while pending:
            node = pending.pop()
            pending.extend(children(node))
            if isinstance(node, tree.Call) and node.target is None and node.function.text in known:
                names = known[node.function.text]
                for arg in node.args:
                    if isinstance(arg, tree.Literal_) and isinstance(arg.value, str) and arg.value not in names:
                        meant = nearest(arg.value, names)
                        what = "activity or workflow" if node.function.text == "calls" else "activity"
                        hint = f'did you mean "{meant}"?' if meant else None
                        self.sink.error("TEN201", arg.span, f"no {what} {arg.value} is declared", hint)


def _answered(step: tree.TestUpdate) -> bool:
    return step.rejected or step.replies is not None


def parts_of(node: tree.Expr) -> Iterator[tree.Expr]:
    """The pieces of an expression whose values explain its own: names, what is selected, calls; no literals."""
    match node:
        case tree.Literal_():
            return
        case tree.Ident() | tree.Select() | tree.Interpolation():
            yield node
        case tree.Index():
            yield node
            yield from parts_of(node.index)
        case tree.Call(target=None, function=function) if function.text in ("calls", "attempts", "active", "now"):
            yield node
        case tree.Call():
            inside = [node.target] if node.target is not None else []
            if not (node.target is not None and node.function.text in macros.NAMES):
                inside.extend(node.args)
            found = [part for each in inside for part in parts_of(each)]
            if found:
                yield node
            yield from found
        case _:
            for child in children(node):
                yield from parts_of(child)
