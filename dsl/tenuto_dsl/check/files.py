"""Checking a file with what it imports: the front door of the checker.

It reports everything to a collector and never raises; what it found out is only worth lowering where it reported no
error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tenuto_dsl.check import scopes
from tenuto_dsl.check.activities import check_activity
from tenuto_dsl.check.context import Context
from tenuto_dsl.check.declarations import Declarations, collect
from tenuto_dsl.check.facts import Facts, WorkflowFacts
from tenuto_dsl.check.workflows import check_workflow
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import tree


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """The workflows of a file, with the declarations they may refer to."""

    declarations: Declarations
    facts: Facts
    workflows: tuple[WorkflowFacts, ...]


def check_files(file: tree.File, imported: Sequence[tree.File], sink: Diagnostics) -> CheckedFile:
    """Check a file. Of the files it imports only the declarations count: their workflows are checked by themselves."""
    facts = Facts()
    declarations = collect([*imported, file], facts, sink)
    context = Context(declarations, facts, sink)
    for config in declarations.config.values():
        if config.node.default is not None:
            context.expression(config.node.default, scopes.nothing(declarations), config.type)
    for activity in declarations.activities.values():
        check_activity(activity, context)
    own = [node for node in file.declarations if isinstance(node, tree.WorkflowDecl)]
    workflows = []
    for signature in declarations.workflows.values():
        if any(signature.node is node for node in own):
            found = check_workflow(signature, context)
            if found is not None:
                workflows.append(found)
        else:
            context.defaults(signature.params)
    return CheckedFile(declarations, facts, tuple(workflows))


__all__ = ["CheckedFile", "check_files"]
