"""Top-level declarations and the members of a workflow that are no states."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from tenuto_dsl.syntax.tree.base import Name, Node, Span
from tenuto_dsl.syntax.tree.expressions import Expr
from tenuto_dsl.syntax.tree.pieces import Param, Path, Retry, Timeout
from tenuto_dsl.syntax.tree.types import Field, TypeNode


@dataclass(frozen=True, slots=True)
class Import(Node):
    path: str


@dataclass(frozen=True, slots=True)
class TypeDecl(Node):
    name: Name
    type: TypeNode
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class ErrorDecl(Node):
    name: Name
    fields: tuple[Field, ...] = ()
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class ConfigDecl(Node):
    name: Name
    type: TypeNode
    default: Expr | None = None
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class PythonBinding(Node):
    """`module:callable`, as written."""

    target: str


@dataclass(frozen=True, slots=True)
class Header(Node):
    name: str
    value: Expr


@dataclass(frozen=True, slots=True)
class HttpBinding(Node):
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]
    url: Expr
    headers: tuple[Header, ...] = ()
    body: Expr | None = None
    result: Expr | None = None


@dataclass(frozen=True, slots=True)
class SqlBinding(Node):
    statement: str


@dataclass(frozen=True, slots=True)
class Raises(Node):
    codes: tuple[Name, ...]
    when: Expr | None = None


@dataclass(frozen=True, slots=True)
class Rate(Node):
    count: Expr
    per: Expr


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class SignalDecl(Node):
    name: Name
    params: tuple[Param, ...]
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class UpdateDecl(Node):
    name: Name
    params: tuple[Param, ...]
    returns: TypeNode | None = None
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class QueryDecl(Node):
    name: Name
    returns: TypeNode | None
    value: Expr
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class AttributeDecl(Node):
    name: Name
    type: Name
    value: Expr
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class VarDecl(Node):
    name: Name
    type: TypeNode
    value: Expr | None = None
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class PropertyDecl(Node):
    name: Name
    kind: Literal["never", "always", "eventually"]
    value: Expr
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class MigrateState(Node):
    source: Path
    target: Path


@dataclass(frozen=True, slots=True)
class MigrateSet(Node):
    name: Name
    value: Expr


@dataclass(frozen=True, slots=True)
class MigrateDecl(Node):
    version: int
    states: tuple[MigrateState, ...] = ()
    sets: tuple[MigrateSet, ...] = ()
