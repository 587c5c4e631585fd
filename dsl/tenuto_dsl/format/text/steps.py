"""Steps and blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenuto_dsl.format.document import LINE, Doc, concat, group, joined, nest
from tenuto_dsl.format.text.items import entry
from tenuto_dsl.format.text.pieces import PiecePrinter, is_simple
from tenuto_dsl.syntax import tree


class StepPrinter(PiecePrinter):
    def block(self, node: tree.Block, *, small: bool = False) -> Doc:
        """Steps in braces. `small`: where there is no author, one simple step may stand on one line."""
        one_line = small and len(node.steps) == 1 and is_simple(node.steps[0])
        return self.braces(node, [entry(step, self.step) for step in node.steps], one_line=one_line)

    def step(self, node: tree.Step | tree.ContinueStep) -> Doc:
        return _STEPS[type(node)](self, node)

    def value(self, node: tree.Expr | tree.Durable) -> Doc:
        if type(node) in _STEPS:
            return self.inline(node, self.step(node))  # type: ignore[arg-type]  # a durable step
        return self.doc(node)  # type: ignore[arg-type]  # an expression

    def optional(self, word: str, node: tree.Expr | None, after: str = "") -> Doc:
        return "" if node is None else concat(f" {word} ", self.doc(node), after)

    def binding(self, node: tree.Name | None) -> Doc:
        return "" if node is None else concat(" as ", self.name(node))

    # -- values and durable operations -----------------------------------------------------------------------------

    def let(self, node: tree.LetStep) -> Doc:
        type_: Doc = "" if node.type is None else concat(": ", self.type(node.type))
        return concat("let ", self.name(node.name), type_, " = ", self.value(node.value))

    def assign(self, node: tree.AssignStep) -> Doc:
        parts: list[Doc] = [self.name(node.name)]
        for part in node.path:
            parts += [".", self.name(part)] if isinstance(part, tree.Name) else ["[", self.doc(part), "]"]
        return concat(*parts, " = ", self.value(node.value))

    def call(self, node: tree.CallStep) -> Doc:
        call = concat("call ", self.name(node.callee), self.args(node.args))
        more: list[Doc] = []
        broken = False
        options: list[tuple[tree.Node, Doc]] = []
        if node.timeout is not None:
            options.append((node.timeout, concat("timeout ", self.timeout(node.timeout))))
        if node.retry is not None:
            options.append((node.retry, concat("retry ", self.retry(node.retry))))
        for word, value in (("queue", node.queue), ("priority", node.priority)):
            if value is not None:
                options.append((value, concat(f"{word} ", self.doc(value))))
        if options:
            options.sort(key=lambda option: (option[0].span.line, option[0].span.col))
            more += [LINE, "with ", joined(", ", [doc for _, doc in options])]
            broken = self._begins_line(options[0][0], "with")
        if node.undo is not None:
            broken = broken or self._begins_line(node.undo, "undo")
            lines = self.lines_before(node.undo)
            undo = concat("undo ", self.name(node.undo.callee), self.args(node.undo.args))
            more += [*lines, LINE, self.inline(node.undo, undo)]
        return group(call, nest(*more), broken=broken) if more else call

    def _begins_line(self, node: tree.Node, word: str) -> bool:
        """Whether the author began a line with a word and the node behind it."""
        return self.reading is not None and self.reading.begins_line(node.span.line, word)

    def start(self, node: tree.StartStep) -> Doc:
        close = "" if node.on_close is None else f" on close {node.on_close}"
        return concat("start ", self.name(node.workflow), self.args(node.args), self.optional("id", node.id), close)

    def for_(self, node: tree.ForStep) -> Doc:
        at_most = self.optional("at most", node.at_most, " at once")
        header = concat("for ", self.name(node.variable), " in ", self.doc(node.items), at_most)
        return concat(header, " ", self.block(node.body))

    def parallel(self, node: tree.ParallelStep) -> Doc:
        return concat("parallel ", self.braces(node, [entry(branch, self._branch) for branch in node.branches]))

    def _branch(self, node: tree.Branch) -> Doc:
        return concat(self.name(node.name), " ", self.block(node.body))

    # -- waiting ---------------------------------------------------------------------------------------------------

    def wait(self, node: tree.WaitStep) -> Doc:
        return concat("wait ", self.guarded(node.duration, ("until", "for")))

    def receive(self, node: tree.ReceiveStep) -> Doc:
        guard = self.optional("when", node.guard)
        return concat(
            "receive ", self.name(node.signal), self.binding(node.binding), guard, self.optional("within", node.within)
        )

    # -- control ---------------------------------------------------------------------------------------------------

    def if_(self, node: tree.IfStep) -> Doc:
        parts: list[Doc] = ["if ", self.doc(node.condition), " ", self.block(node.then)]
        otherwise = node.otherwise
        while otherwise is not None:
            inner = otherwise.steps[0] if len(otherwise.steps) == 1 else None
            if not isinstance(inner, tree.IfStep) or self._is_remarked(otherwise, inner):
                parts += [" else ", self.block(otherwise)]
                break
            condition = self.inline(otherwise, self.inline(inner, self.doc(inner.condition)))
            parts += [" else if ", condition, " ", self.block(inner.then)]
            otherwise = inner.otherwise
        return concat(*parts)

    def _is_remarked(self, block: tree.Block, inner: tree.IfStep) -> bool:
        """Whether comments need the braces around a lone `if` to stand in. Where there are none, none are made."""
        if self.reading is not None and block.span == inner.span:
            return False
        return any(self.comments.peek(node).all() for node in (block, inner))

    def repeat(self, node: tree.RepeatStep) -> Doc:
        every, at_most = self.optional("every", node.every), self.optional("at most", node.at_most, " times")
        return concat("repeat ", self.block(node.body), " until ", self.doc(node.until), every, at_most)

    def try_(self, node: tree.TryStep) -> Doc:
        parts: list[Doc] = ["try ", self.block(node.body)]
        for catch in node.catches:
            codes: Doc = concat(" ", self.names(catch.codes, " | ")) if catch.codes else ""
            head = concat(" catch", codes, self.binding(catch.binding), " ")
            parts.append(self.inline(catch, concat(head, self.block(catch.body))))
        if node.finally_ is not None:
            parts += [" finally ", self.block(node.finally_)]
        return concat(*parts)

    # -- endings ---------------------------------------------------------------------------------------------------

    def send(self, node: tree.SendStep) -> Doc:
        return concat("send ", self.name(node.signal), self.args(node.args), " to ", self.doc(node.to))

    def return_(self, node: tree.ReturnStep) -> Doc:
        return "return" if node.value is None else concat("return ", self.doc(node.value))

    def fail(self, node: tree.FailStep) -> Doc:
        return concat("fail ", self.name(node.error), self.args(node.args) if node.args else "")


def _with_value(word: str) -> Callable[[StepPrinter, Any], Doc]:
    return lambda printer, node: concat(f"{word} ", printer.doc(node.value))


def _alone(word: str) -> Callable[[StepPrinter, Any], Doc]:
    return lambda _printer, _node: word


_STEPS: dict[type, Callable[[StepPrinter, Any], Doc]] = {
    tree.LetStep: StepPrinter.let,
    tree.AssignStep: StepPrinter.assign,
    tree.CallStep: StepPrinter.call,
    tree.StartStep: StepPrinter.start,
    tree.ForStep: StepPrinter.for_,
    tree.ParallelStep: StepPrinter.parallel,
    tree.WaitStep: StepPrinter.wait,
    tree.WaitUntilStep: lambda printer, node: concat("wait until ", printer.doc(node.time)),
    tree.WaitForStep: lambda printer, node: concat(
        "wait for ", printer.doc(node.condition), printer.optional("within", node.within)
    ),
    tree.ReceiveStep: StepPrinter.receive,
    tree.IfStep: StepPrinter.if_,
    tree.RepeatStep: StepPrinter.repeat,
    tree.TryStep: StepPrinter.try_,
    tree.SendStep: StepPrinter.send,
    tree.CompensateStep: _alone("compensate"),
    tree.CommitStep: _alone("commit"),
    tree.DiscardStep: lambda printer, node: concat("discard ", printer.name(node.signal)),
    tree.ReplyStep: _with_value("reply"),
    tree.LogStep: _with_value("log"),
    tree.YieldStep: _with_value("yield"),
    tree.ReturnStep: StepPrinter.return_,
    tree.FailStep: StepPrinter.fail,
    tree.ContinueStep: lambda printer, node: concat("continue with ", printer.args(node.args, node)),
}
