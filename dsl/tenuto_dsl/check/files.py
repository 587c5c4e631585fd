"""Checking a file with what it imports: the front door of the checker.

It reports everything to a collector and never raises; what it found out is only worth lowering where it reported no
error.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tenuto_interpreter.frozen import frozen

from tenuto_dsl.check import scopes
from tenuto_dsl.check.activities import check_activity
from tenuto_dsl.check.context import Context
from tenuto_dsl.check.declarations import Declarations, collect
from tenuto_dsl.check.facts import Facts, WorkflowFacts
from tenuto_dsl.check.tests import CheckedTest, check_tests
from tenuto_dsl.check.trace import Trace
from tenuto_dsl.check.workflows import check_workflow
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import tree


@frozen
class CheckedFile:
    """The workflows of a file, with the declarations they may refer to.

    `reachable` are the workflows that a test may run: its own, and sound ones of the files it imports; empty when there
    is no test.
    """

    declarations: Declarations
    facts: Facts
    workflows: tuple[WorkflowFacts, ...]
    tests: tuple[CheckedTest, ...] = ()
    reachable: tuple[WorkflowFacts, ...] = ()


def check_files(
    file: tree.File, imported: Sequence[tree.File], sink: Diagnostics, trace: Trace | None = None
) -> CheckedFile:
    """Check a file. Of the files it imports only the declarations count: their workflows are checked by themselves."""
    facts = Facts(trace=trace)
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
    nodes = [node for node in file.declarations if isinstance(node, tree.TestDecl)]
    if not nodes:
        return CheckedFile(declarations, facts, tuple(workflows))
    reachable = {found.signature.name: found for found in (*workflows, *_imported(own, context))}
    tests = check_tests(nodes, reachable, context)
    return CheckedFile(declarations, facts, tuple(workflows), tests, tuple(reachable.values()))


def _imported(own: list[tree.WorkflowDecl], context: Context) -> Iterator[WorkflowFacts]:
    """The workflows of imported files that have no errors; what is wrong with one is said where its file is checked."""
    for signature in context.declarations.workflows.values():
        if all(signature.node is not node for node in own):
            sink = Diagnostics()
            found = check_workflow(signature, Context(context.declarations, context.facts, sink))
            if found is not None and not sink.has_errors:
                yield found


__all__ = ["CheckedFile", "check_files"]
