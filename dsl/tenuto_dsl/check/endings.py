"""`return` and `fail`, as steps and as the endings of final states."""

from __future__ import annotations

from tenuto_dsl.check import scopes
from tenuto_dsl.check.arguments import places_of_error
from tenuto_dsl.check.context import Context
from tenuto_dsl.check.facts import WorkflowSignature
from tenuto_dsl.check.scopes import Names
from tenuto_dsl.diagnostics import Spelled
from tenuto_dsl.syntax import tree


def check_return(context: Context, signature: WorkflowSignature, step: tree.ReturnStep, names: Names) -> None:
    """A `return` gives what the workflow declares, and nothing when it declares nothing."""
    if step.value is not None:
        if signature.returns is None:
            message = f"{signature.name} does not declare that it returns a value"
            context.sink.error(
                "TEN220",
                step.span,
                message,
                Spelled(
                    f"declare what {signature.name} returns: `-> T`",
                    f"declare what {signature.name} returns: `output: T`",
                ),
            )
        context.expression(step.value, names, signature.returns)
    elif signature.returns is not None and not scopes.accepts_null(signature.returns, context.declarations.types):
        returns = scopes.describe(signature.returns)
        context.sink.error("TEN220", step.span, f"{signature.name} returns {returns}, and this `return` has no value")


def check_fail(context: Context, step: tree.FailStep, names: Names) -> None:
    """A `fail` names a declared error and fills its fields."""
    error = context.declarations.error(step.error, context.sink)
    if error is None:
        context.unresolved_arguments(step.args, names)
    else:
        context.filled(step.error, step.args, places_of_error(error), names)
