"""TEN726: money kept as `double` or `string`

Something that is called an amount, a price or a fee and is a `double`, or a `string`. Sums of fractions are off by a
cent sooner or later, and nobody can add texts. `decimal` is exact, and travels as text in JSON.

Bad:

```tenuto bad
type Line = { sku: string, unit_price: double }
```

Good:

```tenuto good
type Line = { sku: string, unit_price: decimal }
```
"""

from __future__ import annotations

from tenuto_dsl.lint.rule import Report, file_rule
from tenuto_dsl.lint.views import FileView
from tenuto_dsl.syntax import tree

_MONEY = ("amount", "price", "fee", "fees", "balance", "salary", "subtotal", "unit_cost")


@file_rule("TEN726")
def check(file: FileView, report: Report) -> None:
    declared: list[tuple[tree.Name, tree.TypeNode]] = [(node.name, node.type) for node in file.all(tree.Param)]
    declared += [(node.name, node.type) for node in file.all(tree.VarDecl)]
    declared += [(node.name, node.type) for node in file.all(tree.Field)]
    declared += [(node.name, node.type) for node in file.all(tree.ConfigDecl)]
    for name, type_ in declared:
        plain = type_.item if isinstance(type_, tree.OptionalType) else type_
        if not isinstance(plain, tree.NamedType) or plain.name not in ("double", "string") or not _is_money(name.text):
            continue
        why = "fractions of it are not kept exactly" if plain.name == "double" else "nobody can add it"
        report(name.span, f"{name.text} is a {plain.name}: {why}", "make its type `decimal`")


def _is_money(name: str) -> bool:
    lowered = name.lower()
    return any(lowered == word or lowered.endswith(f"_{word}") for word in _MONEY)
