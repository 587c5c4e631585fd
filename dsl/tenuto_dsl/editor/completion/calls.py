"""The durable operation in whose parentheses a cursor stands, and which of its arguments is being written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tenuto_interpreter.types import Type

from tenuto_dsl.check.facts import Parameter
from tenuto_dsl.editor.completion.prefix import Prefix
from tenuto_dsl.editor.completion.where import Where
from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.text.tokens import Token

_CALLS = ("_CALL", "_UNDO", "_START", "_MOCK", "_SEND", "_FAIL", "_FAILS", "_UPDATE")


def flat(values: Any) -> Iterator[Any]:
    """What lists of lists hold."""
    if isinstance(values, list | tuple):
        for value in values:
            yield from flat(value)
    else:
        yield values


class OpenCall:
    """The durable operation in whose parentheses the cursor stands."""

    def __init__(
        self,
        name: str,
        members: tuple[tree.Param | tree.Field, ...],
        types: dict[str, Type],
        args: list[tree.Arg],
        word: str,
    ) -> None:
        self.name = name
        self.members = members
        self.types = types
        self.given = {arg.name.text for arg in args if arg.name is not None}
        self.positional = sum(arg.name is None for arg in args)
        self.is_fail = word in ("_FAIL", "_FAILS")

    def current(self, prefix: Prefix, count: int | None = None) -> str | None:
        """The parameter whose argument is being written."""
        last = len(prefix.symbols) if count is None else count
        for position in range(last - 1, 0, -1):
            if prefix.symbols[position] == "_COLON" and prefix.symbols[position - 1] == "NAME":
                value = prefix.values[position - 1]
                return value.text if isinstance(value, Token) else None
            if prefix.symbols[position] in ("_LPAR", "_COMMA"):
                break
        if self.given or self.positional >= len(self.members):
            return None
        return self.members[self.positional].name.text


def open_call(prefix: Prefix, where: Where, count: int | None = None) -> OpenCall | None:
    """The operation around the cursor, if its parentheses are the innermost ones but for those of expressions; with a
    count, around what comes after so many symbols of the stack."""
    last = len(prefix.symbols) if count is None else count
    for position in range(last - 1, 0, -1):
        symbol = prefix.symbols[position]
        if symbol == "_LBRACE":
            return None
        if symbol != "_LPAR":
            continue
        args = [value for value in flat(prefix.values[position + 1 :]) if isinstance(value, tree.Arg)]
        before = prefix.symbols[position - 1]
        if before in ("_WITH", "_GIVEN"):
            node = where.workflow.node if where.workflow is not None else None
            params = node.params if node is not None else ()
            return OpenCall(node.name.text if node else "", params, _types(where.workflow.signature.params) if
                            where.workflow else {}, args, before)  # fmt: skip
        word = prefix.symbols[position - 2] if position > 1 else ""
        name = prefix.values[position - 1]
        if word in _CALLS and isinstance(name, tree.Name):
            return _operation(word, name.text, args, where)
    return None


def _operation(word: str, name: str, args: list[tree.Arg], where: Where) -> OpenCall | None:
    declarations = where.analysis.checked.facts.declarations
    if word in ("_FAIL", "_FAILS"):
        error = declarations.errors.get(name)
        node = where.analysis.table.errors.get(name)
        if error is None:
            return None
        return OpenCall(name, node.fields if node is not None else (), dict(error.fields), args, word)
    if word in ("_SEND", "_UPDATE"):
        message = where.workflow.messages.get(name) if where.workflow is not None else None
        if message is None:
            senders = declarations.signal_senders(name)
            message = senders[0] if senders else None
        return None if message is None else OpenCall(name, message.node.params, _types(message.params), args, word)
    callee = declarations.activities.get(name) or declarations.workflows.get(name)
    return None if callee is None else OpenCall(name, callee.node.params, _types(callee.params), args, word)


def _types(params: tuple[Parameter, ...]) -> dict[str, Type]:
    return {param.name: param.type for param in params}
