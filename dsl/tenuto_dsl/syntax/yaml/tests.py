"""Tests that stand in workflow files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.yaml.activities import ActivityReader
from tenuto_dsl.syntax.yaml.compose import Mapping, Node, Scalar

_TEST_STEPS = ("given", "config", "mock", "send", "update", "cancel", "advance", "advance_until", "expect")

_MORE = {
    "given": ("id", "at"),
    "mock": ("args", "outcomes"),
    "send": ("args", "to"),
    "update": ("args", "replies", "rejected"),
}


class TestReader(ActivityReader):
    def test(self, title: Scalar, node: Node) -> tree.TestDecl:
        """A list of steps, or `{workflow, steps}`."""
        workflow: tree.Name | None = None
        items: Node | None = node
        if isinstance(node, Mapping):
            keys = self.keys(node, "a test", ("workflow", "steps"))
            workflow = self.optional_name(keys.get("workflow"))
            items = keys.get("steps")
        steps = [step for item in self.items(items, "a list of test steps") for step in self._test_step(item)]
        return tree.TestDecl(title.text, tuple(steps), workflow, span=title.span)

    def _test_step(self, node: Node) -> Iterator[Any]:
        verb = self.verb(node, "test step", _TEST_STEPS)
        if verb is None:
            return
        keys = self.keys(node, f"a {verb} step", (verb, *_MORE.get(verb, ())))
        span, value = node.span, keys[verb]
        match verb:
            case "given":
                id_, at = self.value(keys.get("id")), self.expression(keys.get("at"))
                yield tree.GivenStep(self.args(value), id_, at, span=span)
            case "config":
                for name, item in self.named(value, "a map of config values"):
                    yield tree.ConfigStep(name, self.value(item), span=name.span)
            case "mock":
                outcomes = tuple(self._outcome(item) for item in self.items(keys.get("outcomes"), "a list of outcomes"))
                if not outcomes:
                    self.sink.error("TEN127", span, "the outcomes are missing", "`outcomes: [{ returns: … }]`")
                args = self.args(keys["args"]) if "args" in keys else None
                yield tree.MockStep(self.name(value), args, outcomes, span=span)
            case "send":
                yield tree.TestSend(
                    self.name(value), self.args(keys.get("args")), self.value(keys.get("to")), span=span
                )
            case "update":
                replies, rejected = self.value(keys.get("replies")), self.flag(keys.get("rejected"))
                if replies is not None and rejected:
                    self.sink.error("TEN125", span, "an update is answered or rejected, not both")
                yield tree.TestUpdate(self.name(value), self.args(keys.get("args")), replies, rejected, span=span)
            case "cancel":
                yield tree.TestCancel(span=span)
            case "advance":
                yield tree.AdvanceStep(self.needed(value, span, "the duration"), span=span)
            case "advance_until":
                yield tree.AdvanceStep(None, self.needed(value, span, "the time"), span=span)
            case _:
                yield tree.ExpectStep(self.needed(value, span, "the condition"), span=span)

    def _outcome(self, node: Node) -> tree.Outcome:
        if isinstance(node, Scalar) and node.text == "hangs":
            return tree.Outcome("hangs", span=node.span)
        keys = self.keys(node, "an outcome", ("returns", "fails", "args", "attempt", "hangs"))
        if "returns" in keys:
            return tree.Outcome("returns", self.value(keys["returns"]), span=node.span)
        if "fails" in keys:
            error, args = self.name(keys["fails"]), self.args(keys.get("args"))
            return tree.Outcome("fails", None, error, args, self.flag(keys.get("attempt")), span=node.span)
        if "hangs" not in keys:
            self.sink.error("TEN125", node.span, "an outcome is one of returns, fails and hangs")
        return tree.Outcome("hangs", span=node.span)
