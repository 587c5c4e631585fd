"""Activities and what binds them."""

from __future__ import annotations

from typing import Any

from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.yaml.compose import Node, Scalar
from tenuto_dsl.syntax.yaml.shapes import Keys
from tenuto_dsl.syntax.yaml.table import ACTIVITY, HTTP_REQUEST, PARAMETER, RAISES, RATE
from tenuto_dsl.syntax.yaml.transitions import TransitionReader
from tenuto_dsl.syntax.yaml.values import is_null

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")


class ActivityReader(TransitionReader):
    def read_activities(self, node: Node) -> list[tree.ActivityDecl]:
        return [self.activity(name, value) for name, value in self.named(node, "a map of activities")]

    def activity(self, name: tree.Name, node: Node) -> tree.ActivityDecl:
        keys = self.keys(node, ACTIVITY, words=f"the activity {name.text}")
        return tree.ActivityDecl(
            name, keys.read("params"), keys.read("returns"), self._binding(keys), keys.read("raises"),
            keys.read("timeout"), keys.read("retry"), keys.read("effect"), keys.read("queue"), keys.read("rate"),
            keys.read("priority"), self.doc(keys), span=name.span,
            doc_span=self.doc_span(keys),
        )  # fmt: skip

    def read_params(self, node: Node) -> tuple[tree.Param, ...]:
        found = []
        for name, value in self.named(node, "a map of parameters"):
            type_, keys = self.typed(name, value, PARAMETER)
            found.append(tree.Param(name, type_, keys.read("default"), span=name.span))
        return tuple(found)

    def read_rate(self, node: Node) -> tree.Rate:
        keys = self.keys(node, RATE)
        return tree.Rate(keys.read("count"), keys.read("per"), span=node.span)

    def _binding(self, keys: Keys) -> Any:
        bindings = [key for key in ("python", "http", "sql") if key in keys]
        for second in bindings[1:]:
            self.sink.error("TEN111", keys[second].span, f"a binding is given already: {bindings[0]}")
        if "http" not in keys:
            for key in ("headers", "body", "result"):
                if key in keys:
                    self.sink.error("TEN122", keys[key].span, f"{key} belongs to an http activity", "add `http`")
        if "python" in keys:
            return tree.PythonBinding(keys.read("python") or "", span=keys["python"].span)
        if "http" in keys:
            method, url = keys.read("http")
            return tree.HttpBinding(
                method, url, keys.read("headers"), keys.read("body"), keys.read("result"), span=keys["http"].span
            )
        if "sql" in keys:
            return tree.SqlBinding(keys.read("sql") or "", span=keys["sql"].span)
        return None

    def read_http(self, node: Node) -> tuple[Any, Any]:
        if isinstance(node, Scalar):
            said = node.text.split(" ", 1)[0]
            method: Any = said if said in _METHODS else "GET"
            self.wrong(node, "a map of the method and the url", f"write `{{ method: {method}, url: … }}`")
            return method, tree.Literal_("string", "", span=node.span)
        keys = self.keys(node, HTTP_REQUEST)
        method = self.text(keys.get("method"))
        if method not in _METHODS and keys.has_odd:
            method = "GET"
        elif method not in _METHODS:
            self.wrong(keys.get("method", node), f"a method ({', '.join(_METHODS)})")
            method = "GET"
        return method, keys.read("url")

    def read_headers(self, node: Node) -> tuple[tree.Header, ...]:
        headers = self.mapping(node, "a map of headers")
        entries = headers.entries if headers is not None else []
        return tuple(tree.Header(key.text, self.value(value), span=key.span) for key, value in entries)

    def read_list_of_raises(self, node: Node) -> tuple[tree.Raises, ...]:
        return tuple(self._raises(item) for item in self.items(node, "a list of errors"))

    def _raises(self, node: Node) -> tree.Raises:
        if isinstance(node, Scalar):
            if is_null(node):
                self.sink.error("TEN127", node.span, "a name is missing")
            return tree.Raises(self.names(node), span=node.span)
        keys = self.keys(node, RAISES)
        return tree.Raises(keys.read("error"), keys.read("when"), span=node.span)
