"""Steps and blocks: maps with exactly one verb."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.yaml.compose import Mapping, Node, Scalar, Sequence
from tenuto_dsl.syntax.yaml.known import KnownShape
from tenuto_dsl.syntax.yaml.shapes import Keys, ShapeReader
from tenuto_dsl.syntax.yaml.table import CALL_OPTIONS, FAIL, HANDLER, LIMITS, RETRY, STEPS, UNDO
from tenuto_dsl.syntax.yaml.values import is_null

_IN = re.compile(r"(?P<name>[A-Za-z_]\w*) +in +(?P<items>.+)")
_ON_CLOSE = ("abandon", "cancel", "terminate")


class StepReader(ShapeReader):
    # -- blocks ----------------------------------------------------------------------------------------------------

    def read_block(self, node: Node) -> tree.Block:
        steps: list[Any] = []
        for item in self.items(node, "a list of steps"):
            steps += self.step(item)
        return tree.Block(tuple(steps), span=node.span)

    def step(self, node: Node) -> list[Any]:
        """The steps of one item: several only for `let` and `set` with several names."""
        if isinstance(node, Scalar) and node.text in STEPS.alone:
            node = Mapping([(node, Scalar("", True, node.span, node.source))], node.span)
        told = self.verb(node, STEPS)
        if told is None:
            return []
        verb, node = told
        others = [v for v in STEPS.shapes if v != verb and node.get(v) is not None]
        keys = self.keys(node, STEPS.shapes[verb], words=f"{_a(verb)} step", also=others)
        keys.has_odd = keys.has_odd or not keys.shape.readings.keys() >= set(others)
        made = _MAKERS[verb](self, keys, keys[verb], node.span)
        return made if isinstance(made, list) else [self._bound(made, keys, node.span)]

    def _bound(self, made: Any, keys: Keys, span: tree.Span) -> Any:
        """What `as` and `into` make of a durable step."""
        if not isinstance(made, tree.CallStep | tree.StartStep | tree.ForStep | tree.ParallelStep):
            return made
        if "as" in keys and "into" in keys:
            hint = "`as` names a new local, `into` assigns a variable"
            self.sink.error("TEN122", keys["into"].span, "a step has `as` or `into`, not both", hint)
        if "type" in keys and "as" not in keys:
            self.sink.error("TEN122", keys["type"].span, "`type` is the type of what `as` names", "add `as`")
        if "as" in keys:
            name = keys.read("as")
            return made if name is None else tree.LetStep(name, keys.read("type"), made, span=span)
        if "into" in keys:
            return self._assignment(keys["into"], made, span)
        return made

    def _assignment(self, target: Node, value: Any, span: tree.Span) -> tree.AssignStep:
        place = self.expression(target)
        path: list[Any] = []
        while isinstance(place, tree.Select | tree.Index) and not place.optional:
            path.append(place.field if isinstance(place, tree.Select) else place.index)
            place = place.operand
        if not isinstance(place, tree.Ident):
            self.sink.error(
                "TEN124", target.span, "not a variable, nor a place in one", "for example: total, or known[id].ready"
            )
            return tree.AssignStep(tree.Name("_", span=target.span), (), value, span=span)
        return tree.AssignStep(tree.Name(place.name, span=place.span), tuple(reversed(path)), value, span=span)

    # -- single steps ----------------------------------------------------------------------------------------------

    def call(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        options: dict[str, Any] = keys.read("with") or {}
        return tree.CallStep(keys.read("call"), keys.read("args"), undo=keys.read("undo"), span=span, **options)

    def read_options(self, node: Node) -> dict[str, Any]:
        self.holds_some(node, "an option", "`with: { timeout: 5s }`")
        instead = f"arguments stand in `args`; `with` holds {', '.join(CALL_OPTIONS.readings)}"
        keys = self.keys(node, CALL_OPTIONS, instead=instead)
        return {key: keys.read(key) for key in keys}

    def read_undo(self, node: Node) -> tree.Undo:
        keys = self.keys(node, UNDO)
        return tree.Undo(keys.read("call"), keys.read("args"), span=node.span)

    def start(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        on_close: Any = keys.read("on_close")
        return tree.StartStep(keys.read("start"), keys.read("args"), keys.read("id"), on_close, span=span)

    def read_on_close(self, node: Node) -> str | None:
        text = self.text(node)
        if text is not None and text not in _ON_CLOSE:
            self.wrong(node, "abandon, cancel or terminate")
            return None
        return text

    def let(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        type_ = keys.read("type")
        self.holds_some(verb, "a name", "`let: { name: … }`")
        return [
            tree.LetStep(name, type_, self.value(value), span=name.span)
            for name, value in self.named(verb, "a map from names to values")
        ]

    def set(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        self.holds_some(verb, "a variable", "`set: { variable: … }`")
        mapping = self.mapping(verb, "a map from variables to values")
        entries = mapping.entries if mapping is not None else []
        return [self._assignment(key, self.value(value), key.span) for key, value in entries]

    def holds_some(self, node: Node, what: str, hint: str) -> None:
        if is_null(node) or (isinstance(node, Mapping) and not node.entries):
            self.sink.error("TEN127", node.span, f"{what} is missing", hint)

    def wait(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        return tree.WaitStep(keys.read("wait"), span=span)

    def wait_until(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        return tree.WaitUntilStep(keys.read("wait_until"), span=span)

    def wait_for(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        return tree.WaitForStep(keys.read("wait_for"), keys.read("within"), span=span)

    def receive(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        return tree.ReceiveStep(
            keys.read("receive"), keys.read("as"), keys.read("when"), keys.read("within"), span=span
        )

    def if_(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        then = keys.read("then")
        return tree.IfStep(keys.read("if"), then, keys.read("else"), span=span)

    def for_(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        within = _IN.fullmatch(verb.text) if isinstance(verb, Scalar) and "in" not in keys else None
        if within is not None and isinstance(verb, Scalar):
            hint = f"write `for: {within['name']}` and `in: {within['items'][:60]}`, one beside the other"
            self.sink.error("TEN124", verb.span, f"`{verb.text[:60]}` is not a name", hint)
            keys["for"], keys["in"] = (verb.part(*within.span(part)) for part in ("name", "items"))
        items, body = keys.read("in"), keys.read("do")
        return tree.ForStep(keys.read("for"), items, body, keys.read("at_most"), span=span)

    def parallel(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        return tree.ParallelStep(keys.read("parallel"), span=span)

    def read_branches(self, node: Node) -> tuple[tree.Branch, ...]:
        self.holds_some(node, "a branch", "`parallel: { name: [ … ], other: [ … ] }`")
        return tuple(
            tree.Branch(name, self.read_block(body), span=name.span)
            for name, body in self.named(node, "a map from branches to steps")
        )

    def repeat(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        body, until = keys.read("repeat"), keys.read("until")
        return tree.RepeatStep(body, until, keys.read("every"), keys.read("at_most"), span=span)

    def try_(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        catches = keys.read("catch")
        caught = keys.get("catch")
        if "finally" not in keys and (caught is None or is_null(caught) or caught == Sequence([], caught.span)):
            self.sink.error("TEN127", span, "`catch` or `finally` is missing", "without either, `try` does nothing")
        return tree.TryStep(keys.read("try"), catches, keys.read("finally"), span=span)

    def read_handlers(self, node: Node) -> tuple[tree.Catch, ...]:
        found = []
        for item in self.items(node, "a list of handlers"):
            keys = self.keys(item, HANDLER)
            body = keys.read("do")
            as_span = item.without("as") if isinstance(item, Mapping) else None
            found.append(tree.Catch(keys.read("error"), keys.read("as"), body, as_span=as_span, span=item.span))
        return tuple(found)

    def send(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        to = keys.read("to")
        return tree.SendStep(keys.read("send"), keys.read("args"), to, span=span)

    def reply(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        return tree.ReplyStep(keys.read("reply"), span=span)

    def discard(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        return tree.DiscardStep(keys.read("discard"), span=span)

    def log(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        return tree.LogStep(keys.read("log"), span=span)

    def yield_(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        return tree.YieldStep(keys.read("yield"), span=span)

    def return_(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        # `return:` with nothing after it is the text form's bare `return`; `return: null` gives null as well.
        return tree.ReturnStep(
            None if isinstance(verb, Scalar) and verb.plain and not verb.text else self.value(verb), span=span
        )

    def fail(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        if isinstance(verb, Mapping):
            inner = self.keys(verb, FAIL)
            if "args" in keys:
                self.sink.error("TEN122", keys["args"].span, "`args` stands inside of `fail` here", "put it there")
            return tree.FailStep(inner.read("fail"), inner.read("args"), span=span)
        return tree.FailStep(keys.read("fail"), keys.read("args"), span=span)

    def compensate(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        keys.read("compensate")
        return tree.CompensateStep(span=span)

    def commit(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        keys.read("commit")
        return tree.CommitStep(span=span)

    # -- options ---------------------------------------------------------------------------------------------------

    def read_timeout(self, node: Node) -> tree.Timeout:
        if isinstance(node, Scalar):
            odd = self._is_several(node, LIMITS, "a duration, or a map of limits,", "`{ attempt: 10s, overall: 5m }`")
            return tree.Timeout(None if odd else self.expression(node), span=node.span)
        self.holds_some(node, "a limit", "`timeout: 30s`")
        keys = self.keys(node, LIMITS)
        limits = {name: keys.read(name) for name in keys}
        return tree.Timeout(**limits, span=node.span)

    def read_retry(self, node: Node) -> tree.Retry:
        if isinstance(node, Scalar):
            odd = self._is_several(node, RETRY, "a number, or a map,", "`{ times: 5, backoff: 1s }`")
            none = tree.Literal_("int", 0, span=node.span)
            return tree.Retry(none if odd else self.needed(node, node.span, "times"), span=node.span)
        keys = self.keys(node, RETRY)
        return tree.Retry(
            keys.read("times"), keys.read("backoff"), keys.read("factor"), keys.read("up_to"), keys.read("unless"),
            span=node.span,
        )  # fmt: skip

    def _is_several(self, node: Scalar, shape: KnownShape, wanted: str, remedy: str) -> bool:
        """Whether a value that may stand alone has words of the text form in it, where several are a map."""
        if not shape.readings.keys() & set(node.text.split()):
            return False
        self.wrong(node, wanted, f"write {remedy}")
        return True


def _a(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


_MAKERS: dict[str, Callable[[StepReader, Keys, Node, tree.Span], Any]] = {
    verb: getattr(StepReader, f"{verb}_" if verb in ("if", "for", "try", "yield", "return") else verb)
    for verb in STEPS.shapes
}
