"""Transitions: maps with exactly one trigger."""

from __future__ import annotations

from typing import Any

from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.yaml.compose import Mapping, Node, Scalar
from tenuto_dsl.syntax.yaml.steps import Keys, StepReader

_TRIGGERS = ("done", "on", "update", "error", "cancel", "after", "at", "every")
_TRANSITION = ("as", "when", "to", "actions", "do")


class TransitionReader(StepReader):
    def transition(self, node: Node) -> tree.Transition | None:
        if not isinstance(node, Mapping):
            self.wrong(
                node, "a transition: a map with one trigger", f"the triggers are {', '.join(_TRIGGERS)} and when"
            )
            return None
        triggers = tuple(key.text for key, _ in node.entries if key.text in _TRIGGERS)
        if len(triggers) > 1:
            names = " and ".join(triggers)
            self.sink.error("TEN125", node.span, f"a transition has one trigger, not {names}", "make two of it")
            return None
        if not triggers and node.get("when") is None:
            odd = next((key for key, _ in node.entries if key.text not in _TRANSITION), None)
            if odd is not None:
                self.unknown(odd, (*_TRIGGERS, *_TRANSITION), "a transition")
            else:
                self.sink.error(
                    "TEN125",
                    node.span,
                    "a transition without a trigger",
                    f"the triggers are {', '.join(_TRIGGERS)} and when",
                )
            return None
        keys = self.keys(node, "a transition", (*(triggers or _TRIGGERS), *_TRANSITION))
        trigger = self._trigger(triggers[0] if triggers else "when", keys, node.span)
        return tree.Transition(
            trigger, self.expression(keys.get("when")), self._target(keys.get("to")), self.block(keys.get("actions")),
            self.block(keys.get("do")), span=node.span,
        )  # fmt: skip

    def _trigger(self, kind: str, keys: Keys, span: tree.Span) -> Any:
        binding = self.optional_name(keys.get("as"))
        value = keys.get(kind)
        if binding is not None and kind not in ("on", "update", "error"):
            self.sink.error("TEN122", keys["as"].span, f"{kind} brings nothing to name", "leave `as` out")
        match kind:
            case "done":
                return tree.DoneTrigger(span=span)
            case "cancel":
                return tree.CancelTrigger(span=span)
            case "when":
                return tree.WhenTrigger(span=span)
            case "on":
                return tree.SignalTrigger(self.name(value), binding, span=span)
            case "update":
                return tree.UpdateTrigger(self.name(value), binding, span=span)
            case "error":
                return tree.ErrorTrigger(self.names(value), binding, span=span)
            case "after":
                return tree.AfterTrigger(self.needed(value, span, "the duration"), span=span)
            case "at":
                return tree.AtTrigger(self.needed(value, span, "the time"), span=span)
            case _:
                return tree.EveryTrigger(self.needed(value, span, "the schedule"), span=span)

    def _target(self, node: Node | None) -> tree.Target | None:
        if node is None:
            return None
        if not isinstance(node, Scalar):
            self.wrong(node, "a state's name")
            return None
        text = node.text.strip()
        if text.startswith("history(") and text.endswith(")"):
            inner = self._part(node, len("history("), len(node.text.rstrip()) - 1)
            return tree.Target(self.path(inner), True, span=node.span)
        return tree.Target(self.path(node), span=node.span)
