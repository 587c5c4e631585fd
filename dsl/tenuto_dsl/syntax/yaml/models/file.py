"""A whole file."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from tenuto_dsl.syntax.yaml.known import VERSION
from tenuto_dsl.syntax.yaml.models.base import Field, Reading, Shape


class WorkflowFile(Shape):
    """A workflow file of Tenuto: types, errors, config, activities, workflows and their tests."""

    words: ClassVar[str] = "a workflow file"
    tenuto: Annotated[Any, Reading("version")] = Field(
        description="The version of the format: 1.", schema={"enum": [int(VERSION), VERSION]}
    )
    import_: Annotated[Any, Reading("imports", "file")] = Field(
        None,
        description="Files whose declarations are taken over.",
        schema={"type": ["string", "array", "null"], "items": {"type": "string"}},
    )
    types: Annotated[Any, Reading("types")] = Field(
        None, description='Named types: text such as `"{ sku: string }"`, or `{type, doc}`.'
    )
    errors: Annotated[Any, Reading("errors")] = Field(
        None, description='Named failures: empty, fields as text such as `"{ sku: string }"`, or `{fields, doc}`.'
    )
    config: Annotated[Any, Reading("config")] = Field(
        None, description="Values that are set per environment: a type, or `{type, default, doc}`."
    )
    activities: Annotated[Any, Reading("activities")] = Field(None, description="What is done outside of workflows.")
    workflows: Annotated[Any, Reading("workflows")] = Field(None, description="Durable state machines.")
    tests: Annotated[Any, Reading("tests")] = Field(None, description="Tests in virtual time, by what they show.")
