"""Completion in the text form: from what the parser expects at the cursor to what can be offered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tenuto_interpreter.types import Type

from tenuto_dsl.check import scopes
from tenuto_dsl.check.expressions import Binding, Scope, check_expression
from tenuto_dsl.check.expressions.relations import core
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.editor.analysis import Analysis
from tenuto_dsl.editor.completion import expressions, items
from tenuto_dsl.editor.completion.calls import flat, open_call
from tenuto_dsl.editor.completion.expected import Expected
from tenuto_dsl.editor.completion.items import Item
from tenuto_dsl.editor.completion.prefix import Prefix
from tenuto_dsl.editor.completion.where import Where, find, find_tested, in_binding, in_test
from tenuto_dsl.editor.positions import Place
from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.text.expectations import keyword_words
from tenuto_dsl.syntax.text.tokens import NAME

_DECLARING = frozenset(
    ("_TYPE", "_CONFIG", "_ACTIVITY", "_WORKFLOW", "_SIGNAL", "_QUERY", "_ATTRIBUTE", "_VAR", "_PROPERTY", "_STATE",
     "_REGION", "_LET", "_AS", "_FOR", "_PARALLEL")
)  # fmt: skip
_BEGIN_OF_ELEMENT = frozenset(("_LBRACE", "_NL", ""))
_OPTION_VALUES = frozenset(("_BODY", "_RESULT", "METHOD", "_WHEN", "_EQ"))


def complete(prefix: Prefix, where: Where) -> Iterator[Item]:
    """What may stand at the cursor."""
    if prefix.in_string is not None:
        yield from _in_string(prefix, where)
        return
    top = prefix.top()
    accepted = prefix.accepted
    waits = prefix.top(2) == "_WAIT" or prefix.top(3) == "_TEST"  # `wait for …`, `test "…" for …`
    if top in _DECLARING and not (top == "_FOR" and waits) and NAME in accepted and "_SENSITIVE" not in accepted:
        return
    if NAME in accepted:
        yield from _names(prefix, where, top)
    yield from _keywords(prefix)


def place_of(prefix: Prefix, analysis: Analysis, place: Place) -> Where:
    """In which workflow, states or activity the cursor stands: the heads of what is open on the stack."""
    workflow: str | None = None
    activity: str | None = None
    states: list[str] = []
    heads = prefix.outer or prefix
    if heads.symbols[:2] == ["_TEST", "STRING"]:
        named = heads.values[3] if heads.symbols[2:3] == ["_FOR"] and len(heads.values) > 3 else None
        return find_tested(analysis, place, named.text if isinstance(named, tree.Name) else None)
    for position, symbol in enumerate(heads.symbols[:-1]):
        name = heads.values[position + 1]
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
    around = (prefix.outer or prefix).symbols
    if where.is_test:
        scope = in_test(where, _mocked(prefix.outer or prefix), given="_GIVEN" in around)
    elif where.activity is not None and _OPTION_VALUES.intersection(around[-12:]):
        scope = in_binding(where)
    else:
        scope = where.scope
    for read in (prefix.outer, prefix):
        if read is not None:
            scope = _with_open(read, where, scope)
    return scope


def _mocked(prefix: Prefix) -> str | None:
    """The name of what is mocked in the step at hand."""
    for symbol, value in zip(reversed(prefix.symbols), reversed(prefix.values), strict=False):
        if symbol == "name" and isinstance(value, tree.Name):
            return value.text if "_MOCK" in prefix.symbols[-12:] else None
    return None


def _with_open(prefix: Prefix, where: Where, scope: Scope) -> Scope:
    """And the names of what is open on a stack."""
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
            names = [v.name for v in flat(values[position + 4 :]) if isinstance(v, tree.Ident)][:2]
            macro = values[position + 2]
            if names and isinstance(macro, tree.Name):
                two = len(names) > 1 and expressions.takes_two(macro.text)
                scope = expressions.with_macro(scope, _node(values[position]), macro.text, names if two else names[:1])
    return scope


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
    elif top == "_UPDATE" and (below == "_ON" or where.is_test):
        yield from items.messages(workflow, signals=False, updates=True)
    elif top == "_FOR" and prefix.top(3) == "_TEST":
        yield from items.callables(analysis, activities=False, workflows=True, arguments=False)
    elif top == "_SET":
        yield from _assignable(where)
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
    return prefix.top() == "_ARROW" or _begins_path(prefix, 1) or bool(_path_before(prefix))


def _begins_path(prefix: Prefix, depth: int) -> bool:
    """Whether the name of a state comes after what is so deep on the stack."""
    top = prefix.top(depth)
    return top == "_ARROW" or (top == "_LPAR" and prefix.top(depth + 1) == "_HISTORY")


def _path_before(prefix: Prefix) -> list[tree.Name]:
    """The names before a dot, when they are those of a state."""
    if prefix.top() != "_DOT":
        return []
    depth = 3 if prefix.top(2).startswith("__path") else 2
    if prefix.top(depth) not in ("name", "NAME") or not _begins_path(prefix, depth + 1):
        return []
    found = [prefix.value(depth), *(flat(prefix.value(2)) if depth == 3 else ())]
    return [name for name in found if isinstance(name, tree.Name)]


def _states(prefix: Prefix, where: Where) -> Iterator[Item]:
    if where.workflow is None:
        return
    names = _path_before(prefix)
    if not names:
        yield from items.states(where.workflow, where.state)
        return
    yield from _inside(where, names)


def states_below(where: Where, before: str) -> Iterator[Item]:
    """The states that a name can go on with: `both.` with those in `both`."""
    if where.workflow is None:
        return
    if "." not in before:
        yield from items.states(where.workflow, where.state)
        return
    parts = before.split(".")[:-1]
    yield from _inside(where, [tree.Name(part, span=where.workflow.node.span) for part in parts])


def _inside(where: Where, names: list[tree.Name]) -> Iterator[Item]:
    found = scopes_state(where, names)
    if found is not None and where.workflow is not None:
        for index in (*where.workflow.states[found].children, *where.workflow.states[found].regions):
            yield items.state_item(where.workflow.states[index], rank=1)


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
    if prefix.top(2).startswith("__place"):
        way = (prefix.value(3), prefix.value(2))
        yield from expressions.fields(Expected(prefix, where, scope).of_place(way) or scopes.UNKNOWN, scope)
    elif isinstance(operand, tree.Name):  # the place of an assignment
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
    is_begun = prefix.top() in ("_LPAR", "_COMMA") and "_COLON" not in prefix.accepted
    if call is not None and is_begun and not call.positional:
        yield from items.arguments(call.members, call.given, is_fail=call.is_fail)
    yield from Expected(prefix, where, scope).items()
    yield from expressions.names(scope)


# -- words and strings ------------------------------------------------------------------------------------------------


_OF_WORKFLOWS = frozenset(("_SIGNAL", "_UPDATE", "_QUERY", "_ATTRIBUTE", "_VAR", "_PROPERTY", "_MIGRATE", "_VERSION"))
_ENDINGS = frozenset(("_RETURN", "_FAIL", "_CONTINUE"))


def _keywords(prefix: Prefix) -> Iterator[Item]:
    words = keyword_words()
    begins = prefix.top() in _BEGIN_OF_ELEMENT
    for terminal in sorted(prefix.accepted - _misplaced(prefix) | prefix.continuing):
        if terminal in ("TRUE", "FALSE", "NULL") and "_LET" in prefix.accepted:
            continue
        yield from items.keywords(words.get(terminal, ()), whole=begins or terminal in ("_DO", "_TRY", "_FOR"))


def _misplaced(prefix: Prefix) -> frozenset[str]:
    """What the grammar takes in any state and the checker does not: members of workflows, and ends of what ends not."""
    symbols = prefix.symbols
    opened = [n for n, symbol in enumerate(symbols[:-2]) if symbol in ("_STATE", "_REGION")]
    if "_SIGNAL" not in prefix.accepted or not opened:
        return frozenset()
    last = opened[-1]
    kind = prefix.values[last - 1] if symbols[last - 1] == "STATE_KIND" else None
    return _OF_WORKFLOWS if getattr(kind, "text", "") == "final" else _OF_WORKFLOWS | _ENDINGS


def _in_string(prefix: Prefix, where: Where) -> Iterator[Item]:
    """In `active("…")` and `calls("…")`."""
    yield from Expected(prefix, where, scope_of(prefix, where)).items()
    names = [value.text for value in prefix.values[-2:] if isinstance(value, tree.Name)]
    if prefix.top() != "_LPAR" or not names:
        return
    if names[-1] == "active" and where.workflow is not None:
        for state in where.workflow.states[1:]:
            yield items.state_item(state, state.path, rank=1)
    elif names[-1] == "calls":
        yield from items.callables(where.analysis, activities=True, workflows=True, arguments=False)


__all__ = ["complete", "place_of", "scope_of"]
