"""Which declarations a file uses: the names that stand anywhere but where they are declared."""

from __future__ import annotations

from tenuto_dsl.lint.views import FileView
from tenuto_dsl.syntax import tree


def used_types(file: FileView) -> set[str]:
    return {node.name for node in file.all(tree.NamedType)}


def used_errors(file: FileView) -> set[str]:
    found = {code.text for node in file.all(tree.Raises) for code in node.codes}
    found |= {code.text for node in file.all(tree.Retry) for code in node.unless}
    found |= {code.text for node in file.all(tree.ErrorTrigger) for code in node.codes}
    found |= {code.text for node in file.all(tree.Catch) for code in node.codes}
    found |= {node.error.text for node in file.all(tree.FailStep)}
    return found | {node.error.text for node in file.all(tree.Outcome) if node.error is not None}


def used_config(file: FileView) -> set[str]:
    return {
        node.field.text
        for node in file.all(tree.Select)
        if isinstance(node.operand, tree.Ident) and node.operand.name == "config"
    }


def used_callables(file: FileView) -> set[str]:
    """Activities and workflows: called, started, undone with, mocked."""
    found = {node.callee.text for node in file.all(tree.CallStep)}
    found |= {node.callee.text for node in file.all(tree.Undo)}
    found |= {node.workflow.text for node in file.all(tree.StartStep)}
    return found | {node.activity.text for node in file.all(tree.MockStep)}
