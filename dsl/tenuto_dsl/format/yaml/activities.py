"""Activities as models, their options in the order of the source."""

from __future__ import annotations

from collections.abc import Iterator

from tenuto_dsl.format.comments import start_of
from tenuto_dsl.format.yaml.model import Many, Text, Value
from tenuto_dsl.format.yaml.spell import key_text, value_text
from tenuto_dsl.format.yaml.states import Section, StateMaker
from tenuto_dsl.syntax import tree


class ActivityMaker(StateMaker):
    def activity(self, node: tree.ActivityDecl) -> Value:
        many = Many(is_map=True)
        self.put_doc(many, node)
        if node.params:
            many.add("params", self.params(node.params))
        if node.returns is not None:
            many.add("returns", self.type_(node.returns))
        self.fill_sections(many, self._options(node))
        return many

    def _options(self, node: tree.ActivityDecl) -> Iterator[Section]:
        binding = node.binding
        match binding:
            case tree.PythonBinding():
                yield self._option("python", binding, lambda n: value_text(n.target))
            case tree.SqlBinding():
                yield self._option("sql", binding, lambda n: value_text(n.statement))
            case tree.HttpBinding():
                yield from self._http(binding)
        if node.raises:
            yield Section(start_of(node.raises[0].span), lambda many: self._raises(many, node.raises))
        for key, part, make in (
            ("timeout", node.timeout, self.timeout),
            ("retry", node.retry, self.retry),
            ("effect", node.effect, self.name),
            ("queue", node.queue, self.value),
            ("rate", node.rate, self._rate),
            ("priority", node.priority, self.value),
        ):
            if part is not None:
                yield self._option(key, part, make)

    def _option(self, key: str, node: tree.Node, make: object) -> Section:
        return Section(start_of(node.span), lambda many: self.put(many, key, node, make))  # type: ignore[arg-type]  # of its node

    def _http(self, node: tree.HttpBinding) -> Iterator[Section]:
        yield self._option("http", node, self._request)
        if node.headers:
            yield Section(start_of(node.headers[0].span), lambda many: self._headers(many, node.headers))
        for key, part in (("body", node.body), ("result", node.result)):
            if part is not None:
                yield self._option(key, part, self.value)

    def _request(self, node: tree.HttpBinding) -> Value:
        many = Many(is_map=True, flow=True)
        many.add("method", Text(node.method))
        self.val(many, "url", node.url)
        return many

    def _headers(self, many: Many, headers: tuple[tree.Header, ...]) -> None:
        inner = Many(is_map=True)
        for header in headers:
            self.put(inner, key_text(header.name), header, lambda n: self.value(n.value))
        many.add("headers", inner)

    def _raises(self, many: Many, raises: tuple[tree.Raises, ...]) -> None:
        inner = Many(is_map=False, flow=all(item.when is None for item in raises))
        for item in raises:
            self.put(inner, None, item, self._raised)
        many.add("raises", inner)

    def _raised(self, node: tree.Raises) -> Value:
        if node.when is None:
            return self.names(node.codes)
        many = Many(is_map=True, flow=True)
        many.add("error", self.names(node.codes))
        self.expr(many, "when", node.when)
        return many

    def _rate(self, node: tree.Rate) -> Value:
        many = Many(is_map=True, flow=True)
        self.expr(many, "count", node.count)
        self.expr(many, "per", node.per)
        return many
