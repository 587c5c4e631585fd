"""The YAML form as data: which maps there are, which keys they have, and how the value of each key is read.

One model for one shape, each key with its description. The JSON Schema (`schema`) is made of the models, and so is the
table by which the loader knows keys, kinds of values and what is missing (`tabulate`); the editor completes keys from
them. Pydantic is imported with them, so nothing else may import this package: a tenth of a second.
"""

from tenuto_dsl.syntax.yaml.models.base import Reading, Shape, Union, keys_of
from tenuto_dsl.syntax.yaml.models.declarations import (
    Activity,
    ConfigValue,
    ErrorShape,
    HttpRequest,
    Limits,
    ParameterShape,
    RaisesShape,
    RateShape,
    RetryShape,
    TypeShape,
)
from tenuto_dsl.syntax.yaml.models.file import WorkflowFile
from tenuto_dsl.syntax.yaml.models.states import (
    TRANSITIONS,
    AttributeShape,
    MigrationShape,
    PropertyShape,
    QueryShape,
    RegionShape,
    SignalShape,
    StateShape,
    TransitionShape,
    UpdateShape,
    VariableShape,
    Workflow,
)
from tenuto_dsl.syntax.yaml.models.steps import STEPS, CallOptions, FailShape, Handler, UndoShape
from tenuto_dsl.syntax.yaml.models.structures import STRUCTURES, Structure
from tenuto_dsl.syntax.yaml.models.tests import TEST_STEPS, OutcomeShape, TestShape

__all__ = [
    "STEPS",
    "STRUCTURES",
    "TEST_STEPS",
    "TRANSITIONS",
    "Activity",
    "AttributeShape",
    "CallOptions",
    "ConfigValue",
    "ErrorShape",
    "FailShape",
    "Handler",
    "HttpRequest",
    "Limits",
    "MigrationShape",
    "OutcomeShape",
    "ParameterShape",
    "PropertyShape",
    "QueryShape",
    "RaisesShape",
    "RateShape",
    "Reading",
    "RegionShape",
    "RetryShape",
    "Shape",
    "SignalShape",
    "StateShape",
    "Structure",
    "TestShape",
    "TransitionShape",
    "TypeShape",
    "UndoShape",
    "Union",
    "UpdateShape",
    "VariableShape",
    "Workflow",
    "WorkflowFile",
    "keys_of",
]
