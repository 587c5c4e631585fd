"""Lowering: from checked facts to a program, and to the map that leads from it back to the source."""

from tenuto_dsl.lower.program import lower_workflow
from tenuto_dsl.lower.source_map import SourceMap

__all__ = ["SourceMap", "lower_workflow"]
