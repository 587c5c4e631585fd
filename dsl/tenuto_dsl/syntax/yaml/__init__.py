"""The YAML form: bounded composing, values, steps, declarations. The nodes it gives are the text form's."""

from tenuto_dsl.syntax.yaml.declarations import parse_yaml

__all__ = ["parse_yaml"]
