"""Workflows, states and transitions."""
# ruff: noqa: ARG001, ARG005  # actions have one signature, whatever they need of it

from __future__ import annotations

from typing import Any

from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.text.actions.activities import Parts, one_doc
from tenuto_dsl.syntax.text.builder import Action, Builder, Part
from tenuto_dsl.syntax.tree import Span

_OF_WORKFLOWS: dict[type, str] = {
    tree.SignalDecl: "signal", tree.UpdateDecl: "update", tree.QueryDecl: "query", tree.AttributeDecl: "attribute",
    tree.VarDecl: "var", tree.PropertyDecl: "property", tree.MigrateDecl: "migrate",
}  # fmt: skip
_ENDINGS = (tree.ReturnStep, tree.FailStep, tree.ContinueStep)


def workflow_decl(b: Builder, at: Span, c: list[Any]) -> Any:
    members = c[3:]
    doc, parts = one_doc(b, members), Parts(b, members)
    return tree.WorkflowDecl(
        c[0], c[1], c[2], body(b, at, members), doc, parts.one("version"),
        _of(members, tree.SignalDecl), _of(members, tree.UpdateDecl), _of(members, tree.QueryDecl),
        _of(members, tree.AttributeDecl), _of(members, tree.VarDecl), _of(members, tree.PropertyDecl),
        _of(members, tree.MigrateDecl), doc_span=parts.span("doc"), version_span=parts.span("version"), span=at,
    )  # fmt: skip


def state_decl(b: Builder, at: Span, c: list[Any]) -> Any:
    kind: Any = "plain" if c[0] is None else c[0].text
    members = c[2:]
    _refuse_workflow_members(b, members, "a state")
    doc_span = Parts(b, members).span("doc")
    return tree.State(c[1], kind, body(b, at, members), one_doc(b, members), span=at, doc_span=doc_span)


def region_decl(b: Builder, at: Span, c: list[Any]) -> Any:
    members = c[1:]
    _refuse_workflow_members(b, members, "a region")
    doc_span = Parts(b, members).span("doc")
    return tree.Region(c[0], body(b, at, members), one_doc(b, members), span=at, doc_span=doc_span)


def body(b: Builder, at: Span, members: list[Any]) -> tree.StateBody:
    parts = Parts(b, members)
    endings = [m for m in members if isinstance(m, _ENDINGS)]
    for again in endings[1:]:
        b.sink.error("TEN111", again.span, "a final state ends in one way", f"see line {endings[0].span.line}")
    return tree.StateBody(
        parts.one("do"), parts.one("entry"), parts.one("exit"),
        _of(members, tree.Defer), _of(members, tree.Transition), _of(members, tree.State), _of(members, tree.Region),
        endings[0] if endings else None, span=at,
    )  # fmt: skip


def _of(members: list[Any], kind: type) -> tuple[Any, ...]:
    return tuple(m for m in members if isinstance(m, kind))


def _refuse_workflow_members(b: Builder, members: list[Any], where: str) -> None:
    for member in members:
        word = _OF_WORKFLOWS.get(type(member))
        if isinstance(member, Part) and member.kind == "version":
            word = "version"
        if word is not None:
            b.sink.error("TEN114", member.span, f"`{word}` cannot stand in {where}", "move it to the workflow")


def transition(b: Builder, at: Span, c: list[Any]) -> Any:
    trigger: Any = c[0]
    guard = c[1] if len(c) > 1 and isinstance(c[1], Part) and c[1].kind == "guard" else None
    if isinstance(trigger, Part):  # `when e` alone: the guard is the trigger
        guard, trigger = trigger, tree.WhenTrigger(span=trigger.span)
    return tree.Transition(
        trigger,
        None if guard is None else guard.value,
        next((x for x in c[1:] if isinstance(x, tree.Target)), None),
        next((x for x in c[1:] if isinstance(x, tree.Block)), None),
        next((x.value for x in c[1:] if isinstance(x, Part) and x.kind == "work"), None),
        span=at,
    )


def target(b: Builder, at: Span, c: list[Any]) -> Any:
    path = c[0]
    if isinstance(path, Part):
        return tree.Target(path.value, True, span=path.span)
    return tree.Target(path, span=path.span)


def _part(kind: str) -> Action:
    return lambda b, at, c: Part(kind, c[0], at)


STATES: dict[str, Action] = {
    "workflow_decl": workflow_decl,
    "state_decl": state_decl,
    "region_decl": region_decl,
    "do_member": _part("do"),
    "entry_member": _part("entry"),
    "exit_member": _part("exit"),
    "defer_member": lambda b, at, c: tree.Defer(tuple(c), span=at),
    "cancel_name": lambda b, at, c: tree.Name("cancel", span=at),
    "transition": transition,
    "done_trigger": lambda b, at, c: tree.DoneTrigger(span=at),
    "signal_trigger": lambda b, at, c: tree.SignalTrigger(c[0], c[1], span=at),
    "update_trigger": lambda b, at, c: tree.UpdateTrigger(c[0], c[1], span=at),
    "error_trigger": lambda b, at, c: tree.ErrorTrigger(c[0] or (), c[1], span=at),
    "cancel_trigger": lambda b, at, c: tree.CancelTrigger(span=at),
    "after_trigger": lambda b, at, c: tree.AfterTrigger(c[0], span=at),
    "at_trigger": lambda b, at, c: tree.AtTrigger(c[0], span=at),
    "every_trigger": lambda b, at, c: tree.EveryTrigger(c[0], span=at),
    "when_trigger": lambda b, at, c: c[0],
    "guard": _part("guard"),
    "target": target,
    "history": _part("history"),
    "work": _part("work"),
}
