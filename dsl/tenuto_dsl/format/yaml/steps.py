"""Steps and blocks as models: maps with one verb."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenuto_dsl.format.comments import start_of
from tenuto_dsl.format.expressions import expression_text
from tenuto_dsl.format.yaml.model import Many, Text, Value
from tenuto_dsl.format.yaml.spell import key_text, source_text
from tenuto_dsl.format.yaml.values import ValueMaker
from tenuto_dsl.syntax import tree

_DURABLE = (tree.CallStep, tree.StartStep, tree.ForStep, tree.ParallelStep)
_LIMITS = ("attempt", "overall", "queued", "heartbeat")


class StepMaker(ValueMaker):
    def block(self, node: tree.Block) -> Many:
        many = Many(is_map=False)
        for step in node.steps:
            self.put(many, None, step, self.step)
        return many

    def step(self, node: Any) -> Value:
        if isinstance(node, tree.CompensateStep | tree.CommitStep):
            return Text("compensate" if isinstance(node, tree.CompensateStep) else "commit")
        many = Many(is_map=True)
        self.fill(many, node)
        return many

    def fill(self, many: Many, node: Any) -> None:
        """The keys of a step."""
        match node:
            case tree.LetStep():
                if isinstance(node.value, _DURABLE):
                    self.fill(many, node.value)
                    many.add("as", self.name(node.name))
                else:
                    self._assign(many, "let", key_text(node.name.text), node.value)
                if node.type is not None:
                    many.add("type", self.type_(node.type))
            case tree.AssignStep():
                place = _place(node)
                if isinstance(node.value, _DURABLE):
                    self.fill(many, node.value)
                    many.add("into", source_text(place))
                else:
                    self._assign(many, "set", key_text(place), node.value)
            case _:
                _FILLERS[type(node)](self, many, node)

    def _assign(self, many: Many, verb: str, key: str, value: Any) -> None:
        inner = Many(is_map=True, flow=True)
        self.val(inner, key, value)
        many.add(verb, inner)

    # -- durable operations ----------------------------------------------------------------------------------------

    def call(self, many: Many, node: tree.CallStep) -> None:
        many.add("call", self.name(node.callee))
        self.named_args(many, node.args)
        options = Many(is_map=True, flow=True)
        given: list[tuple[str, Any, Callable[[Any], Value]]] = [
            ("timeout", node.timeout, self.timeout),
            ("retry", node.retry, self.retry),
            ("queue", node.queue, self.value),
            ("priority", node.priority, self.value),
        ]
        present = [option for option in given if option[1] is not None]
        for key, option, make in sorted(present, key=lambda option: start_of(option[1].span)):
            self.put(options, key, option, make)
        if options.entries:
            many.add("with", options)
        if node.undo is not None:
            self.put(many, "undo", node.undo, self._undo)

    def _undo(self, node: tree.Undo) -> Value:
        many = Many(is_map=True, flow=True)
        many.add("call", self.name(node.callee))
        self.named_args(many, node.args)
        return many

    def start(self, many: Many, node: tree.StartStep) -> None:
        many.add("start", self.name(node.workflow))
        self.named_args(many, node.args)
        self.val(many, "id", node.id)
        if node.on_close is not None:
            many.add("on_close", Text(node.on_close))

    def for_(self, many: Many, node: tree.ForStep) -> None:
        many.add("for", self.name(node.variable))
        self.expr(many, "in", node.items)
        self.expr(many, "at_most", node.at_most)
        self.put(many, "do", node.body, self.block)

    def parallel(self, many: Many, node: tree.ParallelStep) -> None:
        branches = Many(is_map=True)
        for branch in node.branches:
            self.put(branches, key_text(branch.name.text), branch, self._branch)
        many.add("parallel", branches)

    def _branch(self, node: tree.Branch) -> Value:
        return self.block(node.body)

    def timeout(self, node: tree.Timeout) -> Value:
        limits = [name for name in _LIMITS if getattr(node, name) is not None]
        if limits == ["attempt"] and node.attempt is not None:
            return self.expression(node.attempt)
        many = Many(is_map=True, flow=True)
        for name in limits:
            self.expr(many, name, getattr(node, name))
        return many

    def retry(self, node: tree.Retry) -> Value:
        many = Many(is_map=True, flow=True)
        self.expr(many, "times", node.times)
        self.expr(many, "backoff", node.backoff)
        self.expr(many, "factor", node.factor)
        self.expr(many, "up_to", node.up_to)
        if node.unless:
            many.add("unless", self.names(node.unless))
        return many.entries[0].value if len(many.entries) == 1 and not many.entries[0].is_remarked else many

    # -- waiting and control ---------------------------------------------------------------------------------------

    def wait_for(self, many: Many, node: tree.WaitForStep) -> None:
        self.expr(many, "wait_for", node.condition)
        self.expr(many, "within", node.within)

    def receive(self, many: Many, node: tree.ReceiveStep) -> None:
        many.add("receive", self.name(node.signal))
        if node.binding is not None:
            many.add("as", self.name(node.binding))
        self.expr(many, "when", node.guard)
        self.expr(many, "within", node.within)

    def if_(self, many: Many, node: tree.IfStep) -> None:
        self.expr(many, "if", node.condition)
        self.put(many, "then", node.then, self.block)
        if node.otherwise is not None:
            self.put(many, "else", node.otherwise, self.block)

    def repeat(self, many: Many, node: tree.RepeatStep) -> None:
        self.put(many, "repeat", node.body, self.block)
        self.expr(many, "until", node.until)
        self.expr(many, "every", node.every)
        self.expr(many, "at_most", node.at_most)

    def try_(self, many: Many, node: tree.TryStep) -> None:
        self.put(many, "try", node.body, self.block)
        if node.catches:
            catches = Many(is_map=False)
            for catch in node.catches:
                self.put(catches, None, catch, self._catch)
            many.add("catch", catches)
        if node.finally_ is not None:
            self.put(many, "finally", node.finally_, self.block)

    def _catch(self, node: tree.Catch) -> Value:
        many = Many(is_map=True)
        if node.codes:
            many.add("error", self.names(node.codes))
        if node.binding is not None:
            many.add("as", self.name(node.binding))
        self.put(many, "do", node.body, self.block)
        return many

    # -- endings ---------------------------------------------------------------------------------------------------

    def send(self, many: Many, node: tree.SendStep) -> None:
        many.add("send", self.name(node.signal))
        self.named_args(many, node.args)
        self.val(many, "to", node.to)

    def return_(self, many: Many, node: tree.ReturnStep) -> None:
        if node.value is None:
            many.add("return", Text(""))
        else:
            self.val(many, "return", node.value)

    def fail(self, many: Many, node: tree.FailStep) -> None:
        many.add("fail", self.name(node.error))
        self.named_args(many, node.args)


def _place(node: tree.AssignStep) -> str:
    """The variable or the place in one, as an expression."""
    path = (f".{p.text}" if isinstance(p, tree.Name) else f"[{expression_text(p)}]" for p in node.path)
    return "".join([node.name.text, *path])


def _value(verb: str) -> Callable[[StepMaker, Many, Any], None]:
    return lambda maker, many, node: maker.val(many, verb, node.value)


_FILLERS: dict[type, Callable[[StepMaker, Many, Any], object]] = {
    tree.CallStep: StepMaker.call,
    tree.StartStep: StepMaker.start,
    tree.ForStep: StepMaker.for_,
    tree.ParallelStep: StepMaker.parallel,
    tree.WaitStep: lambda maker, many, node: maker.expr(many, "wait", node.duration),
    tree.WaitUntilStep: lambda maker, many, node: maker.expr(many, "wait_until", node.time),
    tree.WaitForStep: StepMaker.wait_for,
    tree.ReceiveStep: StepMaker.receive,
    tree.IfStep: StepMaker.if_,
    tree.RepeatStep: StepMaker.repeat,
    tree.TryStep: StepMaker.try_,
    tree.SendStep: StepMaker.send,
    tree.DiscardStep: lambda maker, many, node: many.add("discard", maker.name(node.signal)),
    tree.ReplyStep: _value("reply"),
    tree.LogStep: _value("log"),
    tree.YieldStep: _value("yield"),
    tree.ReturnStep: StepMaker.return_,
    tree.FailStep: StepMaker.fail,
}
