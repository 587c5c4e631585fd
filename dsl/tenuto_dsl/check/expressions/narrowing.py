"""What a condition shows about optional values: after `x != null`, `x` is not null.

`narrowings` reads a condition without checking it; it never reports anything. Facts hold for paths of a variable and
its fields, since those cannot change while an expression, or the instant after a guard, runs.
"""

from __future__ import annotations

from tenuto_interpreter.types import Record, Type

from tenuto_dsl.check.expressions.relations import core, may_be_null, without_null
from tenuto_dsl.check.expressions.scope import NO_FACTS, Facts, Path, Scope
from tenuto_dsl.syntax import tree


def narrowings(node: tree.Expr, scope: Scope) -> tuple[Facts, Facts]:
    """What holds when the condition is true, and what holds when it is false."""
    match node:
        case tree.Binary(operator="&&" | "||" as operator):
            return _chain(operator, terms(node, operator), scope)
        case tree.Binary(operator="!=" | "==" as operator, left=left, right=right):
            return _comparison(operator, left, right, scope)
        case tree.Unary(operator="!", operand=operand):
            true, false = narrowings(operand, scope)
            return false, true
        case tree.Call(target=None, function=tree.Name(text="has"), args=(tree.Select() as selected,)):
            return _present(selected, scope), NO_FACTS
        case tree.Call(target=target, function=tree.Name(text="hasValue"), args=()) if target is not None:
            return _present(target, scope), NO_FACTS
    return NO_FACTS, NO_FACTS


def terms(node: tree.Expr, operator: str) -> list[tree.Expr]:
    """The terms of a chain of one operator, `a && b && c`, in order: however long, without recursion."""
    found: list[tree.Expr] = []
    pending = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, tree.Binary) and each.operator == operator:
            pending += (each.right, each.left)
        else:
            found.append(each)
    return found


def path_of(node: tree.Expr) -> Path | None:
    """The path that an expression is, if it is one."""
    fields: list[str] = []
    while isinstance(node, tree.Select):
        fields.append(node.field.text)
        node = node.operand
    return (node.name, *reversed(fields)) if isinstance(node, tree.Ident) else None


def _chain(operator: str, parts: list[tree.Expr], scope: Scope) -> tuple[Facts, Facts]:
    """All terms of a true `&&` are true, all terms of a false `||` are false."""
    together: dict[Path, Type] = {}
    for part in parts:
        true, false = narrowings(part, scope.assume(together))
        together.update(true if operator == "&&" else false)
    return (together, NO_FACTS) if operator == "&&" else (NO_FACTS, together)


def _comparison(operator: str, left: tree.Expr, right: tree.Expr, scope: Scope) -> tuple[Facts, Facts]:
    if isinstance(left, tree.Literal_):
        left, right = right, left
    if not isinstance(right, tree.Literal_):
        return NO_FACTS, NO_FACTS
    present = _present(left, scope)
    shows_when_equal = right.kind != "null"
    if shows_when_equal:
        return (present, NO_FACTS) if operator == "==" else (NO_FACTS, present)
    return (NO_FACTS, present) if operator == "==" else (present, NO_FACTS)


def _present(node: tree.Expr, scope: Scope) -> Facts:
    """That a path is not null; nor is, when it was selected with `.?`, what it was selected from."""
    facts: dict[Path, Type] = {}
    while True:
        path = path_of(node)
        type_ = _type_of(path, scope) if path else None
        if path and type_ is not None and may_be_null(type_, scope.types):
            facts[path] = without_null(type_, scope.types)
        if not isinstance(node, tree.Select):
            return facts
        node = node.operand


def _type_of(path: Path, scope: Scope) -> Type | None:
    binding = scope.lookup(path[0])
    if binding is None:
        return None
    type_: Type | None = scope.facts.get(path[:1], binding.type)
    for end in range(2, len(path) + 1):
        assert type_ is not None
        record = core(without_null(type_, scope.types), scope.types)
        type_ = record.field(path[end - 1]) if isinstance(record, Record) else None
        if type_ is None:
            return None
        type_ = scope.facts.get(path[:end], type_)
    return type_
