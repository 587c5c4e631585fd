"""Transitions, states and regions as models. Sections of one kind stand where the first of the kind stood."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tenuto_dsl.format.comments import Place, start_of
from tenuto_dsl.format.yaml.model import Many, Text, Value
from tenuto_dsl.format.yaml.spell import key_text, source_text
from tenuto_dsl.format.yaml.steps import StepMaker
from tenuto_dsl.syntax import tree


@dataclass(frozen=True, slots=True)
class Section:
    """Something to add to a map, and where it stands in the source."""

    place: Place
    add: Callable[[Many], object]


class StateMaker(StepMaker):
    def transition(self, node: tree.Transition) -> Value:
        many = Many(is_map=True, flow=True)
        self._trigger(many, node.trigger)
        self.expr(many, "when", node.guard)
        if node.work is not None:
            self.put(many, "do", node.work, self.block)
        if node.target is not None:
            self.put(many, "to", node.target, self._target)
        if node.actions is not None:
            self.put(many, "actions", node.actions, self._actions)
        many.flow = node.work is None and (node.actions is None or len(node.actions.steps) < 2)
        return many

    def _actions(self, node: tree.Block) -> Value:
        many = self.block(node)
        many.flow = len(many.entries) == 1
        for entry in many.entries:
            if isinstance(entry.value, Many):
                entry.value.flow = many.flow
        return many

    def _trigger(self, many: Many, node: tree.Trigger) -> None:
        binding: tree.Name | None = None
        match node:
            case tree.DoneTrigger():
                many.add("done", Text("null"))
            case tree.CancelTrigger():
                many.add("cancel", Text("null"))
            case tree.SignalTrigger():
                many.add("on", self.name(node.signal))
                binding = node.binding
            case tree.UpdateTrigger():
                many.add("update", self.name(node.update))
                binding = node.binding
            case tree.ErrorTrigger():
                many.add("error", self.names(node.codes) if node.codes else Text("null"))
                binding = node.binding
            case tree.AfterTrigger():
                self.expr(many, "after", node.duration)
            case tree.AtTrigger():
                self.expr(many, "at", node.time)
            case tree.EveryTrigger():
                self.expr(many, "every", node.schedule)
            case tree.WhenTrigger():
                pass
        if binding is not None:
            many.add("as", self.name(binding))

    def _target(self, node: tree.Target) -> Value:
        path = ".".join(name.text for name in node.path.names)
        return source_text(f"history({path})" if node.history else path)

    # -- bodies ----------------------------------------------------------------------------------------------------

    def state(self, node: tree.State) -> Value:
        many = Many(is_map=True)
        if node.kind != "plain":
            many.add(node.kind, Text("true"))
        self.put_doc(many, node)
        self.fill_sections(many, self.body(node.body))
        return many

    def region(self, node: tree.Region) -> Value:
        many = Many(is_map=True)
        self.put_doc(many, node)
        self.fill_sections(many, self.body(node.body))
        return many

    def put_doc(self, many: Many, node: Any) -> None:
        if node.doc is not None:
            self.put(many, "doc", node, lambda n: self.doc_text(n.doc), "doc")

    def fill_sections(self, many: Many, sections: Iterator[Section]) -> None:
        for section in sorted(sections, key=lambda section: section.place):
            section.add(many)

    def body(self, node: tree.StateBody) -> Iterator[Section]:
        for key, block in (("entry", node.entry), ("do", node.do), ("exit", node.exit)):
            if block is not None:
                yield self._block_section(key, block)
        if node.defers:
            yield Section(start_of(node.defers[0].span), lambda many: self._defers(many, node.defers))
        if node.transitions:
            yield Section(start_of(node.transitions[0].span), lambda many: self._transitions(many, node.transitions))
        yield from self.kind("regions", node.regions, self.region)
        yield from self.kind("states", node.states, self.state)
        ending = node.ending
        if ending is not None:
            yield Section(start_of(ending.span), lambda many: self._ending(many, ending))

    def _block_section(self, key: str, block: tree.Block) -> Section:
        return Section(start_of(block.span), lambda many: self.put(many, key, block, self.block))

    def kind(self, key: str, nodes: Sequence[Any], make: Callable[[Any], Value]) -> Iterator[Section]:
        """A map from names to nodes of one kind."""
        if not nodes:
            return

        def add(many: Many) -> None:
            self.section(many, key, nodes, lambda inner, n: self.put(inner, key_text(n.name.text), n, make))

        yield Section(start_of(nodes[0].span), add)

    def _defers(self, many: Many, defers: tuple[tree.Defer, ...]) -> None:
        if len(defers) == 1:
            self.put(many, "defer", defers[0], self._defer)
            return
        lists = Many(is_map=False)
        for defer in defers:
            self.put(lists, None, defer, self._defer)
        many.add("defer", lists)

    def _defer(self, node: tree.Defer) -> Value:
        names = Many(is_map=False, flow=True)
        for name in node.names:
            names.add(None, self.name(name))
        return names

    def _transitions(self, many: Many, nodes: tuple[tree.Transition, ...]) -> None:
        inner = Many(is_map=False)
        for node in nodes:
            self.put(inner, None, node, self.transition)
        many.add("transitions", inner).blank = inner.entries[0].blank

    def _ending(self, many: Many, node: tree.ReturnStep | tree.FailStep | tree.ContinueStep) -> None:
        match node:
            case tree.ReturnStep():
                self.put(many, "return", node, lambda n: Text("") if n.value is None else self.value(n.value))
            case tree.FailStep(args=()):
                self.put(many, "fail", node, lambda n: self.name(n.error))
            case tree.FailStep():
                self.put(many, "fail", node, self._fail)
            case tree.ContinueStep():
                self.put(many, "continue_with", node, lambda n: self.args(n.args))

    def _fail(self, node: tree.FailStep) -> Value:
        many = Many(is_map=True, flow=True)
        self.fail(many, node)
        return many
