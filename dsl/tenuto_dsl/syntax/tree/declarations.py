"""Top-level declarations and the members of a workflow that are no states."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from tenuto_interpreter.frozen import frozen

from tenuto_dsl.syntax.tree.base import Name, Node, Span
from tenuto_dsl.syntax.tree.expressions import Expr
from tenuto_dsl.syntax.tree.pieces import Param, Path, Retry, Timeout
from tenuto_dsl.syntax.tree.types import Field, TypeNode


@frozen
class Import(Node):
    path: str


@frozen
class TypeDecl(Node):
    name: Name
    type: TypeNode
    doc: str | None = None


@frozen
class ErrorDecl(Node):
    name: Name
    fields: tuple[Field, ...] = ()
    doc: str | None = None


@frozen
class ConfigDecl(Node):
    name: Name
    type: TypeNode
    default: Expr | None = None
    doc: str | None = None


@frozen
class PythonBinding(Node):
    """`module:callable`, as written."""

    target: str


@frozen
class Header(Node):
    name: str
    value: Expr


@frozen
class HttpBinding(Node):
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]
    url: Expr
    headers: tuple[Header, ...] = ()
    body: Expr | None = None
    result: Expr | None = None


@frozen
class SqlBinding(Node):
    statement: str


@frozen
class Raises(Node):
    codes: tuple[Name, ...]
    when: Expr | None = None


@frozen
class Rate(Node):
    count: Expr
    per: Expr


@frozen
class ActivityDecl(Node):
    name: Name
    params: tuple[Param, ...]
    returns: TypeNode | None = None
    binding: PythonBinding | HttpBinding | SqlBinding | None = None
    raises: tuple[Raises, ...] = ()
    timeout: Timeout | None = None
    retry: Retry | None = None
    effect: Name | None = None
    queue: Expr | None = None
    rate: Rate | None = None
    priority: Expr | None = None
    doc: str | None = None
    doc_span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


@frozen
class SignalDecl(Node):
    name: Name
    params: tuple[Param, ...]
    doc: str | None = None


@frozen
class UpdateDecl(Node):
    name: Name
    params: tuple[Param, ...]
    returns: TypeNode | None = None
    doc: str | None = None


@frozen
class QueryDecl(Node):
    name: Name
    returns: TypeNode | None
    value: Expr
    doc: str | None = None


@frozen
class AttributeDecl(Node):
    name: Name
    type: Name
    value: Expr
    doc: str | None = None


@frozen
class VarDecl(Node):
    name: Name
    type: TypeNode
    value: Expr | None = None
    doc: str | None = None


@frozen
class PropertyDecl(Node):
    name: Name
    kind: Literal["never", "always", "eventually"]
    value: Expr
    doc: str | None = None


@frozen
class MigrateState(Node):
    source: Path
    target: Path


@frozen
class MigrateSet(Node):
    name: Name
    value: Expr


@frozen
class MigrateDecl(Node):
    version: int
    states: tuple[MigrateState, ...] = ()
    sets: tuple[MigrateSet, ...] = ()
