"""Transitions, states, regions and workflows."""

from __future__ import annotations

from collections.abc import Iterator

from tenuto_dsl.format.comments import start_of
from tenuto_dsl.format.document import Cell, Doc, concat
from tenuto_dsl.format.text.items import Item, entry
from tenuto_dsl.format.text.members import MemberPrinter
from tenuto_dsl.format.text.pieces import is_simple
from tenuto_dsl.syntax import tree


class StatePrinter(MemberPrinter):
    def transition(self, node: tree.Transition) -> Doc:
        parts: list[Doc] = [self._trigger(node.trigger)]
        if node.guard is not None:
            parts.append(
                concat("" if isinstance(node.trigger, tree.WhenTrigger) else " ", "when ", self.doc(node.guard))
            )
        if node.work is not None:
            parts += [" do ", self.block(node.work, small=True)]
        if node.target is not None:
            parts += [" " if node.work is not None else concat(" ", Cell("target")), "-> ", self._target(node.target)]
        if node.actions is not None:
            parts += [" ", Cell("actions") if node.target is not None else "", self.block(node.actions, small=True)]
        return concat(*parts)

    def _trigger(self, node: tree.Trigger) -> Doc:
        return self.inline(node, self._bare_trigger(node))

    def _bare_trigger(self, node: tree.Trigger) -> Doc:
        match node:
            case tree.DoneTrigger():
                return "done"
            case tree.SignalTrigger():
                return concat("on ", self.name(node.signal), self.binding(node.binding))
            case tree.UpdateTrigger():
                return concat("on update ", self.name(node.update), self.binding(node.binding))
            case tree.ErrorTrigger():
                codes: Doc = concat(" ", self.names(node.codes, " | ")) if node.codes else ""
                return concat("on error", codes, self.binding(node.binding))
            case tree.CancelTrigger():
                return "on cancel"
            case tree.AfterTrigger():
                return concat("after ", self.doc(node.duration))
            case tree.AtTrigger():
                return concat("at ", self.doc(node.time))
            case tree.EveryTrigger():
                return concat("every ", self.doc(node.schedule))
            case tree.WhenTrigger():
                return ""

    def _target(self, node: tree.Target) -> Doc:
        path = self.path(node.path)
        return self.inline(node, concat("history(", path, ")") if node.history else path)

    # -- bodies ----------------------------------------------------------------------------------------------------

    def body(self, node: tree.StateBody) -> Iterator[Item]:
        for word, block in (("entry", node.entry), ("do", node.do), ("exit", node.exit)):
            if block is not None:
                yield self._block_member(word, block)
        for defer in node.defers:
            yield entry(defer, lambda d: concat("defer ", self.names(d.names, ", ")))
        for transition in node.transitions:
            yield entry(transition, self.transition)
        for region in node.regions:
            yield entry(region, self.region)
        for state in node.states:
            yield entry(state, self.state)
        if node.ending is not None:
            yield entry(node.ending, self.step)

    def _block_member(self, word: str, block: tree.Block) -> Item:
        return entry(block, lambda b: concat(f"{word} ", self.block(b, small=True)))

    def state(self, node: tree.State) -> Doc:
        kind = "" if node.kind == "plain" else f"{node.kind} "
        items = [*self._documented(node), *self.body(node.body)]
        one_line = len(items) == 1 and (node.body.ending is not None or self._is_small(node.body))
        return concat(
            f"{kind}state ", self.name(node.name), " ", Cell("body"), self.braces(node, items, one_line=one_line)
        )

    def region(self, node: tree.Region) -> Doc:
        items = [*self._documented(node), *self.body(node.body)]
        one_line = len(items) == 1 and self._is_small(node.body)
        return concat("region ", self.name(node.name), " ", Cell("body"), self.braces(node, items, one_line=one_line))

    def _is_small(self, body: tree.StateBody) -> bool:
        """Whether a body is a `do` of one small step."""
        return body.do is not None and len(body.do.steps) == 1 and is_simple(body.do.steps[0])

    def _documented(self, node: tree.State | tree.Region | tree.WorkflowDecl) -> Iterator[Item]:
        if node.doc is not None:
            yield self.doc_item(node, node.doc, node.doc_span)

    def workflow(self, node: tree.WorkflowDecl) -> Doc:
        items = [*self._documented(node)]
        if node.version is not None:
            place = start_of(node.version_span) if node.version_span is not None else (0, 0)
            items.append(Item(node, lambda: f"version {node.version}", place, "version"))
        items += [*self.members(node), *self.body(node.body)]
        header = concat("workflow ", self.name(node.name), self.params(node.params), self.returns(node.returns), " ")
        return concat(header, self.braces(node, items))
