"""Tests that stand in workflow files."""
# ruff: noqa: ARG005  # actions have one signature, whatever they need of it

from __future__ import annotations

from typing import Any

from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.text.builder import Action, Builder
from tenuto_dsl.syntax.text.tokens import Token
from tenuto_dsl.syntax.tree import Span


def test_decl(b: Builder, at: Span, c: list[Any]) -> Any:
    return tree.TestDecl(b.plain(c[0]), tuple(s for s in c[2:] if s is not None), c[1], span=at)


def update_sent(b: Builder, at: Span, c: list[Any]) -> Any:  # noqa: ARG001  # as above
    """An answer is an expression; the word `rejected` is a token."""
    if isinstance(c[2], Token):
        return tree.TestUpdate(c[0], c[1], None, rejected=True, span=at)
    return tree.TestUpdate(c[0], c[1], c[2], span=at)


TESTS: dict[str, Action] = {
    "test_decl": test_decl,
    "given_step": lambda b, at, c: tree.GivenStep(c[0], c[1], c[2], span=at),
    "config_step": lambda b, at, c: tree.ConfigStep(c[0], c[1], span=at),
    "mock_step": lambda b, at, c: tree.MockStep(c[0], c[1], tuple(c[2:]), span=at),
    "returns": lambda b, at, c: tree.Outcome("returns", c[0], span=at),
    "fails": lambda b, at, c: tree.Outcome("fails", None, c[1], c[2] or (), c[0] is not None, span=at),
    "hangs": lambda b, at, c: tree.Outcome("hangs", span=at),
    "test_send": lambda b, at, c: tree.TestSend(c[0], c[1], c[2], span=at),
    "test_update": update_sent,
    "replies": lambda b, at, c: c[0],
    "test_cancel": lambda b, at, c: tree.TestCancel(span=at),
    "advance_step": lambda b, at, c: tree.AdvanceStep(c[0], span=at),
    "advance_until": lambda b, at, c: tree.AdvanceStep(None, c[0], span=at),
    "expect_step": lambda b, at, c: tree.ExpectStep(c[0], span=at),
}
