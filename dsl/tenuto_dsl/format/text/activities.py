"""Activities and their options."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tenuto_dsl.format.comments import start_of
from tenuto_dsl.format.document import Cell, Doc, concat
from tenuto_dsl.format.strings import sql_text
from tenuto_dsl.format.text.items import Item, entry
from tenuto_dsl.format.text.states import StatePrinter
from tenuto_dsl.syntax import tree

_VALUE = Cell("value")
_FEW = 3
"""So many options may stand on one line where there is no author."""


class ActivityPrinter(StatePrinter):
    def activity(self, node: tree.ActivityDecl) -> Doc:
        header = concat("activity ", self.name(node.name), self.params(node.params), self.returns(node.returns), " ")
        items = [*self._options(node)]
        return concat(header, self.braces(node, items, one_line=node.doc is None and len(items) <= _FEW))

    def _options(self, node: tree.ActivityDecl) -> Iterator[Item]:
        if node.doc is not None:
            yield self.doc_item(node, node.doc, node.doc_span)
        binding = node.binding
        match binding:
            case tree.PythonBinding():
                yield self._option("python", binding, lambda n: self.string(n.target))
            case tree.SqlBinding():
                yield self._option("sql", binding, lambda n: sql_text(n.statement))
            case tree.HttpBinding():
                yield from self._http(binding)
        for raises in node.raises:
            yield self._option("raises", raises, self._raises)
        if node.timeout is not None:
            yield self._option("timeout", node.timeout, self.timeout)
        if node.retry is not None:
            yield self._option("retry", node.retry, self.retry)
        if node.effect is not None:
            yield self._option("effect", node.effect, self.name)
        if node.queue is not None:
            yield self._option("queue", node.queue, self.doc)
        if node.rate is not None:
            yield self._option("rate", node.rate, lambda n: concat(self.doc(n.count), " per ", self.doc(n.per)))
        if node.priority is not None:
            yield self._option("priority", node.priority, self.doc)

    def _option(self, word: str, node: Any, make: Any) -> Item:
        return entry(node, lambda n: concat(f"{word} ", _VALUE, make(n)))

    def _http(self, node: tree.HttpBinding) -> Iterator[Item]:
        method = node.method
        yield Item(node, lambda: concat("http ", _VALUE, f"{method} ", self.doc(node.url)), start_of(node.span))
        for header in node.headers:
            yield self._option("header", header, lambda n: concat(self.string(n.name), " = ", self.doc(n.value)))
        if node.body is not None:
            yield self._option("body", node.body, self.doc)
        if node.result is not None:
            yield self._option("result", node.result, self.doc)

    def _raises(self, node: tree.Raises) -> Doc:
        return concat(self.names(node.codes, " | "), self.optional("when", node.when))
