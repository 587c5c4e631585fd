"""What each rule of the grammar builds: tables from the names of rules to functions."""

from tenuto_dsl.syntax.text.actions.activities import ACTIVITIES
from tenuto_dsl.syntax.text.actions.declarations import DECLARATIONS
from tenuto_dsl.syntax.text.actions.expressions import EXPRESSIONS
from tenuto_dsl.syntax.text.actions.states import STATES
from tenuto_dsl.syntax.text.actions.steps import STEPS
from tenuto_dsl.syntax.text.actions.tests import TESTS
from tenuto_dsl.syntax.text.actions.types import TYPES
from tenuto_dsl.syntax.text.builder import Action

ACTIONS: dict[str, Action] = {
    **TYPES, **EXPRESSIONS, **DECLARATIONS, **ACTIVITIES, **STATES, **STEPS, **TESTS,
}  # fmt: skip

__all__ = ["ACTIONS"]
