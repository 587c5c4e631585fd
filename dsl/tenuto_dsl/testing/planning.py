"""From checked tests to plans, and from a file to its suite."""

from __future__ import annotations

from collections.abc import Mapping

from tenuto_interpreter.ir import ExprIndex

from tenuto_dsl.check.expressions.checker import children
from tenuto_dsl.check.facts import Facts, MessageFacts
from tenuto_dsl.check.tested import error_of
from tenuto_dsl.check.tests import CheckedTest
from tenuto_dsl.compiler import Checked, Compiled, read_from_disk, sound_source
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.imports import Reader
from tenuto_dsl.lower import lower_workflow
from tenuto_dsl.lower.pool import ExpressionPool
from tenuto_dsl.syntax import tree
from tenuto_dsl.testing import plan


def plan_source(name: str, source: str, sink: Diagnostics, reader: Reader = read_from_disk) -> plan.Suite | None:
    """The tests of a file, or None when it has errors."""
    checked = sound_source(name, source, sink, reader)
    return None if checked is None else plan_checked(checked, source)


def plan_checked(checked: Checked, source: str) -> plan.Suite:
    """The tests of a file that checked without errors."""
    found = checked.facts
    programs = {}
    own = tuple(workflow.signature.name for workflow in found.workflows)
    reached = {workflow.signature.name: workflow for workflow in (*found.reachable, *found.workflows)}
    for workflow in reached.values():
        text = checked.imported.get(workflow.node.span.file, source)
        program, source_map = lower_workflow(workflow, found.facts, found.declarations)
        programs[program.name] = Compiled(program, source_map, text, checked.file.form)
    pool = ExpressionPool()
    plans = tuple(_Planning(test, found.facts, pool).made() for test in found.tests)
    fields = tuple(field.name for field in error_of(found.declarations).fields)
    return plan.Suite(programs, plans, tuple(pool.expressions), fields, own)


class _Planning:
    def __init__(self, test: CheckedTest, facts: Facts, pool: ExpressionPool) -> None:
        self.test = test
        self.facts = facts
        self.pool = pool

    def made(self) -> plan.Plan:
        node = self.test.node
        given = next((step for step in node.steps if isinstance(step, tree.GivenStep)), None)
        config = tuple(
            (step.name.text, self.expression(step.value)) for step in node.steps if isinstance(step, tree.ConfigStep)
        )
        steps = tuple(made for step in node.steps if (made := self.step(step)) is not None)
        return plan.Plan(
            name=node.name,
            span=node.span,
            workflow=self.test.workflow.signature.name,
            given=self.arguments(given) if given is not None else (),
            config=config,
            id=self.maybe(given.id) if given is not None else None,
            at=self.maybe(given.at) if given is not None else None,
            steps=steps,
        )

    def step(self, step: tree.TestStep) -> plan.Step | None:
        match step:
            case tree.MockStep():
                outcomes = tuple(self.outcome(outcome) for outcome in step.outcomes)
                return plan.Mock(step.span, step.activity.text, self.arguments(step), outcomes)
            case tree.TestSend():
                return plan.Send(step.span, step.signal.text, self.message(step), self.maybe(step.to))
            case tree.TestUpdate():
                args, replies = self.message(step), self.maybe(step.replies)
                return plan.Update(step.span, step.update.text, args, replies, step.rejected)
            case tree.TestCancel():
                return plan.Cancel(step.span)
            case tree.AdvanceStep():
                return plan.Advance(step.span, self.maybe(step.duration), self.maybe(step.until))
            case tree.ExpectStep():
                parts = tuple((part.span, self.pool.add(part.ir, part.span)) for part in self.test.parts[id(step)])
                return plan.Expect(step.span, self.expression(step.condition), parts, _asks_for_status(step.condition))
            case _:
                return None

    def outcome(self, outcome: tree.Outcome) -> plan.Outcome:
        if outcome.kind != "fails" or outcome.error is None:
            return plan.Outcome(outcome.kind, self.maybe(outcome.value))
        return plan.Outcome("fails", None, outcome.error.text, self.arguments(outcome), outcome.attempt)

    def arguments(self, node: tree.Node) -> plan.Arguments:
        written: Mapping[str, tree.Expr] = self.test.arguments.get(id(node), {})
        return tuple((name, self.expression(value)) for name, value in written.items())

    def message(self, step: tree.Node) -> plan.Arguments:
        """Every field of a message, as the outside would have sent it: defaults filled in, null for what is absent."""
        written = self.test.arguments[id(step)]
        message = self.test.callees[id(step)]
        assert isinstance(message, MessageFacts)
        found = []
        for param in message.params:
            value = written.get(param.name, param.node.default)
            index = self.pool.add(("const", None), step.span) if value is None else self.expression(value)
            found.append((param.name, index))
        return tuple(found)

    def expression(self, node: tree.Expr) -> ExprIndex:
        return self.pool.add(self.facts.expressions[node].ir, node.span)

    def maybe(self, node: tree.Expr | None) -> ExprIndex | None:
        return None if node is None else self.expression(node)


def _asks_for_status(node: tree.Expr) -> bool:
    """Whether an expectation reads `workflow.status`."""
    pending = [node]
    while pending:
        item = pending.pop()
        if isinstance(item, tree.Select) and item.field.text == "status" and item.operand == _WORKFLOW:
            return True
        pending.extend(children(item))
    return False


_WORKFLOW = tree.Ident("workflow", span=tree.Span("", 1, 1, 1, 1))
