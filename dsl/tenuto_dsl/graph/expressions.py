"""Expressions as short texts for labels."""

from __future__ import annotations

from tenuto_dsl.format import expression_text as whole_text
from tenuto_dsl.syntax import tree


def expression_text(node: tree.Expr, limit: int = 120) -> str:
    """The expression on one line, as the formatter writes it; a long one is cut."""
    text = " ".join(whole_text(node).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
