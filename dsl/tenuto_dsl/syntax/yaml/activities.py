"""Activities and what binds them."""

from __future__ import annotations

from typing import Any

from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.yaml.compose import Node, Scalar
from tenuto_dsl.syntax.yaml.steps import Keys
from tenuto_dsl.syntax.yaml.transitions import TransitionReader

_ACTIVITY = (
    "doc", "params", "returns", "python", "http", "sql", "headers", "body", "result", "raises", "timeout", "retry",
    "effect", "queue", "rate", "priority",
)  # fmt: skip
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")


class ActivityReader(TransitionReader):
    def activity(self, name: tree.Name, node: Node) -> tree.ActivityDecl:
        keys = self.keys(node, f"the activity {name.text}", _ACTIVITY)
        rate = None
        if "rate" in keys:
            found = self.keys(keys["rate"], "rate", ("count", "per"))
            span = keys["rate"].span
            rate = tree.Rate(
                self.needed(found.get("count"), span, "count"), self.needed(found.get("per"), span, "per"), span=span
            )
        return tree.ActivityDecl(
            name, self.params(keys.get("params")), self.type(keys.get("returns")), self._binding(keys),
            tuple(self._raises(item) for item in self.items(keys.get("raises"), "a list of errors")),
            self.timeout(keys.get("timeout")), self.retry(keys.get("retry")), self.optional_name(keys.get("effect")),
            self.value(keys.get("queue")), rate, self.value(keys.get("priority")), self.doc(keys),
            span=name.span, doc_span=self.doc_span(keys),
        )  # fmt: skip

    def _binding(self, keys: Keys) -> Any:
        bindings = [key for key in ("python", "http", "sql") if key in keys]
        for second in bindings[1:]:
            self.sink.error("TEN111", keys[second].span, f"a binding is given already: {bindings[0]}")
        if "http" not in keys:
            for key in ("headers", "body", "result"):
                if key in keys:
                    self.sink.error("TEN122", keys[key].span, f"{key} belongs to an http activity", "add `http`")
        if "python" in keys:
            return tree.PythonBinding(self.text(keys["python"]) or "", span=keys["python"].span)
        if "http" in keys:
            return self._http(keys)
        if "sql" in keys:
            return tree.SqlBinding(self.text(keys["sql"]) or "", span=keys["sql"].span)
        return None

    def _http(self, keys: Keys) -> tree.HttpBinding:
        node = keys["http"]
        found = self.keys(node, "http", ("method", "url"))
        method: Any = self.text(found.get("method"))
        if method not in _METHODS:
            self.wrong(found.get("method", node), f"a method ({', '.join(_METHODS)})")
            method = "GET"
        url = self.value(found.get("url"))
        if url is None:
            self.sink.error("TEN127", node.span, "url is missing")
            url = tree.Literal_("string", "", span=node.span)
        headers = self.mapping(keys.get("headers"), "a map of headers")
        entries = headers.entries if headers is not None else []
        return tree.HttpBinding(
            method, url, tuple(tree.Header(key.text, self.value(value), span=key.span) for key, value in entries),
            self.value(keys.get("body")), self.value(keys.get("result")), span=node.span,
        )  # fmt: skip

    def _raises(self, node: Node) -> tree.Raises:
        if isinstance(node, Scalar):
            return tree.Raises(self.names(node), span=node.span)
        keys = self.keys(node, "raises", ("error", "when"))
        return tree.Raises(self.names(keys.get("error")), self.expression(keys.get("when")), span=node.span)
