"""Checking CEL as its specification has it, for expressions outside of workflows: `dyn`, and types where known.

A workflow's expressions are checked by `check.expressions`: null is tested before use, `any` is cast, map keys are
strings. This checker accepts what CEL accepts, which is more, and leaves to run time what CEL leaves to it.
"""

from __future__ import annotations

from tenuto_dsl.check.cel.checker import CelChecked, check_cel
from tenuto_dsl.check.cel.scope import Declarations

__all__ = ["CelChecked", "Declarations", "check_cel"]
