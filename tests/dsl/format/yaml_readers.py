"""What readers of YAML other than ours make of a file: PyYAML by 1.1, and the spellings on which readers differ."""

from __future__ import annotations

from typing import Any

import yaml


def data_of(source: str) -> Any:
    """The file as PyYAML takes it: each scalar as 1.1 resolves it, and as its text."""
    return yaml.load(source, yaml.SafeLoader), _texts(yaml.load(source, yaml.BaseLoader))


def _texts(data: Any) -> Any:
    """Texts alone; what is left empty is what is written as null."""
    if isinstance(data, dict):
        return {key: _texts(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_texts(item) for item in data]
    return None if data in ("", "null", "~", "Null", "NULL") else data


def doubtful(source: str) -> list[str]:
    """Where a colon in brackets has no blank behind it: by YAML 1.2 it belongs to the key, by 1.1 it ends it."""
    found = []
    depth = 0
    for token in yaml.scan(source, yaml.SafeLoader):
        opens = isinstance(token, yaml.FlowMappingStartToken | yaml.FlowSequenceStartToken)
        closes = isinstance(token, yaml.FlowMappingEndToken | yaml.FlowSequenceEndToken)
        depth += opens - closes
        end = token.end_mark.index
        if depth and isinstance(token, yaml.ValueToken) and not source[end : end + 1].isspace():
            found.append(source[max(0, end - 20) : end + 10])
    return found
