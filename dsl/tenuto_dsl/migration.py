"""Whether runs of a deployed version can go on in a new one, as diagnostics at the `migrate` of the new version."""

from __future__ import annotations

from tenuto_interpreter.ir import Program
from tenuto_interpreter.machine.migration import Problem, plan

from tenuto_dsl.compiler import Compiled
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import parse_file, tree

_CODES = {
    "version": "TEN601", "state": "TEN603", "value": "TEN604", "type": "TEN605",
    "activity": "TEN606", "unknown": "TEN607", "together": "TEN608",
}  # fmt: skip


def check_migration(old: Program, new: Program, workflow: tree.WorkflowDecl, sink: Diagnostics) -> None:
    """Report what keeps runs of `old` from going on in `new`, which `workflow` declares.

    What keeps all of them is an error; what keeps those that happen to need something is a warning.
    """
    for problem in plan(old, new).problems:
        report = sink.error if problem.certain else sink.warning
        report(_CODES[problem.kind], _place(problem, old.version, workflow), problem.message, problem.hint)


def declaration_of(file: str, item: Compiled) -> tree.WorkflowDecl:
    """What declares a workflow that was compiled from a file."""
    parsed = parse_file(file, item.source, Diagnostics())
    declared = (node for node in parsed.declarations if isinstance(node, tree.WorkflowDecl))
    return next(node for node in declared if node.name.text == item.program.name)


def _place(problem: Problem, version: int, workflow: tree.WorkflowDecl) -> tree.Span:
    """Where it is said what becomes of the subject, else where the migration is declared, else the workflow's name."""
    declared = next((m for m in workflow.migrations if m.version == version), None)
    if declared is None:
        return workflow.name.span
    for mapping in declared.states:
        if ".".join(name.text for name in mapping.source.names) == problem.subject:
            return mapping.span
    for item in declared.sets:
        if item.name.text == problem.subject or f"old.{problem.subject}" in problem.message:
            return item.span
    return declared.span
