"""Definite assignment: a variable without an initial value is assigned on every path before it is read.

`blocks` follows one block, `graph` carries what is assigned from state to state to a fixpoint, `witness` finds the path
that a message shows.
"""

from tenuto_dsl.check.assignment.graph import check_assignment

__all__ = ["check_assignment"]
