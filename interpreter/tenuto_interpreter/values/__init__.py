"""Values of language types at the border: read from JSON with a check of every part, written back to JSON.

`reader` and `writer` compile a type into functions; `ShapeError` says what was wrong, and where.
"""

from tenuto_interpreter.values.reading import accepts_null, reader
from tenuto_interpreter.values.shape import ShapeError
from tenuto_interpreter.values.writing import writer

__all__ = ["ShapeError", "accepts_null", "reader", "writer"]
