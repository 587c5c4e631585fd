"""Tests that stand in workflow files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.yaml.activities import ActivityReader
from tenuto_dsl.syntax.yaml.compose import Mapping, Node, Scalar, Sequence
from tenuto_dsl.syntax.yaml.table import OUTCOME, TEST, TEST_STEPS
from tenuto_dsl.syntax.yaml.values import is_null


class TestReader(ActivityReader):
    def test(self, title: Scalar, node: Node) -> tree.TestDecl:
        """A list of steps, or `{workflow, steps}`."""
        workflow: tree.Name | None = None
        if isinstance(node, Mapping):
            keys = self.keys(node, TEST)
            workflow, steps = keys.read("workflow"), keys.read("steps")
        else:
            steps = self.read_test_steps(node)
        return tree.TestDecl(title.text, steps, workflow, span=title.span)

    def read_tests(self, node: Node) -> list[tree.TestDecl]:
        tests = self.mapping(node, "a map of tests")
        return [self.test(title, steps) for title, steps in (tests.entries if tests is not None else ())]

    def read_test_steps(self, node: Node) -> tuple[Any, ...]:
        return tuple(step for item in self.items(node, "a list of test steps") for step in self._test_step(item))

    def _test_step(self, node: Node) -> Iterator[Any]:
        told = self.verb(node, TEST_STEPS)
        if told is None:
            return
        verb, node = told
        keys = self.keys(node, TEST_STEPS.shapes[verb], words=f"a {verb} step")
        span = node.span
        match verb:
            case "given":
                id_, at = keys.read("id"), keys.read("at")
                yield tree.GivenStep(keys.read("given"), id_, at, span=span)
            case "config":
                self.holds_some(keys["config"], "a config value", "`config: { name: … }`")
                for name, item in self.named(keys["config"], "a map of config values"):
                    yield tree.ConfigStep(name, self.value(item), span=name.span)
            case "mock":
                mocked = keys.read("mock")
                args = keys.read("args") if "args" in keys else None
                yield tree.MockStep(mocked, args, keys.read("outcomes"), span=span)
            case "send":
                yield tree.TestSend(keys.read("send"), keys.read("args"), keys.read("to"), span=span)
            case "update":
                replies, rejected = keys.read("replies"), keys.read("rejected")
                if replies is not None and rejected:
                    self.sink.error("TEN125", span, "an update is answered or rejected, not both")
                yield tree.TestUpdate(keys.read("update"), keys.read("args"), replies, rejected, span=span)
            case "cancel":
                keys.read("cancel")
                yield tree.TestCancel(span=span)
            case "advance":
                yield tree.AdvanceStep(keys.read("advance"), span=span)
            case "advance_until":
                yield tree.AdvanceStep(None, keys.read("advance_until"), span=span)
            case _:
                yield tree.ExpectStep(keys.read("expect"), span=span)

    def read_outcomes(self, node: Node) -> tuple[tree.Outcome, ...]:
        found = tuple(self._outcome(item) for item in self.items(node, "a list of outcomes"))
        if not found and (is_null(node) or isinstance(node, Sequence)):
            self.sink.error("TEN127", node.span, "outcomes is missing", "`outcomes: [{ returns: … }]`")
        return found

    def _outcome(self, node: Node) -> tree.Outcome:
        if isinstance(node, Scalar) and node.text == "hangs":
            return tree.Outcome("hangs", span=node.span)
        keys = self.keys(node, OUTCOME)
        found = [key for key in ("returns", "fails", "hangs") if key in keys]
        if len(found) > 1:
            self.sink.error("TEN125", keys[found[1]].span, f"an outcome is one of them, not {' and '.join(found)}")
        for key in ("args", "attempt"):
            if key in keys and "fails" not in keys:
                self.sink.error("TEN122", keys[key].span, f"`{key}` belongs to `fails`")
        if "returns" in keys:
            return tree.Outcome("returns", keys.read("returns"), span=node.span)
        if "fails" in keys:
            error, args = keys.read("fails"), keys.read("args")
            return tree.Outcome("fails", None, error, args, keys.read("attempt"), span=node.span)
        if "hangs" in keys:
            keys.read("hangs")
        else:
            self.sink.error("TEN125", node.span, "an outcome is one of returns, fails and hangs")
        return tree.Outcome("hangs", span=node.span)
