"""Building states, workflows, tests and files."""

from __future__ import annotations

from typing import Any

from lark import Transformer
from lark.tree import Meta
from lark.visitors import Transformer_NonRecursive

from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.text.statements import Part, StatementBuilder

_MEMBERS = {
    "signals": tree.SignalDecl,
    "updates": tree.UpdateDecl,
    "queries": tree.QueryDecl,
    "attributes": tree.AttributeDecl,
    "variables": tree.VarDecl,
    "properties": tree.PropertyDecl,
    "migrations": tree.MigrateDecl,
}
_WORKFLOW_ONLY = tuple(_MEMBERS.values())


class DeclarationBuilder(StatementBuilder):
    def start(self, meta: Meta, children: list[Any]) -> Any:
        return tuple(child for child in children if child is not None)

    def import_decl(self, meta: Meta, children: list[Any]) -> Any:
        return tree.Import(self.plain_string(children[0]), span=self.span(meta))

    def type_decl(self, meta: Meta, children: list[Any]) -> Any:
        return tree.TypeDecl(*children, span=self.span(meta))

    def error_decl(self, meta: Meta, children: list[Any]) -> Any:
        name, record = children
        return tree.ErrorDecl(name, record.fields if record is not None else (), span=self.span(meta))

    def config_decl(self, meta: Meta, children: list[Any]) -> Any:
        return tree.ConfigDecl(*children, span=self.span(meta))

    # -- members ---------------------------------------------------------------------------------------------------

    def version_member(self, meta: Meta, children: list[Any]) -> Any:
        return Part("version", int(children[0], 0), self.span(meta))

    def signal_decl(self, meta: Meta, children: list[Any]) -> Any:
        return tree.SignalDecl(*children, span=self.span(meta))

    def update_decl(self, meta: Meta, children: list[Any]) -> Any:
        return tree.UpdateDecl(*children, span=self.span(meta))

    def query_decl(self, meta: Meta, children: list[Any]) -> Any:
        return tree.QueryDecl(*children, span=self.span(meta))

    def attribute_decl(self, meta: Meta, children: list[Any]) -> Any:
        return tree.AttributeDecl(*children, span=self.span(meta))

    def var_decl(self, meta: Meta, children: list[Any]) -> Any:
        return tree.VarDecl(*children, span=self.span(meta))

    def property_decl(self, meta: Meta, children: list[Any]) -> Any:
        name, kind, value = children
        return tree.PropertyDecl(name, str(kind), value, span=self.span(meta))  # type: ignore[arg-type]  # the grammar has no others

    def migrate_decl(self, meta: Meta, children: list[Any]) -> Any:
        version, *rest = children
        return tree.MigrateDecl(
            int(version, 0),
            tuple(child for child in rest if isinstance(child, tree.MigrateState)),
            tuple(child for child in rest if isinstance(child, tree.MigrateSet)),
            span=self.span(meta),
        )

    def migrate_state(self, meta: Meta, children: list[Any]) -> Any:
        return tree.MigrateState(*children, span=self.span(meta))

    def migrate_set(self, meta: Meta, children: list[Any]) -> Any:
        return tree.MigrateSet(*children, span=self.span(meta))

    def do_member(self, meta: Meta, children: list[Any]) -> Any:
        return Part("do", children[0], self.span(meta))

    def entry_member(self, meta: Meta, children: list[Any]) -> Any:
        return Part("entry", children[0], self.span(meta))

    def exit_member(self, meta: Meta, children: list[Any]) -> Any:
        return Part("exit", children[0], self.span(meta))

    def cancel_name(self, meta: Meta, children: list[Any]) -> Any:
        return tree.Name("cancel", span=self.span(meta))

    def defer_member(self, meta: Meta, children: list[Any]) -> Any:
        return tree.Defer(tuple(children), span=self.span(meta))

    # -- transitions -----------------------------------------------------------------------------------------------

    def done_trigger(self, meta: Meta, children: list[Any]) -> Any:
        return tree.DoneTrigger(span=self.span(meta))

    def signal_trigger(self, meta: Meta, children: list[Any]) -> Any:
        return tree.SignalTrigger(*children, span=self.span(meta))

    def update_trigger(self, meta: Meta, children: list[Any]) -> Any:
        return tree.UpdateTrigger(*children, span=self.span(meta))

    def error_trigger(self, meta: Meta, children: list[Any]) -> Any:
        codes, binding = children
        return tree.ErrorTrigger(codes or (), binding, span=self.span(meta))

    def cancel_trigger(self, meta: Meta, children: list[Any]) -> Any:
        return tree.CancelTrigger(span=self.span(meta))

    def after_trigger(self, meta: Meta, children: list[Any]) -> Any:
        return tree.AfterTrigger(*children, span=self.span(meta))

    def at_trigger(self, meta: Meta, children: list[Any]) -> Any:
        return tree.AtTrigger(*children, span=self.span(meta))

    def every_trigger(self, meta: Meta, children: list[Any]) -> Any:
        return tree.EveryTrigger(*children, span=self.span(meta))

    def when_trigger(self, meta: Meta, children: list[Any]) -> Any:
        return Part("when", children[0], self.span(meta))

    def guard(self, meta: Meta, children: list[Any]) -> Any:
        return children[0]

    def path(self, meta: Meta, children: list[Any]) -> Any:
        return tree.Path(tuple(children), span=self.span(meta))

    def history(self, meta: Meta, children: list[Any]) -> Any:
        return Part("history", children[0], self.span(meta))

    def target(self, meta: Meta, children: list[Any]) -> Any:
        goal = children[0]
        if isinstance(goal, Part):
            return tree.Target(goal.value, True, span=self.span(meta))
        return tree.Target(goal, span=self.span(meta))

    def work(self, meta: Meta, children: list[Any]) -> Any:
        return Part("work", children[0], self.span(meta))

    def transition(self, meta: Meta, children: list[Any]) -> Any:
        trigger, *rest = children
        guard = None
        if isinstance(trigger, Part):
            guard, trigger = trigger.value, tree.WhenTrigger(span=trigger.span)
        target = actions = work = None
        for child in rest:
            if isinstance(child, tree.Target):
                target = child
            elif isinstance(child, tree.Block):
                actions = child
            elif isinstance(child, Part):
                work = child.value
            elif child is not None:
                guard = child
        return tree.Transition(trigger, guard, target, actions, work, span=self.span(meta))

    # -- bodies ----------------------------------------------------------------------------------------------------

    def _body(self, members: list[Any], span: tree.Span) -> tree.StateBody:
        endings = [m for m in members if isinstance(m, tree.ReturnStep | tree.FailStep | tree.ContinueStep)]
        for again in endings[1:]:
            self.sink.error(
                "TEN111", again.span, "a final state has one ending", f"another stands in line {endings[0].span.line}"
            )
        return tree.StateBody(
            self.once(members, "do"), self.once(members, "entry"), self.once(members, "exit"),
            tuple(m for m in members if isinstance(m, tree.Defer)),
            tuple(m for m in members if isinstance(m, tree.Transition)),
            tuple(m for m in members if isinstance(m, tree.State)),
            tuple(m for m in members if isinstance(m, tree.Region)),
            endings[0] if endings else None,
            span=span,
        )  # fmt: skip

    def _inner(self, members: list[Any], span: tree.Span, what: str) -> tree.StateBody:
        for member in members:
            misplaced: bool = isinstance(member, _WORKFLOW_ONLY)
            if misplaced or (isinstance(member, Part) and member.kind == "version"):
                self.sink.error(
                    "TEN101", member.span, f"this belongs to the workflow, not to a {what}", "move it out of the braces"
                )
        return self._body(members, span)

    def state_decl(self, meta: Meta, children: list[Any]) -> Any:
        kind, name, *members = children
        span = self.span(meta)
        body = self._inner(members, span, "state")
        return tree.State(name, str(kind) if kind else "plain", body, self.once(members, "a docstring"), span=span)  # type: ignore[arg-type]  # the grammar has no others

    def region_decl(self, meta: Meta, children: list[Any]) -> Any:
        name, *members = children
        span = self.span(meta)
        return tree.Region(name, self._inner(members, span, "region"), self.once(members, "a docstring"), span=span)

    def workflow_decl(self, meta: Meta, children: list[Any]) -> Any:
        name, params, returns, *members = children
        span = self.span(meta)
        declared: dict[str, Any] = {
            field: tuple(m for m in members if isinstance(m, cls)) for field, cls in _MEMBERS.items()
        }
        return tree.WorkflowDecl(
            name, params, returns, self._body(members, span), self.once(members, "a docstring"),
            self.once(members, "version"), **declared, span=span,
        )  # fmt: skip

    # -- tests -----------------------------------------------------------------------------------------------------

    def given_step(self, meta: Meta, children: list[Any]) -> Any:
        return tree.GivenStep(*children, span=self.span(meta))

    def returns(self, meta: Meta, children: list[Any]) -> Any:
        return tree.Outcome("returns", children[0], span=self.span(meta))

    def fails(self, meta: Meta, children: list[Any]) -> Any:
        name, args = children
        return tree.Outcome("fails", None, name, args or (), span=self.span(meta))

    def hangs(self, meta: Meta, children: list[Any]) -> Any:
        return tree.Outcome("hangs", span=self.span(meta))

    def mock_step(self, meta: Meta, children: list[Any]) -> Any:
        activity, args, *outcomes = children
        return tree.MockStep(activity, args, tuple(outcomes), span=self.span(meta))

    def test_send(self, meta: Meta, children: list[Any]) -> Any:
        return tree.TestSend(*children, span=self.span(meta))

    def test_update(self, meta: Meta, children: list[Any]) -> Any:
        return tree.TestUpdate(*children, span=self.span(meta))

    def test_cancel(self, meta: Meta, children: list[Any]) -> Any:
        return tree.TestCancel(span=self.span(meta))

    def advance_step(self, meta: Meta, children: list[Any]) -> Any:
        return tree.AdvanceStep(*children, span=self.span(meta))

    def expect_step(self, meta: Meta, children: list[Any]) -> Any:
        return tree.ExpectStep(*children, span=self.span(meta))

    def test_decl(self, meta: Meta, children: list[Any]) -> Any:
        token, *steps = children
        found = tuple(step for step in steps if step is not None)
        return tree.TestDecl(self.plain_string(token), found, span=self.span(meta))


class TreeBuilder(DeclarationBuilder, Transformer_NonRecursive):  # type: ignore[type-arg]  # what a rule gives differs from rule to rule
    """All of it, walking the parse tree without recursion: a method for each rule, with its place and its children."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        Transformer.__init__(self)
        DeclarationBuilder.__init__(self, *args, **kwargs)

    def _call_userfunc(self, tree: Any, new_children: Any = None) -> Any:
        return getattr(self, tree.data)(tree.meta, new_children)
