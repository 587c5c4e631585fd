"""Tests as models."""

from __future__ import annotations

from tenuto_dsl.format.yaml.activities import ActivityMaker
from tenuto_dsl.format.yaml.model import Many, Text, Value
from tenuto_dsl.format.yaml.spell import key_text
from tenuto_dsl.syntax import tree


class TestMaker(ActivityMaker):
    def test(self, node: tree.TestDecl) -> Value:
        steps = Many(is_map=False)
        for step in node.steps:
            self.put(steps, None, step, self._test_step)
        if node.workflow is None:
            return steps
        many = Many(is_map=True)
        many.add("workflow", self.name(node.workflow))
        many.add("steps", steps)
        return many

    def _test_step(self, node: tree.TestStep) -> Value:
        many = Many(is_map=True, flow=True)
        match node:
            case tree.GivenStep():
                many.add("given", self.args(node.args))
                self.val(many, "id", node.id)
                self.expr(many, "at", node.at)
            case tree.ConfigStep():
                inner = Many(is_map=True, flow=True)
                self.val(inner, key_text(node.name.text), node.value)
                many.add("config", inner)
            case tree.MockStep():
                self._mock(many, node)
            case tree.TestSend():
                many.add("send", self.name(node.signal))
                self.named_args(many, node.args)
                self.val(many, "to", node.to)
            case tree.TestUpdate():
                many.add("update", self.name(node.update))
                self.named_args(many, node.args)
                self.val(many, "replies", node.replies)
                if node.rejected:
                    many.add("rejected", Text("true"))
            case tree.TestCancel():
                many.add("cancel", Text("null"))
            case tree.AdvanceStep():
                self.expr(many, "advance", node.duration)
                self.expr(many, "advance_until", node.until)
            case tree.ExpectStep():
                self.expr(many, "expect", node.condition)
        return many

    def _mock(self, many: Many, node: tree.MockStep) -> None:
        many.add("mock", self.name(node.activity))
        if node.args is not None:
            many.add("args", self.args(node.args))
        outcomes = Many(is_map=False, flow=True)
        for outcome in node.outcomes:
            self.put(outcomes, None, outcome, self._outcome)
        many.add("outcomes", outcomes)

    def _outcome(self, node: tree.Outcome) -> Value:
        if node.kind == "hangs":
            return Text("hangs")
        many = Many(is_map=True, flow=True)
        self.val(many, "returns", node.value)
        if node.error is not None:
            many.add("fails", self.name(node.error))
            self.named_args(many, node.args)
            if node.attempt:
                many.add("attempt", Text("true"))
        return many
