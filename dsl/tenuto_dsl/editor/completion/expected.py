"""What type of value is expected at the cursor, told by the parser's stack.

`return`, `=` after a type or a variable, an argument, a side of a comparison say what comes; inside of the map or the
list that was begun there, the way back leads through keys and items. None where nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tenuto_interpreter.types import ListOf, MapOf, Record, Type

from tenuto_dsl.check import scopes
from tenuto_dsl.check.expressions import Scope, check_expression
from tenuto_dsl.check.expressions.relations import core, literals, type_text, without_null
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.editor.completion.calls import flat, open_call
from tenuto_dsl.editor.completion.items import Item
from tenuto_dsl.editor.completion.prefix import Prefix
from tenuto_dsl.editor.completion.where import Where
from tenuto_dsl.syntax import tree


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected after what was read, by what is known there."""

    prefix: Prefix
    where: Where
    scope: Scope

    def items(self) -> Iterator[Item]:
        """The texts that a value may be; at the place of a key in a map, the fields that are not there yet. In a
        string that is open already, without quotes."""
        quoted = self.prefix.in_string is None
        begun = self._map_begun()
        if begun is None:
            rank = 2 if self.prefix.top() in ("_LPAR", "_COMMA") else 0  # there, names of arguments come first
            wanted = self.type(len(self.prefix.symbols))
            for value in literals(wanted, self.scope.types) if wanted is not None else ():
                yield Item(f'"{value}"' if quoted else value, "value", rank=rank)
            return
        given = {
            entry.key.value
            for entry in flat(self.prefix.values[begun + 1 :])
            if isinstance(entry, tree.MapEntry) and isinstance(entry.key, tree.Literal_)
        }
        record = self._plain(self.type(begun))
        for field in record.fields if isinstance(record, Record) else ():
            if field.name not in given:
                insert = f'"{field.name}": ' if quoted else None
                label = f'"{field.name}"' if quoted else field.name
                yield Item(label, "field", type_text(field.type), "", insert, rank=0)

    def _map_begun(self) -> int | None:
        """The position of the brace of the map in which a key comes."""
        symbols = self.prefix.symbols
        position = len(symbols) - 1
        if position >= 0 and symbols[position] == "_COMMA":
            position -= 1
            while position >= 0 and "entry" in symbols[position]:
                position -= 1
            if position == len(symbols) - 2:
                return None
        is_map = "INT" in self.prefix.accepted and "_LET" not in self.prefix.accepted
        return position if position > 0 and symbols[position] == "_LBRACE" and is_map else None

    def type(self, count: int) -> Type | None:
        """What a value would be that came after so many symbols of the stack."""
        symbols, values = self.prefix.symbols, self.prefix.values
        top = symbols[count - 1] if count else ""
        below = symbols[count - 2] if count > 1 else ""
        match top:
            case "_EQ" if below == "type":
                return scopes.resolve(values[count - 2], self.scope.types, Diagnostics())
            case "_EQ" if below == "place":
                return self.of_place(values[count - 2])
            case "_COLON" if below == "NAME":
                call = open_call(self.prefix, self.where, count)
                return call.types.get(str(values[count - 2].text)) if call is not None else None
            case "_COLON" if count > 3 and symbols[count - 3] == "_QMARK":
                return self.type(count - 4)
            case "_COLON":
                return self._of_key(count)
            case "_QMARK":
                return self.type(count - 2)
            case "_LSQB" if below not in ("_postfix", "name") and not below.startswith("__place"):
                found = self._plain(self.type(count - 1))
                return found.item if isinstance(found, ListOf) else None
            case "_COMMA" | "_LPAR":
                return self._of_position(count)
            case "EQEQ" | "NE":
                return self._of_left(count)
            case "IN":
                left = self._of_left(count)
                return ListOf(left) if left is not None else None
        return self._of_word(top, count)

    def _of_word(self, word: str, count: int) -> Type | None:
        workflow, declarations = self.where.workflow, self.where.analysis.checked.facts.declarations
        match word:
            case "_RETURN":
                return workflow.signature.returns if workflow is not None else None
            case "_RESULT":
                activity = self.where.activity
                found = declarations.activities.get(activity.name.text) if activity is not None else None
                return found.returns if found is not None else None
            case "_RETURNS":
                name = next((v for s, v in self._pairs(count) if s == "name" and isinstance(v, tree.Name)), None)
                callee = None
                if name is not None:
                    callee = declarations.activities.get(name.text) or declarations.workflows.get(name.text)
                return callee.returns if callee is not None else None
            case "_REPLY":
                for _, value in self._pairs(count):
                    trigger = value[0] if isinstance(value, list) and len(value) == 1 else value
                    if isinstance(trigger, tree.UpdateTrigger):
                        message = workflow.messages.get(trigger.update.text) if workflow is not None else None
                        return message.returns if message is not None else None
        return None

    def _pairs(self, count: int) -> Iterator[tuple[str, Any]]:
        """The symbols with their values, the last first."""
        yield from reversed(list(zip(self.prefix.symbols[:count], self.prefix.values[:count], strict=False)))

    def of_place(self, value: Any) -> Type | None:
        """Of the target of an assignment: a variable, perhaps with a way into it."""
        name = next((part for part in flat(value) if isinstance(part, tree.Name)), None)
        if name is None or not isinstance(value, tuple):
            return None
        binding = self.scope.lookup(name.text)
        found = binding.type if binding is not None else None
        for part in list(flat(value))[1:]:
            plain = self._plain(found)
            match plain:
                case Record(fields=fields) if isinstance(part, tree.Name):
                    found = next((f.type for f in fields if f.name == part.text), None)
                case ListOf(item=found) | MapOf(value=found):
                    pass
                case _:
                    return None
        return found

    def _of_key(self, count: int) -> Type | None:
        """Of the value of a key in a map that was begun."""
        symbols = self.prefix.symbols
        key = next((part for part in flat(self.prefix.values[count - 2]) if isinstance(part, tree.Node)), None)
        position = count - 3
        while position > 0 and ("entry" in symbols[position] or symbols[position] in ("_COMMA", "_QMARK")):
            position -= 1
        if symbols[position] != "_LBRACE" or not isinstance(key, tree.Literal_):
            return None
        holder = self._plain(self.type(position))
        match holder:
            case Record(fields=fields):
                return next((field.type for field in fields if field.name == key.value), None)
            case MapOf(value=value):
                return value
        return None

    def _of_position(self, count: int) -> Type | None:
        """Of an item of a list, or of an argument without its name."""
        symbols = self.prefix.symbols
        position = count - 1
        while position > 0 and symbols[position] not in ("_LSQB", "_LPAR", "_LBRACE"):
            position -= 1
        if symbols[position] == "_LSQB":
            return self.type(position + 1)
        call = open_call(self.prefix, self.where, count) if symbols[position] == "_LPAR" else None
        if call is not None:
            name = call.current(self.prefix, count)
            return call.types.get(name) if name is not None else None
        is_group = position > 0 and symbols[position] == "_LPAR" and symbols[position - 1] not in ("name", "_WITH")
        return self.type(position) if is_group and position == count - 1 else None

    def _of_left(self, count: int) -> Type | None:
        """Of what stands before an operator, where that is an expression: recovery may put something else there."""
        left = next((part for part in flat(self.prefix.values[count - 2]) if isinstance(part, tree.Expr)), None)
        return check_expression(left, self.scope, Diagnostics()).type if left is not None else None

    def _plain(self, type_: Type | None) -> Type | None:
        return None if type_ is None else core(without_null(type_, self.scope.types), self.scope.types)
