"""Steps and blocks: maps with exactly one verb."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.yaml.compose import Mapping, Node, Scalar
from tenuto_dsl.syntax.yaml.values import Reader

Keys = dict[str, Node]

_STEPS: dict[str, tuple[str, ...]] = {
    "call": ("args", "with", "undo", "as", "into", "type"),
    "start": ("args", "id", "on_close", "as", "into", "type"),
    "let": ("type",),
    "set": (),
    "wait": (),
    "wait_until": (),
    "wait_for": ("within",),
    "receive": ("as", "when", "within"),
    "if": ("then", "else"),
    "for": ("in", "at_most", "do", "as", "into", "type"),
    "parallel": ("as", "into", "type"),
    "repeat": ("until", "every", "at_most"),
    "try": ("catch", "finally"),
    "send": ("args", "to"),
    "reply": (),
    "discard": (),
    "log": (),
    "yield": (),
    "return": (),
    "fail": ("args",),
    "compensate": (),
    "commit": (),
}
_ON_CLOSE = ("abandon", "cancel", "terminate")


class StepReader(Reader):
    def verb(self, node: Node, what: str, verbs: tuple[str, ...]) -> str | None:
        """The one verb of a map."""
        if not isinstance(node, Mapping):
            self.wrong(node, f"a {what}: a map with one verb", f"the verbs are {', '.join(verbs)}")
            return None
        found = [key for key, _ in node.entries if key.text in verbs]
        if len(found) == 1:
            return found[0].text
        if found:
            names = " and ".join(key.text for key in found)
            self.sink.error("TEN125", found[1].span, f"a {what} has one verb, not {names}", "make two of it")
            return found[0].text
        known = {extra for v in verbs for extra in _STEPS.get(v, ())}
        odd = next((key for key, _ in node.entries if key.text not in known), None)
        if odd is not None:
            self.unknown(odd, verbs, f"a {what}")
        else:
            self.sink.error("TEN125", node.span, f"a {what} without a verb", f"the verbs are {', '.join(verbs)}")
        return None

    # -- blocks ----------------------------------------------------------------------------------------------------

    def block(self, node: Node | None) -> tree.Block | None:
        if node is None:
            return None
        steps: list[Any] = []
        for item in self.items(node, "a list of steps"):
            steps += self.step(item)
        return tree.Block(tuple(steps), span=node.span)

    def needed_block(self, node: Node | None, span: tree.Span, what: str) -> tree.Block:
        block = self.block(node)
        if block is None:
            self.sink.error("TEN127", span, f"{what} is missing")
            return tree.Block((), span=span)
        return block

    def step(self, node: Node) -> list[Any]:
        """The steps of one item: several only for `let` and `set` with several names."""
        if isinstance(node, Scalar) and node.text in ("compensate", "commit", "return"):
            node = Mapping([(node, Scalar("", True, node.span, node.source))], node.span)
        verb = self.verb(node, "step", tuple(_STEPS))
        if verb is None:
            return []
        keys = self.keys(node, f"a {verb} step", (*(v for v in _STEPS if v == verb or _has(node, v)), *_STEPS[verb]))
        made = _MAKERS[verb](self, keys, keys[verb], node.span)
        return made if isinstance(made, list) else [self._bound(made, keys, node.span)]

    def _bound(self, made: Any, keys: Keys, span: tree.Span) -> Any:
        """What `as` and `into` make of a durable step."""
        if not isinstance(made, tree.CallStep | tree.StartStep | tree.ForStep | tree.ParallelStep):
            return made
        if "as" in keys and "into" in keys:
            hint = "`as` names a new local, `into` assigns a variable"
            self.sink.error("TEN122", keys["into"].span, "a step has `as` or `into`, not both", hint)
        if "as" in keys:
            return tree.LetStep(self.name(keys["as"]), self.type(keys.get("type")), made, span=span)
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
        options = self.keys(keys.get("with"), "the options of a call", ("timeout", "retry", "queue", "priority"))
        undo = None
        if "undo" in keys:
            found = self.keys(keys["undo"], "an undo", ("call", "args"))
            undo = tree.Undo(self.name(found.get("call")), self.args(found.get("args")), span=keys["undo"].span)
        return tree.CallStep(
            self.name(verb), self.args(keys.get("args")), self.timeout(options.get("timeout")),
            self.retry(options.get("retry")), self.value(options.get("queue")), self.value(options.get("priority")),
            undo, span=span,
        )  # fmt: skip

    def start(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        on_close: Any = self.text(keys.get("on_close"))
        if on_close is not None and on_close not in _ON_CLOSE:
            self.wrong(keys["on_close"], "abandon, cancel or terminate")
            on_close = None
        return tree.StartStep(
            self.name(verb), self.args(keys.get("args")), self.value(keys.get("id")), on_close, span=span
        )

    def let(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        type_ = self.type(keys.get("type"))
        return [
            tree.LetStep(name, type_, self.value(value), span=name.span)
            for name, value in self.named(verb, "a map from names to values")
        ]

    def set(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        mapping = self.mapping(verb, "a map from variables to values")
        entries = mapping.entries if mapping is not None else []
        return [self._assignment(key, self.value(value), key.span) for key, value in entries]

    def wait(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        return tree.WaitStep(self.needed(verb, span, "the duration"), span=span)

    def wait_until(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        return tree.WaitUntilStep(self.needed(verb, span, "the time"), span=span)

    def wait_for(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        return tree.WaitForStep(
            self.needed(verb, span, "the condition"), self.expression(keys.get("within")), span=span
        )

    def receive(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        return tree.ReceiveStep(
            self.name(verb), self.optional_name(keys.get("as")), self.expression(keys.get("when")),
            self.expression(keys.get("within")), span=span,
        )  # fmt: skip

    def if_(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        then = self.needed_block(keys.get("then"), span, "then")
        return tree.IfStep(self.needed(verb, span, "the condition"), then, self.block(keys.get("else")), span=span)

    def for_(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        items = self.needed(keys.get("in"), span, "in")
        body = self.needed_block(keys.get("do"), span, "do")
        return tree.ForStep(self.name(verb), items, body, self.expression(keys.get("at_most")), span=span)

    def parallel(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        branches = tuple(
            tree.Branch(name, self.needed_block(body, name.span, "the branch"), span=name.span)
            for name, body in self.named(verb, "a map from branches to steps")
        )
        return tree.ParallelStep(branches, span=span)

    def repeat(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        return tree.RepeatStep(
            self.needed_block(verb, span, "repeat"), self.needed(keys.get("until"), span, "until"),
            self.expression(keys.get("every")), self.expression(keys.get("at_most")), span=span,
        )  # fmt: skip

    def try_(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        catches = []
        for item in self.items(keys.get("catch"), "a list of handlers"):
            found = self.keys(item, "a handler", ("error", "as", "do"))
            body = self.needed_block(found.get("do"), item.span, "do")
            catches.append(
                tree.Catch(self.names(found.get("error")), self.optional_name(found.get("as")), body, span=item.span)
            )
        return tree.TryStep(
            self.needed_block(verb, span, "try"), tuple(catches), self.block(keys.get("finally")), span=span
        )

    def send(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        to = self.value(keys.get("to"))
        if to is None:
            self.sink.error("TEN127", span, "to is missing", "say to which workflow id")
            to = tree.Literal_("string", "", span=span)
        return tree.SendStep(self.name(verb), self.args(keys.get("args")), to, span=span)

    def reply(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        return tree.ReplyStep(self.value(verb), span=span)

    def discard(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        return tree.DiscardStep(self.name(verb), span=span)

    def log(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        return tree.LogStep(self.value(verb), span=span)

    def yield_(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        return tree.YieldStep(self.value(verb), span=span)

    def return_(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        # `return:` with nothing after it is the text form's bare `return`; `return: null` gives null as well.
        return tree.ReturnStep(
            None if isinstance(verb, Scalar) and verb.plain and not verb.text else self.value(verb), span=span
        )

    def fail(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        if isinstance(verb, Mapping):
            found = self.keys(verb, "fail", ("fail", "args"))
            return tree.FailStep(self.name(found.get("fail")), self.args(found.get("args")), span=span)
        return tree.FailStep(self.name(verb), self.args(keys.get("args")), span=span)

    def compensate(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        return tree.CompensateStep(span=span)

    def commit(self, keys: Keys, verb: Node, span: tree.Span) -> Any:
        return tree.CommitStep(span=span)

    # -- options ---------------------------------------------------------------------------------------------------

    def timeout(self, node: Node | None) -> tree.Timeout | None:
        if node is None:
            return None
        if isinstance(node, Scalar):
            return tree.Timeout(self.expression(node), span=node.span)
        keys = self.keys(node, "timeout", ("attempt", "overall", "queued", "heartbeat"))
        limits = {name: self.expression(value) for name, value in keys.items()}
        return tree.Timeout(**limits, span=node.span)

    def retry(self, node: Node | None) -> tree.Retry | None:
        if node is None:
            return None
        if isinstance(node, Scalar):
            return tree.Retry(self.needed(node, node.span, "times"), span=node.span)
        keys = self.keys(node, "retry", ("times", "backoff", "factor", "up_to", "unless"))
        return tree.Retry(
            self.needed(keys.get("times"), node.span, "times"), self.expression(keys.get("backoff")),
            self.expression(keys.get("factor")), self.expression(keys.get("up_to")), self.names(keys.get("unless")),
            span=node.span,
        )  # fmt: skip


def _has(node: Node, key: str) -> bool:
    return isinstance(node, Mapping) and node.get(key) is not None


_MAKERS: dict[str, Callable[[StepReader, Keys, Node, tree.Span], Any]] = {
    verb: getattr(StepReader, f"{verb}_" if verb in ("if", "for", "try", "yield", "return") else verb)
    for verb in _STEPS
}
