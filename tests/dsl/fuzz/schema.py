"""What the JSON Schema of the YAML form says about a source, and what the loader says."""

from __future__ import annotations

import re

import yaml
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import parse_yaml

from tests.dsl.test_yaml_schema import SHAPE, validator
from tests.dsl.yaml_data import data_of

_OTHER_CASE = re.compile(r"\b(?:True|TRUE|False|FALSE|Null|NULL)\b")


def verdicts(source: str) -> tuple[bool | None, bool | None]:
    """Whether the shape is right by the loader and by the schema; None where one cannot say so by itself."""
    sink = Diagnostics()
    parse_yaml(source, "f.yaml", sink)
    codes = {item.code for item in sink.items if item.severity == "error"}
    if codes - SHAPE or _OTHER_CASE.search(source):
        return None, None  # a text that cannot be read may hide what stands around it; the name of a type may be `True`
    try:
        data = data_of(source)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None, None
    errors = list(validator().iter_errors(data))
    if any(isinstance(error.instance, bool) for error in errors):
        return None, None  # the loader reads `call: true` as a name, of something that is then not there
    if any(list(error.absolute_path)[-1:] == ["effect"] for error in errors):
        return None, None  # which effects there are, the checker says
    return not codes, not errors
