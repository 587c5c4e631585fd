"""Building steps, blocks and activities."""

from __future__ import annotations

from typing import Any

from lark import Token
from lark.tree import Meta

from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.text.expressions import ExpressionBuilder

MAX_ELSE_IFS = 100


class Part:
    """Something that belongs to the node around it: `kind` says as what."""

    __slots__ = ("kind", "span", "value")

    def __init__(self, kind: str, value: Any, span: tree.Span) -> None:
        self.kind = kind
        self.value = value
        self.span = span


class StatementBuilder(ExpressionBuilder):
    def once(self, parts: list[Any], kind: str) -> Any:
        """The value of the one part of this kind; a second is an error."""
        found = [part for part in parts if isinstance(part, Part) and part.kind == kind]
        for again in found[1:]:
            self.sink.error(
                "TEN111", again.span, f"{kind} is given twice", f"it stands in line {found[0].span.line} too"
            )
        return found[0].value if found else None

    # -- arguments -------------------------------------------------------------------------------------------------

    def named_arg(self, meta: Meta, children: list[Any]) -> Any:
        token, value = children
        return tree.Arg(tree.Name(str(token), span=self.token_span(token)), value, span=self.span(meta))

    def positional_arg(self, meta: Meta, children: list[Any]) -> Any:
        return tree.Arg(None, children[0], span=self.span(meta))

    def args(self, meta: Meta, children: list[Any]) -> Any:
        args = tuple(child for child in children if child is not None)
        if len({arg.name is None for arg in args}) == 2:
            odd = next(arg for arg in args if (arg.name is None) != (args[0].name is None))
            self.sink.error("TEN112", odd.span, "named and positional arguments are mixed", "name all of them, or none")
        return args

    # -- steps -----------------------------------------------------------------------------------------------------

    def block(self, meta: Meta, children: list[Any]) -> Any:
        return tree.Block(tuple(child for child in children if child is not None), span=self.span(meta))

    def let_step(self, meta: Meta, children: list[Any]) -> Any:
        return tree.LetStep(*children, span=self.span(meta))

    def place(self, meta: Meta, children: list[Any]) -> Any:
        return children

    def assign_step(self, meta: Meta, children: list[Any]) -> Any:
        (name, *path), value = children
        return tree.AssignStep(name, tuple(path), value, span=self.span(meta))

    def call_step(self, meta: Meta, children: list[Any]) -> Any:
        callee, args, options, undo = children
        options = options or []
        return tree.CallStep(
            callee, args, self.once(options, "timeout"), self.once(options, "retry"), self.once(options, "queue"),
            self.once(options, "priority"), undo, span=self.span(meta),
        )  # fmt: skip

    def call_options(self, meta: Meta, children: list[Any]) -> Any:
        return children

    def undo(self, meta: Meta, children: list[Any]) -> Any:
        return tree.Undo(*children, span=self.span(meta))

    def start_step(self, meta: Meta, children: list[Any]) -> Any:
        workflow, args, id_, on_close = children
        return tree.StartStep(workflow, args, id_, str(on_close) if on_close else None, span=self.span(meta))  # type: ignore[arg-type]  # the grammar has no others

    def for_step(self, meta: Meta, children: list[Any]) -> Any:
        variable, _, items, at_most, body = children
        return tree.ForStep(variable, items, body, at_most, span=self.span(meta))

    def parallel_step(self, meta: Meta, children: list[Any]) -> Any:
        return tree.ParallelStep(tuple(children), span=self.span(meta))

    def branch(self, meta: Meta, children: list[Any]) -> Any:
        return tree.Branch(*children, span=self.span(meta))

    def wait_step(self, meta: Meta, children: list[Any]) -> Any:
        return tree.WaitStep(*children, span=self.span(meta))

    def wait_until_step(self, meta: Meta, children: list[Any]) -> Any:
        return tree.WaitUntilStep(*children, span=self.span(meta))

    def wait_for_step(self, meta: Meta, children: list[Any]) -> Any:
        return tree.WaitForStep(*children, span=self.span(meta))

    def receive_step(self, meta: Meta, children: list[Any]) -> Any:
        return tree.ReceiveStep(*children, span=self.span(meta))

    def if_step(self, meta: Meta, children: list[Any]) -> Any:
        condition, then, otherwise = children
        if isinstance(otherwise, tree.IfStep):
            depth = self.depths.get(id(otherwise), 1) + 1
            if depth == MAX_ELSE_IFS:
                self.sink.error("TEN109", self.span(meta), f"more than {MAX_ELSE_IFS} branches of one if")
            otherwise = tree.Block((otherwise,) if depth < MAX_ELSE_IFS else (), span=otherwise.span)
        else:
            depth = 1
        node = tree.IfStep(condition, then, otherwise, span=self.span(meta))
        self.kept.append(node)
        self.depths[id(node)] = depth
        return node

    def repeat_step(self, meta: Meta, children: list[Any]) -> Any:
        return tree.RepeatStep(*children, span=self.span(meta))

    def try_step(self, meta: Meta, children: list[Any]) -> Any:
        body, *rest = children
        catches = tuple(child for child in rest if isinstance(child, tree.Catch))
        finally_ = next((child for child in rest if isinstance(child, tree.Block)), None)
        return tree.TryStep(body, catches, finally_, span=self.span(meta))

    def catch(self, meta: Meta, children: list[Any]) -> Any:
        codes, binding, body = children
        return tree.Catch(codes or (), binding, body, span=self.span(meta))

    def finally_(self, meta: Meta, children: list[Any]) -> Any:
        return children[0]

    def send_step(self, meta: Meta, children: list[Any]) -> Any:
        return tree.SendStep(*children, span=self.span(meta))

    def compensate_step(self, meta: Meta, children: list[Any]) -> Any:
        return tree.CompensateStep(span=self.span(meta))

    def commit_step(self, meta: Meta, children: list[Any]) -> Any:
        return tree.CommitStep(span=self.span(meta))

    def discard_step(self, meta: Meta, children: list[Any]) -> Any:
        return tree.DiscardStep(*children, span=self.span(meta))

    def reply_step(self, meta: Meta, children: list[Any]) -> Any:
        return tree.ReplyStep(*children, span=self.span(meta))

    def log_step(self, meta: Meta, children: list[Any]) -> Any:
        return tree.LogStep(*children, span=self.span(meta))

    def yield_step(self, meta: Meta, children: list[Any]) -> Any:
        return tree.YieldStep(*children, span=self.span(meta))

    def return_step(self, meta: Meta, children: list[Any]) -> Any:
        return tree.ReturnStep(*children, span=self.span(meta))

    def fail_step(self, meta: Meta, children: list[Any]) -> Any:
        error, args = children
        return tree.FailStep(error, args or (), span=self.span(meta))

    def continue_step(self, meta: Meta, children: list[Any]) -> Any:
        return tree.ContinueStep(*children, span=self.span(meta))

    # -- activities ------------------------------------------------------------------------------------------------

    def codes(self, meta: Meta, children: list[Any]) -> Any:
        return tuple(children)

    def doc(self, meta: Meta, children: list[Any]) -> Any:
        return Part("a docstring", self.doc_string(children[0]), self.span(meta))

    def python_option(self, meta: Meta, children: list[Any]) -> Any:
        span = self.span(meta)
        return Part("a binding", tree.PythonBinding(self.plain_string(children[0]), span=span), span)

    def sql_option(self, meta: Meta, children: list[Any]) -> Any:
        token: Token = children[0]
        text = self.doc_string(token) if token.type == "DOC" else self.plain_string(token)
        span = self.span(meta)
        return Part("a binding", tree.SqlBinding(text, span=span), span)

    def http_option(self, meta: Meta, children: list[Any]) -> Any:
        method, url = children
        span = self.span(meta)
        return Part("a binding", tree.HttpBinding(str(method), url, span=span), span)  # type: ignore[arg-type]  # the grammar has no others

    def header_option(self, meta: Meta, children: list[Any]) -> Any:
        token, value = children
        span = self.span(meta)
        return Part("header", tree.Header(self.plain_string(token), value, span=span), span)

    def body_option(self, meta: Meta, children: list[Any]) -> Any:
        return Part("body", children[0], self.span(meta))

    def result_option(self, meta: Meta, children: list[Any]) -> Any:
        return Part("result", children[0], self.span(meta))

    def raises_option(self, meta: Meta, children: list[Any]) -> Any:
        span = self.span(meta)
        return Part("raises", tree.Raises(*children, span=span), span)

    def limit(self, meta: Meta, children: list[Any]) -> Any:
        return Part(str(children[0]), children[1], self.span(meta))

    def timeout_option(self, meta: Meta, children: list[Any]) -> Any:
        span = self.span(meta)
        parts = [child if isinstance(child, Part) else Part("attempt", child, child.span) for child in children]
        limits = {kind: self.once(parts, kind) for kind in ("attempt", "overall", "queued", "heartbeat")}
        return Part("timeout", tree.Timeout(**limits, span=span), span)

    def retry_option(self, meta: Meta, children: list[Any]) -> Any:
        times, backoff, factor, up_to, unless = children
        span = self.span(meta)
        return Part("retry", tree.Retry(times, backoff, factor, up_to, unless or (), span=span), span)

    def effect_option(self, meta: Meta, children: list[Any]) -> Any:
        return Part("effect", children[0], self.span(meta))

    def queue_option(self, meta: Meta, children: list[Any]) -> Any:
        return Part("queue", children[0], self.span(meta))

    def priority_option(self, meta: Meta, children: list[Any]) -> Any:
        return Part("priority", children[0], self.span(meta))

    def rate_option(self, meta: Meta, children: list[Any]) -> Any:
        span = self.span(meta)
        return Part("rate", tree.Rate(*children, span=span), span)

    def activity_decl(self, meta: Meta, children: list[Any]) -> Any:
        name, params, returns, *parts = children
        binding = self.once(parts, "a binding")
        headers = tuple(part.value for part in parts if isinstance(part, Part) and part.kind == "header")
        body, result = self.once(parts, "body"), self.once(parts, "result")
        if isinstance(binding, tree.HttpBinding):
            binding = tree.HttpBinding(binding.method, binding.url, headers, body, result, span=binding.span)
        else:
            for part in parts:
                if isinstance(part, Part) and part.kind in ("header", "body", "result"):
                    self.sink.error(
                        "TEN101", part.span, f"{part.kind} belongs to an http activity", "say `http METHOD url` first"
                    )
        return tree.ActivityDecl(
            name, params, returns, binding,
            tuple(part.value for part in parts if isinstance(part, Part) and part.kind == "raises"),
            self.once(parts, "timeout"), self.once(parts, "retry"), self.once(parts, "effect"),
            self.once(parts, "queue"), self.once(parts, "rate"), self.once(parts, "priority"),
            self.once(parts, "a docstring"),
            span=self.span(meta),
        )  # fmt: skip
