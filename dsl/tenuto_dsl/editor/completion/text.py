"""Completion in the text form: from what the parser expects at the cursor to what can be offered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tenuto_interpreter.types import Type

from tenuto_dsl.check import scopes
from tenuto_dsl.check.expressions import Binding, Scope, check_expression
from tenuto_dsl.check.expressions.relations import core
from tenuto_dsl.check.facts import Parameter
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.editor.analysis import Analysis
from tenuto_dsl.editor.completion import expressions, items
from tenuto_dsl.editor.completion.items import Item
from tenuto_dsl.editor.completion.prefix import Prefix
from tenuto_dsl.editor.completion.where import Where, find, in_binding
from tenuto_dsl.editor.positions import Place
from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.text.expectations import keyword_words
from tenuto_dsl.syntax.text.tokens import NAME, Token

_DECLARING = frozenset(
    ("_TYPE", "_CONFIG", "_ACTIVITY", "_WORKFLOW", "_SIGNAL", "_QUERY", "_ATTRIBUTE", "_VAR", "_PROPERTY", "_STATE",
     "_REGION", "_LET", "_AS", "_FOR", "_PARALLEL")
)  # fmt: skip
_CALLS = ("_CALL", "_UNDO", "_START", "_MOCK", "_SEND", "_FAIL", "_FAILS", "_UPDATE")
_BEGIN_OF_ELEMENT = frozenset(("_LBRACE", "_NL", ""))
_OPTION_VALUES = frozenset(("_BODY", "_RESULT", "METHOD", "_WHEN", "_EQ"))


def complete(prefix: Prefix, where: Where) -> Iterator[Item]:
    """What may stand at the cursor."""
    if prefix.in_string is not None:
        yield from _in_string(prefix, where)
        return
    top = prefix.top()
    accepted = prefix.accepted
    if top in _DECLARING and NAME in accepted and "_SENSITIVE" not in accepted:
        return
    if NAME in accepted:
        yield from _names(prefix, where, top)
    yield from _keywords(prefix)


def place_of(prefix: Prefix, analysis: Analysis, place: Place) -> Where:
    """In which workflow, states or activity the cursor stands: the heads of what is open on the stack."""
    workflow: str | None = None
    activity: str | None = None
    states: list[str] = []
    for position, symbol in enumerate(prefix.symbols[:-1]):
        name = prefix.values[position + 1]
        if not isinstance(name, tree.Name):
            continue
        if symbol == "_WORKFLOW":
            workflow = name.text
        elif symbol == "_ACTIVITY":
            activity = name.text
        elif symbol in ("_STATE", "_REGION"):
            states.append(name.text)
    return find(analysis, place, workflow, states, activity)


def scope_of(prefix: Prefix, where: Where) -> Scope:
    """The names at the cursor: those of the tree, and those of what is open on the stack and in no tree yet."""
    scope = where.scope
    if where.activity is not None and _OPTION_VALUES.intersection(prefix.symbols[-12:]):
        scope = in_binding(where)
    bound: dict[str, Binding] = {}
    values, symbols = prefix.values, prefix.symbols
    for position, value in enumerate(values):
        if isinstance(value, tree.SignalTrigger | tree.UpdateTrigger | tree.ErrorTrigger) or (
            isinstance(value, list) and len(value) == 1 and isinstance(value[0], tree.Node)
        ):
            trigger = value[0] if isinstance(value, list) else value
            _bind_trigger(trigger, where, bound)
        elif symbols[position] == "_AS" and position + 1 < len(values) and isinstance(values[position + 1], tree.Name):
            head = values[position - 1] if position else None
            bound[values[position + 1].text] = _binding(_payload(symbols, head, position, where))
        elif symbols[position] == "_FOR" and position + 3 < len(values) and symbols[position + 2] == "IN":
            name, over = values[position + 1], values[position + 3]
            if isinstance(name, tree.Name) and isinstance(over, tree.Node) and scope.lookup(name.text) is None:
                bound[name.text] = _binding(_item_type(over, scope))
    new = {name: binding for name, binding in bound.items() if scope.lookup(name) is None}
    scope = scope.child(new) if new else scope
    for position in range(len(symbols) - 3):
        if symbols[position] == "_postfix" and symbols[position + 1 : position + 4] == ["_DOT", "name", "_LPAR"]:
            names = [v.name for v in _flat(values[position + 4 :]) if isinstance(v, tree.Ident)][:2]
            macro = values[position + 2]
            if names and isinstance(macro, tree.Name):
                two = len(names) > 1 and expressions.takes_two(macro.text)
                scope = expressions.with_macro(scope, _node(values[position]), macro.text, names if two else names[:1])
    return scope


def _flat(values: list[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list):
            yield from _flat(value)
        else:
            yield value


def _node(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _binding(type_: Type) -> Binding:
    return Binding(type_, ("local", 0), "the binding of an event")


def _bind_trigger(trigger: Any, where: Where, bound: dict[str, Binding]) -> None:
    match trigger:
        case (
            tree.SignalTrigger(signal=name, binding=tree.Name(text=text))
            | tree.UpdateTrigger(update=name, binding=tree.Name(text=text))
        ):
            bound[text] = _binding(_message_type(name.text, where))
        case tree.ErrorTrigger(codes=codes, binding=tree.Name(text=text)):
            bound[text] = _binding(_error_type(codes, where))
        case _:
            pass


def _payload(symbols: list[str], head: Any, position: int, where: Where) -> Type:
    before = symbols[max(position - 3, 0) : position]
    if "_ERROR" in before or "_CATCH" in before:
        codes = head if isinstance(head, tuple) else ()
        return _error_type(codes, where)
    if isinstance(head, tree.Name):
        return _message_type(head.text, where)
    return scopes.UNKNOWN


def _message_type(name: str, where: Where) -> Type:
    found = where.workflow.messages.get(name) if where.workflow is not None else None
    return found.record if found is not None else scopes.UNKNOWN


def _error_type(codes: tuple[tree.Name, ...], where: Where) -> Type:
    from tenuto_dsl.check.context import Context

    facts = where.analysis.checked.facts
    return Context(facts.declarations, facts.facts, Diagnostics()).error_record(codes)


def _item_type(over: tree.Node, scope: Scope) -> Type:
    from tenuto_interpreter.types import STRING, ListOf, MapOf

    found = core(check_expression(over, scope, Diagnostics()).type, scope.types)  # type: ignore[arg-type]  # an expression
    return found.item if isinstance(found, ListOf) else STRING if isinstance(found, MapOf) else scopes.UNKNOWN


# -- names ------------------------------------------------------------------------------------------------------------


def _names(prefix: Prefix, where: Where, top: str) -> Iterator[Item]:
    analysis, below = where.analysis, prefix.top(2)
    workflow = where.workflow.node if where.workflow is not None else None
    if "_SENSITIVE" in prefix.accepted:
        yield from items.types(analysis)
    elif top == "_COLON" and prefix.top(3) == "_ATTRIBUTE":
        yield from items.named(items.ATTRIBUTE_NOTES)
    elif top == "_EFFECT":
        yield from items.named(items.EFFECT_NOTES)
    elif top in ("_CALL", "_UNDO", "_START", "_MOCK"):
        yield from items.callables(
            analysis, activities=top != "_START", workflows=top != "_MOCK", arguments=top != "_MOCK"
        )
    elif _wants_error(prefix):
        yield from items.failures(analysis) if top in ("_FAIL", "_FAILS") else items.errors(analysis)
    elif top == "_ON" or top in ("_SEND", "_RECEIVE", "_DISCARD"):
        yield from items.messages(workflow, signals=True, updates=False)
    elif top == "_DEFER" or (top == "_COMMA" and "CANCEL" in prefix.accepted):
        yield from items.messages(workflow, signals=True, updates=True)
    elif top == "_UPDATE" and below == "_ON":
        yield from items.messages(workflow, signals=False, updates=True)
    elif _in_path(prefix):
        yield from _states(prefix, where)
    elif top in ("_DOT", "_DOTQ"):
        yield from _members(prefix, where)
    elif "INT" in prefix.accepted:
        yield from _expression(prefix, where)
    elif "_LET" in prefix.accepted:
        yield from _assignable(where)


def _wants_error(prefix: Prefix) -> bool:
    top = prefix.top()
    if top in ("_FAIL", "_FAILS", "_CATCH", "_RAISES", "_UNLESS"):
        return True
    if top == "_ERROR":
        return prefix.top(2) == "_ON"
    return top == "_BAR"  # in a type `sensitive` could follow, too


def _in_path(prefix: Prefix) -> bool:
    if prefix.top() == "_ARROW" or (prefix.top() == "_LPAR" and prefix.top(2) == "_HISTORY"):
        return True
    depth = 1
    while prefix.top(depth) == "_DOT" and prefix.top(depth + 1) in ("name", "NAME"):
        depth += 2
    return depth > 1 and prefix.top(depth) in ("_ARROW", "_LPAR") and _arrow(prefix, depth)


def _arrow(prefix: Prefix, depth: int) -> bool:
    return prefix.top(depth) == "_ARROW" or prefix.top(depth + 1) == "_HISTORY"


def _states(prefix: Prefix, where: Where) -> Iterator[Item]:
    if where.workflow is None:
        return
    if prefix.top() != "_DOT":
        yield from items.states(where.workflow, where.state)
        return
    names: list[tree.Name] = []
    depth = 1
    while prefix.top(depth) == "_DOT":
        value = prefix.value(depth + 1)
        if isinstance(value, tree.Name):
            names.insert(0, value)
        depth += 2
    if not names:
        return
    found = scopes_state(where, names)
    if found is not None:
        for index in (*where.workflow.states[found].children, *where.workflow.states[found].regions):
            yield Item(where.workflow.states[index].name, "state", "state", rank=1)


def scopes_state(where: Where, names: list[tree.Name]) -> int | None:
    """The state that a path means from where the cursor stands."""
    from tenuto_dsl.check.states import StateNames

    if where.workflow is None:
        return None
    path = tree.Path(tuple(names), span=names[0].span)
    return StateNames(where.workflow.states).resolve(path, where.state, Diagnostics())


def _members(prefix: Prefix, where: Where) -> Iterator[Item]:
    operand = _node(prefix.value(2))
    scope = scope_of(prefix, where)
    if isinstance(operand, tree.Name):  # the place of an assignment
        operand = tree.Ident(operand.text, span=operand.span)
        yield from expressions.fields(check_expression(operand, scope, Diagnostics()).type, scope)
    elif isinstance(operand, tree.Node):
        yield from expressions.members(operand, scope)  # type: ignore[arg-type]  # an expression, by the grammar


def _assignable(where: Where) -> Iterator[Item]:
    """What an assignment may begin with."""
    variables = where.workflow.variables if where.workflow is not None else {}
    for name, facts in variables.items():
        if isinstance(facts.node, tree.VarDecl):
            yield Item(name, "variable", scopes.describe(facts.type), rank=4)


# -- expressions ------------------------------------------------------------------------------------------------------


def _expression(prefix: Prefix, where: Where) -> Iterator[Item]:
    call = open_call(prefix, where)
    scope = scope_of(prefix, where)
    if call is not None:
        if prefix.top() in ("_LPAR", "_COMMA") and "_COLON" not in prefix.accepted and not call.positional:
            yield from items.arguments(call.members, call.given, is_fail=call.is_fail)
        yield from expressions.choices(call.expected(prefix), scope)
    yield from expressions.choices(_compared_with(prefix, scope), scope)
    yield from expressions.names(scope)


def _compared_with(prefix: Prefix, scope: Scope) -> Type | None:
    """The type of the left side of a comparison whose right side comes."""
    if prefix.top() not in ("EQEQ", "NE"):
        return None
    left = _node(prefix.value(2))
    return check_expression(left, scope, Diagnostics()).type if isinstance(left, tree.Node) else None  # type: ignore[arg-type]  # an expression


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

    def current(self, prefix: Prefix) -> str | None:
        """The parameter whose argument is being written."""
        for position in range(len(prefix.symbols) - 1, 0, -1):
            if prefix.symbols[position] == "_COLON" and prefix.symbols[position - 1] == "NAME":
                value = prefix.values[position - 1]
                return value.text if isinstance(value, Token) else None
            if prefix.symbols[position] in ("_LPAR", "_COMMA"):
                break
        if self.given or self.positional >= len(self.members):
            return None
        return self.members[self.positional].name.text

    def expected(self, prefix: Prefix) -> Type | None:
        if prefix.top() not in ("_COLON", "_LPAR", "_COMMA"):
            return None
        name = self.current(prefix)
        return self.types.get(name) if name is not None else None


def open_call(prefix: Prefix, where: Where) -> OpenCall | None:
    """The operation around the cursor, if its parentheses are the innermost ones but for those of expressions."""
    for position in range(len(prefix.symbols) - 1, 0, -1):
        symbol = prefix.symbols[position]
        if symbol == "_LBRACE":
            return None
        if symbol != "_LPAR":
            continue
        args = [value for value in _flat(prefix.values[position + 1 :]) if isinstance(value, tree.Arg)]
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


# -- words and strings ------------------------------------------------------------------------------------------------


def _keywords(prefix: Prefix) -> Iterator[Item]:
    words = keyword_words()
    begins = prefix.top() in _BEGIN_OF_ELEMENT
    for terminal in sorted(prefix.accepted | prefix.continuing):
        if terminal in ("TRUE", "FALSE", "NULL") and "_LET" in prefix.accepted:
            continue
        yield from items.keywords(words.get(terminal, ()), whole=begins or terminal in ("_DO", "_TRY", "_FOR"))


def _in_string(prefix: Prefix, where: Where) -> Iterator[Item]:
    """In `active("…")` and `calls("…")`."""
    names = [value.text for value in prefix.values[-2:] if isinstance(value, tree.Name)]
    if prefix.top() != "_LPAR" or not names:
        return
    if names[-1] == "active" and where.workflow is not None:
        for state in where.workflow.states[1:]:
            yield Item(state.path, "state", "state", rank=1)
    elif names[-1] == "calls":
        yield from items.callables(where.analysis, activities=True, workflows=True, arguments=False)


__all__ = ["complete", "open_call", "place_of", "scope_of"]
