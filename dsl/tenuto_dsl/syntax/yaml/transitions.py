"""Transitions: maps with exactly one trigger."""

from __future__ import annotations

import re
from typing import Any, cast

from tenuto_dsl.diagnostics import Fix
from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.yaml.compose import Mapping, Node, Scalar
from tenuto_dsl.syntax.yaml.shapes import Keys
from tenuto_dsl.syntax.yaml.steps import StepReader
from tenuto_dsl.syntax.yaml.table import TRANSITION, TRANSITIONS
from tenuto_dsl.syntax.yaml.values import is_null

_TRIGGERS = tuple(trigger for trigger in TRANSITIONS.shapes if trigger != "when")
_PATH = re.compile(r"\s*\w+(?:\.\w+)*\s*|history\(.*\)")
_TRANSITION = tuple(dict.fromkeys(["as", *TRANSITION.readings]))
_WITHOUT_NAMES = ("done", "error", "cancel")
_THEY_ARE = f"the triggers are {', '.join(_TRIGGERS)} and when"


class TransitionReader(StepReader):
    own_triggers: tuple[str, ...] = _WITHOUT_NAMES
    """Triggers that `on` is written before in other formats: those that no signal of the workflow is called."""

    def read_transitions(self, node: Node) -> tuple[tree.Transition, ...]:
        found = (self.transition(item) for item in self.items(node, "a list of transitions"))
        return tuple(transition for transition in found if transition is not None)

    def transition(self, node: Node) -> tree.Transition | None:
        if not isinstance(node, Mapping):
            self.wrong(node, "a transition: a map with one trigger", _THEY_ARE)
            return None
        meant = self._meant(node)
        if meant is None:
            return None
        node = meant
        triggers = tuple(key.text for key, _ in node.entries if key.text in _TRIGGERS)
        if len(triggers) > 1:
            names = " and ".join(triggers)
            self.sink.error("TEN125", node.span, f"a transition has one trigger, not {names}", "make two of it")
            return None
        if not triggers and node.get("when") is None:
            self.sink.error("TEN125", node.span, "a transition without a trigger", _THEY_ARE)
            return None
        kind = triggers[0] if triggers else "when"
        keys = self.keys(node, TRANSITIONS.shapes[kind], also=("as",))
        if node.get("as") is not None and "as" not in keys.shape.readings:
            span = next(key.span for key, _ in node.entries if key.text == "as")
            self.sink.error("TEN122", span, f"{kind} brings nothing to name", "leave `as` out")
        if "do" in keys and "actions" in keys:
            hint = "`do` is work that may take time, `actions` take none: put all of it into `do`"
            self.sink.error("TEN122", keys["actions"].span, "a transition has `do` or `actions`, not both", hint)
        trigger = self._trigger(kind, keys, node.span, node.without("as"))
        target = self._beside(kind, keys) if kind in ("done", "cancel") else keys.read("to")
        return tree.Transition(
            trigger, keys.read("when"), target, keys.read("actions"), keys.read("do"), span=node.span
        )

    def _meant(self, node: Mapping) -> Mapping | None:
        """A transition with its trigger as it is here; None, with a diagnostic, when nobody knows what that may be."""
        if any(key.text in _TRIGGERS for key, _ in node.entries):
            entries = [
                self._own_trigger(key, value) if key.text == "on" else (key, value) for key, value in node.entries
            ]
            return Mapping(entries, node.span)
        odd = next((key for key, _ in node.entries if key.text not in _TRANSITION), None)
        if odd is None:
            return node
        meant = self.unknown(odd, (*_TRIGGERS, *_TRANSITION), "a transition")
        return self.renamed(node, odd, meant.key) if meant.key in _TRIGGERS and meant.key is not None else None

    def _own_trigger(self, key: Scalar, value: Node) -> tuple[Scalar, Node]:
        """`on: done` is `done: null`, unless a signal is called so."""
        if not isinstance(value, Scalar) or value.text not in self.own_triggers:
            return key, value
        text = f"{value.text}: null"
        span = tree.Span(key.span.file, key.span.line, key.span.col, value.span.end_line, value.span.end_col)
        message = f"`{value.text}` is a trigger of its own, not a signal"
        self.sink.error("TEN124", value.span, message, fix=Fix(f"write `{text}`", span, text))
        return value, Scalar("", True, value.span, value.source)

    def _beside(self, kind: str, keys: Keys) -> tree.Target | None:
        """The target of a transition whose trigger takes no value: `{ done: b }` is a habit of other formats, and so is
        a condition there."""
        value = keys[kind]
        is_text = isinstance(value, Scalar) and not is_null(value) and value.text not in ("true", "yes")
        if not is_text or not isinstance(value, Scalar):
            keys.read(kind)
        elif "to" in keys or not _PATH.fullmatch(value.text):
            hint = f"a condition stands in `when`: `{{ {kind}: null, when: …, to: … }}`"
            self.sink.error("TEN124", value.span, f"nothing is expected after `{kind}`", hint)
        else:
            hint = f"the target stands beside it: `{{ {kind}: null, to: {value.text[:60]} }}`"
            self.sink.error("TEN124", value.span, f"nothing is expected after `{kind}`", hint)
            return self.read_target(value)
        return cast("tree.Target | None", keys.read("to"))

    def _trigger(self, kind: str, keys: Keys, span: tree.Span, as_span: tree.Span | None) -> Any:
        match kind:
            case "done":
                return tree.DoneTrigger(span=span)
            case "cancel":
                return tree.CancelTrigger(span=span)
            case "when":
                return tree.WhenTrigger(span=span)
            case "on":
                return tree.SignalTrigger(keys.read("on"), keys.read("as"), as_span=as_span, span=span)
            case "update":
                return tree.UpdateTrigger(keys.read("update"), keys.read("as"), as_span=as_span, span=span)
            case "error":
                errors = () if self.is_all_errors(keys["error"]) else keys.read("error")
                return tree.ErrorTrigger(errors, keys.read("as"), as_span=as_span, span=span)
            case "after":
                return tree.AfterTrigger(keys.read("after"), span=span)
            case "at":
                return tree.AtTrigger(keys.read("at"), span=span)
            case _:
                return tree.EveryTrigger(keys.read("every"), span=span)
