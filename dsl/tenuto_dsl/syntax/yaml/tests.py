"""Tests that stand in workflow files."""

from __future__ import annotations

from typing import Any

from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.yaml.activities import ActivityReader
from tenuto_dsl.syntax.yaml.compose import Node, Scalar

_TEST_STEPS = ("given", "mock", "send", "update", "cancel", "advance", "expect")


class TestReader(ActivityReader):
    def test(self, title: Scalar, node: Node) -> tree.TestDecl:
        steps = [self._test_step(item) for item in self.items(node, "a list of test steps")]
        return tree.TestDecl(title.text, tuple(step for step in steps if step is not None), span=title.span)

    def _test_step(self, node: Node) -> Any:
        verb = self.verb(node, "test step", _TEST_STEPS)
        if verb is None:
            return None
        more = {"mock": ("args", "outcomes"), "send": ("args",), "update": ("args", "replies")}.get(verb, ())
        keys = self.keys(node, f"a {verb} step", (verb, *more))
        span, value = node.span, keys[verb]
        match verb:
            case "given":
                return tree.GivenStep(self.args(value), span=span)
            case "mock":
                outcomes = tuple(self._outcome(item) for item in self.items(keys.get("outcomes"), "a list of outcomes"))
                args = self.args(keys["args"]) if "args" in keys else None
                return tree.MockStep(self.name(value), args, outcomes, span=span)
            case "send":
                return tree.TestSend(self.name(value), self.args(keys.get("args")), span=span)
            case "update":
                return tree.TestUpdate(
                    self.name(value), self.args(keys.get("args")), self.value(keys.get("replies")), span=span
                )
            case "cancel":
                return tree.TestCancel(span=span)
            case "advance":
                return tree.AdvanceStep(self.needed(value, span, "the duration"), span=span)
            case _:
                return tree.ExpectStep(self.needed(value, span, "the condition"), span=span)

    def _outcome(self, node: Node) -> tree.Outcome:
        if isinstance(node, Scalar) and node.text == "hangs":
            return tree.Outcome("hangs", span=node.span)
        keys = self.keys(node, "an outcome", ("returns", "fails", "args", "hangs"))
        if "returns" in keys:
            return tree.Outcome("returns", self.value(keys["returns"]), span=node.span)
        if "fails" in keys:
            return tree.Outcome("fails", None, self.name(keys["fails"]), self.args(keys.get("args")), span=node.span)
        if "hangs" not in keys:
            self.sink.error("TEN125", node.span, "an outcome is one of returns, fails and hangs")
        return tree.Outcome("hangs", span=node.span)
