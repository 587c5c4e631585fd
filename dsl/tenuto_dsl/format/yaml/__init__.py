"""The YAML form: a model of what is written, the writer, a reader that keeps layout and comments, and tree to model."""
