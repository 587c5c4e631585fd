"""Every name in a file, and what it refers to: found by the rules of the language on whatever could be read.

`symbols` are the things that have names, `shapes` says where the fields of a value are declared, `binder` walks a file
and meets every name in it; `Index` is what it found.
"""

from tenuto_dsl.editor.index.binder import bind
from tenuto_dsl.editor.index.symbols import Index, Kind, Occurrence, Symbol

__all__ = ["Index", "Kind", "Occurrence", "Symbol", "bind"]
