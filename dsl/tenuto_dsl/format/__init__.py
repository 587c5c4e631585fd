"""Syntax trees back to sources: the formatter and the converter.

`expressions` and `types` write single ones, for whoever shows them to people.
"""

from tenuto_dsl.format.expressions import expression_text
from tenuto_dsl.format.types import type_text

__all__ = ["expression_text", "type_text"]
