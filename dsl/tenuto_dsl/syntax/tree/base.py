"""Places, the base of all nodes, and names."""

from __future__ import annotations

from dataclasses import field

from tenuto_interpreter.frozen import frozen


@frozen
class Span:
    """A stretch of a source file. Lines and columns count from 1, in characters; the end is exclusive."""

    file: str
    line: int
    col: int
    end_line: int
    end_col: int

    @property
    def is_yaml(self) -> bool:
        """Whether the file is one of the YAML form."""
        return self.file.lower().endswith((".yaml", ".yml"))


@frozen
class Node:
    """The base of all nodes. Spans do not take part in equality."""

    span: Span = field(compare=False, repr=False, kw_only=True)


@frozen
class Name(Node):
    text: str
