"""Grammars as data: the text form's Lark grammar, and its loader. No code but that."""

from __future__ import annotations

from importlib import resources

START_SYMBOLS = ("start", "expression_only", "type_only")
"""A file; a lone expression; a lone type."""


def workflow_grammar() -> str:
    """The source of `workflow.lark`."""
    return resources.files(__name__).joinpath("workflow.lark").read_text(encoding="utf-8")
