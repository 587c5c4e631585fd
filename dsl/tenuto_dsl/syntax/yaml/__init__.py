"""The YAML form: bounded composing, values, steps, declarations. The nodes it gives are the text form's."""
