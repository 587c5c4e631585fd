"""Diagnostics: what is wrong with a source, where, and what to do about it.

`model` is the data, `codes` the permanent codes with their titles, `render` the forms in which people and tools read
them. Nothing here knows the language.
"""

from tenuto_dsl.diagnostics.codes import CODES
from tenuto_dsl.diagnostics.model import Diagnostic, Diagnostics, Fix, Hint, Severity, Spelled, said
from tenuto_dsl.diagnostics.nearest import nearest

__all__ = ["CODES", "Diagnostic", "Diagnostics", "Fix", "Hint", "Severity", "Spelled", "nearest", "said"]
