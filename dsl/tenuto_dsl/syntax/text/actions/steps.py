"""Steps and blocks."""
# ruff: noqa: ARG001, ARG005  # actions have one signature, whatever they need of it

from __future__ import annotations

from typing import Any

from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.text.actions.activities import Parts
from tenuto_dsl.syntax.text.builder import Action, Builder, Part
from tenuto_dsl.syntax.tree import Span

MAX_ELSE_IFS = 60


def args(b: Builder, at: Span, c: list[Any]) -> Any:
    given = tuple(a for a in c if a is not None)
    if len({arg.name is None for arg in given}) == 2:
        odd = next(arg for arg in given if (arg.name is None) != (given[0].name is None))
        b.sink.error("TEN112", odd.span, "named and positional arguments are mixed", "name all of them, or none")
    return given


def assign_step(b: Builder, at: Span, c: list[Any]) -> Any:
    name, path = c[0]
    return tree.AssignStep(name, path, c[1], span=at)


def call_step(b: Builder, at: Span, c: list[Any]) -> Any:
    callee, given, options, undo = c
    parts = Parts(b, options or [])
    return tree.CallStep(
        callee, given,
        timeout=parts.one("timeout"),
        retry=parts.one("retry"),
        queue=parts.one("queue"),
        priority=parts.one("priority"),
        undo=undo,
        span=at,
    )  # fmt: skip


def start_step(b: Builder, at: Span, c: list[Any]) -> Any:
    return tree.StartStep(c[0], c[1], c[2], None if c[3] is None else c[3].text, span=at)


def if_step(b: Builder, at: Span, c: list[Any]) -> Any:
    condition, then, otherwise = c
    if isinstance(otherwise, tree.IfStep):
        if _else_ifs(otherwise) >= MAX_ELSE_IFS:
            b.sink.error("TEN109", otherwise.span, f"more than {MAX_ELSE_IFS} `else if` in a row")
            otherwise = None
        else:
            otherwise = tree.Block((otherwise,), span=otherwise.span)
    return tree.IfStep(condition, then, otherwise, span=at)


def _else_ifs(step: tree.IfStep) -> int:
    count = 1
    while step.otherwise is not None and len(step.otherwise.steps) == 1:
        inner = step.otherwise.steps[0]
        if not isinstance(inner, tree.IfStep) or inner.span != step.otherwise.span:
            break
        step, count = inner, count + 1
    return count


def try_step(b: Builder, at: Span, c: list[Any]) -> Any:
    catches = tuple(x for x in c[1:] if isinstance(x, tree.Catch))
    finally_ = next((x.value for x in c[1:] if isinstance(x, Part)), None)
    if not catches and finally_ is None:
        b.sink.error("TEN101", at, "a `try` without `catch` or `finally`")
    return tree.TryStep(c[0], catches, finally_, span=at)


def receive_step(b: Builder, at: Span, c: list[Any]) -> Any:
    name, binding, guard, within = c
    return tree.ReceiveStep(name, binding, None if guard is None else guard.value, within, span=at)


STEPS: dict[str, Action] = {
    "block": lambda b, at, c: tree.Block(tuple(s for s in c if s is not None), span=at),
    "let_step": lambda b, at, c: tree.LetStep(c[0], c[1], c[2], span=at),
    "assign_step": assign_step,
    "place": lambda b, at, c: (c[0], tuple(c[1:])),
    "call_step": call_step,
    "call_options": lambda b, at, c: c,
    "undo": lambda b, at, c: tree.Undo(c[0], c[1], span=at),
    "start_step": start_step,
    "for_step": lambda b, at, c: tree.ForStep(c[0], c[2], c[4], c[3], span=at),
    "parallel_step": lambda b, at, c: tree.ParallelStep(tuple(x for x in c if x is not None), span=at),
    "branch": lambda b, at, c: tree.Branch(c[0], c[1], span=covering(c[0].span, c[1].span)),
    "wait_step": lambda b, at, c: tree.WaitStep(c[0], span=at),
    "wait_until_step": lambda b, at, c: tree.WaitUntilStep(c[0], span=at),
    "wait_for_step": lambda b, at, c: tree.WaitForStep(c[0], c[1], span=at),
    "receive_step": receive_step,
    "if_step": if_step,
    "repeat_step": lambda b, at, c: tree.RepeatStep(c[0], c[1], c[2], c[3], span=at),
    "try_step": try_step,
    "catch": lambda b, at, c: tree.Catch(c[0] or (), c[1], c[2], span=at),
    "finally_": lambda b, at, c: Part("finally", c[0], at),
    "send_step": lambda b, at, c: tree.SendStep(c[0], c[1], c[2], span=at),
    "compensate_step": lambda b, at, c: tree.CompensateStep(span=at),
    "commit_step": lambda b, at, c: tree.CommitStep(span=at),
    "discard_step": lambda b, at, c: tree.DiscardStep(c[0], span=at),
    "reply_step": lambda b, at, c: tree.ReplyStep(c[0], span=at),
    "log_step": lambda b, at, c: tree.LogStep(c[0], span=at),
    "yield_step": lambda b, at, c: tree.YieldStep(c[0], span=at),
    "return_step": lambda b, at, c: tree.ReturnStep(c[0], span=at),
    "fail_step": lambda b, at, c: tree.FailStep(c[0], c[1] or (), span=at),
    "continue_step": lambda b, at, c: tree.ContinueStep(c[0], span=at),
    "args": args,
    "named_arg": lambda b, at, c: tree.Arg(tree.Name(c[0].text, span=b.span(c[0])), c[1], span=at),
    "positional_arg": lambda b, at, c: tree.Arg(None, c[0], span=at),
}


def covering(first: Span, last: Span) -> Span:
    return Span(first.file, first.line, first.col, last.end_line, last.end_col)
