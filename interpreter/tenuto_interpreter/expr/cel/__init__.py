"""CEL as its specification has it: values whose types show only when an expression runs.

Workflow expressions are typed throughout and null is their only absence; that is `tenuto_interpreter.expr` alone. Here
an expression may be of type `dyn`: a uint is not an int, an optional is not null, a map may have keys of four kinds, a
type is a value, times count nanoseconds. Grammar, limits, the compiler to code objects and most functions are shared.
Forms of this mode are never stored with a program: they may change freely.
"""

from tenuto_interpreter.expr.cel.compiler import Evaluable, compile_cel, place_of
from tenuto_interpreter.expr.cel.library import LIBRARY
from tenuto_interpreter.expr.cel.values import Duration, Maybe, Timestamp, TypeName, UInt, from_json, to_json

__all__ = [
    "LIBRARY",
    "Duration",
    "Evaluable",
    "Maybe",
    "Timestamp",
    "TypeName",
    "UInt",
    "compile_cel",
    "from_json",
    "place_of",
    "to_json",
]
