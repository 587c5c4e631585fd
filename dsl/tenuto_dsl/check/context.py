"""What every check inside one workflow needs at hand, and the checks that several of them share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tenuto_interpreter.types import DOUBLE, DURATION, INT, STRING, Record, RecordField, Type

from tenuto_dsl.check import scopes
from tenuto_dsl.check.arguments import Place, match_arguments, places_of
from tenuto_dsl.check.declarations import Declarations
from tenuto_dsl.check.facts import (
    ActivityFacts,
    Expression,
    Facts,
    Invocation,
    MessageFacts,
    Parameter,
    WorkflowSignature,
)
from tenuto_dsl.check.scopes import Names
from tenuto_dsl.diagnostics import Diagnostics, Hint, nearest
from tenuto_dsl.syntax import tree


@dataclass(slots=True)
class Context:
    """The file's declarations, the facts found so far, and where to report. Also used outside of workflows."""

    declarations: Declarations
    facts: Facts
    sink: Diagnostics

    def expression(self, node: tree.Expr, names: Names, expected: Type | None = None) -> Type:
        """Check an expression, keep what was found, answer its type."""
        checked = scopes.checked(node, names, self.sink, expected, self.facts.trace)
        self.facts.expressions[node] = Expression(checked.type, checked.ir)
        return checked.type

    def mark(self, node: tree.Node, names: Names) -> None:
        """Keep which names are known at a node, when somebody wants to know."""
        if self.facts.trace is not None:
            self.facts.trace.scopes[node] = names.scope

    def maybe(self, node: tree.Expr | None, names: Names, expected: Type | None = None) -> None:
        if node is not None:
            self.expression(node, names, expected)

    def options(self, timeout: tree.Timeout | None, retry: tree.Retry | None, names: Names) -> None:
        """Limits are durations; `times` is a number, `factor` may have a fraction."""
        if timeout is not None:
            for limit in (timeout.attempt, timeout.overall, timeout.queued, timeout.heartbeat):
                self.maybe(limit, names, DURATION)
                if limit is not None and (value := _constant(limit)) is not None and value <= 0:
                    what = "zero" if value == 0 else "less than nothing"
                    hint = "give the time that it may take, such as 30s; without a timeout there is no limit"
                    self.sink.error("TEN234", limit.span, f"a timeout of {what} leaves no time for anything", hint)
        if retry is not None:
            self.expression(retry.times, names, INT)
            if (times := _constant(retry.times)) is not None and times < 0:
                message = f"{times} further attempts cannot be"
                self.sink.error("TEN234", retry.times.span, message, "leave `retry` out for no further attempt")
            self.maybe(retry.backoff, names, DURATION)
            self.maybe(retry.factor, names, DOUBLE)
            self.maybe(retry.up_to, names, DURATION)
            self.codes(retry.unless)

    def queue(self, queue: tree.Expr | None, priority: tree.Expr | None, names: Names) -> None:
        self.maybe(queue, names, STRING)
        self.maybe(priority, names, INT)

    # -- arguments ----------------------------------------------------------------------------------------------------

    def filled(
        self, callee: tree.Name, args: Sequence[tree.Arg], places: Sequence[Place], names: Names
    ) -> dict[str, tree.Arg]:
        """Match arguments and check each against its place. What fits nowhere is still checked for itself."""
        found = match_arguments(callee, args, places, self.sink)
        expected = {place.name: place.type for place in places}
        placed = {id(arg): name for name, arg in found.items()}
        for arg in args:
            name = placed.get(id(arg))
            self.expression(arg.value, names, expected.get(name) if name is not None else None)
        return found

    def invoke(
        self,
        node: tree.Node,
        name: tree.Name,
        callee: ActivityFacts | WorkflowSignature | MessageFacts,
        args: Sequence[tree.Arg],
        names: Names,
    ) -> None:
        """Check the arguments of an operation and keep one expression for each parameter."""
        found = self.filled(name, args, places_of(callee.params), names)
        values = [found[p.name].value if p.name in found else p.node.default for p in callee.params]
        self.facts.invocations[node] = Invocation(callee, tuple(values))

    def unresolved_arguments(self, args: Iterable[tree.Arg], names: Names) -> None:
        """Arguments of something unknown: checked for themselves, so that what is wrong in them is still said."""
        for arg in args:
            self.expression(arg.value, names)

    def defaults(self, params: Iterable[Parameter]) -> None:
        """A default may read the config, and nothing else."""
        names = scopes.config_names(self.declarations)
        for param in params:
            if param.node.default is not None:
                self.expression(param.node.default, names, param.type)

    # -- names of things ----------------------------------------------------------------------------------------------

    def error_record(self, codes: Sequence[tree.Name]) -> Record:
        """What `as e` binds for these codes: code, message, and the fields that all of them have with one type."""
        fields: dict[str, Type] = {"code": STRING, "message": STRING}
        known = [self.declarations.errors[code.text] for code in codes if code.text in self.declarations.errors]
        if known and len(known) == len(codes):
            shared = set(known[0].fields).intersection(*(error.fields for error in known[1:]))
            fields.update((name, type_) for name, type_ in known[0].fields if (name, type_) in shared)
        return Record(tuple(RecordField(name, type_) for name, type_ in fields.items()))

    def codes(self, codes: Sequence[tree.Name]) -> None:
        """Codes are declared, each named once."""
        for code in codes:
            self.declarations.error(code, self.sink)
        self.once((code.text, code.span, f"the error {code.text} is named twice") for code in codes)

    def once(self, items: Iterable[tuple[str, tree.Span, str]]) -> None:
        """Each of these is there once; a second one is reported with its message."""
        seen: set[str] = set()
        for name, span, message in items:
            if name in seen:
                self.sink.error("TEN208", span, message)
            seen.add(name)

    def unknown(self, what: str, name: tree.Name, candidates: Iterable[str], code: str, hint: Hint = None) -> None:
        """Report a name that means nothing; `hint` is for when none comes near it."""
        close = nearest(name.text, list(candidates))
        if close:
            hint = f"did you mean {close}?"
        self.sink.error(code, name.span, f"no {what} {name.text} is declared", hint)


def _constant(node: tree.Expr) -> int | None:
    """A whole number or a duration as written, its sign included."""
    if isinstance(node, tree.Unary) and node.operator == "-":
        value = _constant(node.operand)
        return None if value is None else -value
    if isinstance(node, tree.Literal_) and node.kind in ("int", "duration"):
        assert isinstance(node.value, int)
        return node.value
    return None
