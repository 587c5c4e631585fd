"""What is expected within values of the YAML form: the parameters of what is called beside them, the type of what they
are, found on the way from the root."""

from __future__ import annotations

from tenuto_interpreter.types import ListOf, MapOf, Record, Type

from tenuto_dsl.check import scopes
from tenuto_dsl.check.expressions.relations import core, without_null
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.editor.completion.shapes import Spot
from tenuto_dsl.editor.completion.where import Where
from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.yaml.compose import Mapping, Node, Scalar


def expected_type(spot: Spot, where: Where) -> Type | None:
    """The type of the value at a place; of a key, that of the map it stands in. None where nothing is said."""
    keys = spot.keys
    for number in range(len(keys) - 1, -1, -1):
        beside = spot.around[number]
        match keys[number]:
            case "args" | "given" | "continue_with" if number + 1 < len(keys) and isinstance(beside, Mapping):
                members = called(keys[: number + 1], where, beside)
                member = next((m for m in members if m.name.text == keys[number + 1]), None)
                if member is None:
                    return None
                found = scopes.resolve(member.type, where.scope.types, Diagnostics())
                return _within(found, keys[number + 2 :], where)
            case "return":
                returns = where.workflow.signature.returns if where.workflow is not None else None
                return _within(returns, keys[number + 1 :], where)
            case "returns" if where.is_test:
                named = [name for node in spot.around if (name := name_at(node, "mock")) is not None]
                declarations = where.analysis.checked.facts.declarations
                mocked = declarations.activities.get(named[-1]) if named else None
                return _within(mocked.returns if mocked is not None else None, keys[number + 1 :], where)
    return None


def _within(type_: Type | None, way: list[str], where: Where) -> Type | None:
    """What stands in a value of a type on a way of keys and items."""
    types = where.scope.types
    for key in way:
        plain = core(without_null(type_, types), types) if type_ is not None else None
        match plain:
            case Record(fields=fields):
                type_ = next((field.type for field in fields if field.name == key), None)
            case ListOf(item=item) if key == "-":
                type_ = item
            case MapOf(value=value):
                type_ = value
            case _:
                return None
    return type_


def called(keys: list[str], where: Where, beside: Mapping | None) -> tuple[tree.Param | tree.Field, ...]:
    """The parameters of what the arguments at a place are for: the verb stands beside `args`."""
    if keys[-1:] == ["continue_with"] or "given" in keys[-2:]:
        return where.workflow.node.params if where.workflow is not None else ()
    for verb in ("call", "start", "mock", "send", "update", "fail", "fails"):
        named = name_at(beside, verb)
        if named is not None:
            return _members(verb, named, where)
    return ()


def _members(verb: str, name: str, where: Where) -> tuple[tree.Param | tree.Field, ...]:
    table = where.analysis.table
    if verb in ("fail", "fails"):
        error = table.errors.get(name)
        return error.fields if error is not None else ()
    if verb in ("send", "update"):
        message = where.workflow.messages.get(name) if where.workflow is not None else None
        return message.node.params if message is not None else ()
    return table.params(name)


def name_at(node: Node | None, key: str) -> str | None:
    value = node.get(key) if isinstance(node, Mapping) else None
    return value.text if isinstance(value, Scalar) else None
