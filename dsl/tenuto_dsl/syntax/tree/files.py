"""A whole source file."""

from __future__ import annotations

from dataclasses import field
from typing import Literal, TypeAlias

from tenuto_interpreter.frozen import frozen

from tenuto_dsl.syntax.tree.base import Node
from tenuto_dsl.syntax.tree.declarations import ActivityDecl, ConfigDecl, ErrorDecl, Import, TypeDecl
from tenuto_dsl.syntax.tree.states import WorkflowDecl
from tenuto_dsl.syntax.tree.tests import TestDecl

Declaration: TypeAlias = Import | TypeDecl | ErrorDecl | ConfigDecl | ActivityDecl | WorkflowDecl | TestDecl


@frozen
class Comment(Node):
    """A comment, its text from `#` on. `trailing` when something stands before it on its line."""

    text: str
    trailing: bool


@frozen
class File(Node):
    """One source file. `form` and `comments` do not take part in equality: they differ between the two forms."""

    declarations: tuple[Declaration, ...]
    form: Literal["text", "yaml"] = field(default="text", compare=False)
    comments: tuple[Comment, ...] = field(default=(), compare=False)
