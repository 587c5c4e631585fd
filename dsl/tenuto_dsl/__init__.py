"""Tenuto's language: workflow files in either form, checked and compiled to programs.

    from tenuto_dsl import Diagnostics, compile_file

Nothing here does more I/O than reading files, and that through a function the caller may replace.
"""

from tenuto_dsl.compiler import Checked, Compiled, check_source, compile_file, compile_source
from tenuto_dsl.diagnostics import Diagnostic, Diagnostics
from tenuto_dsl.lower import SourceMap

__all__ = [
    "Checked",
    "Compiled",
    "Diagnostic",
    "Diagnostics",
    "SourceMap",
    "check_source",
    "compile_file",
    "compile_source",
]
