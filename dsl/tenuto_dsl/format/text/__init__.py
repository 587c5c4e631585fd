"""The text form, written from a syntax tree: pieces, steps, states, declarations, tests, whole files."""

from tenuto_dsl.format.text.files import text_of

__all__ = ["text_of"]
