"""TEN730: the same thing twice in a list of choices

A literal that stands twice in a list behind `in`, or twice among the texts of a type. The second one says nothing;
another was meant.

Bad:

```tenuto bad steps
if note in ["new", "open", "new"] {
  note = "closed"
}
```

Good:

```tenuto good steps
if note in ["new", "open", "reopened"] {
  note = "closed"
}
```
"""

from __future__ import annotations

from tenuto_dsl.lint.rule import Report, file_rule
from tenuto_dsl.lint.views import FileView
from tenuto_dsl.syntax import tree


@file_rule("TEN730")
def check(file: FileView, report: Report) -> None:
    choices: list[tuple[tree.Node, ...]] = [node.options for node in file.all(tree.UnionType)]
    searches = [node.right for node in file.all(tree.Binary) if node.operator == "in"]
    choices += [within.items for within in searches if isinstance(within, tree.ListExpr)]
    for items in choices:
        seen: list[tree.Node] = []
        for item in items:
            if isinstance(item, (tree.Literal_, tree.LiteralType)) and item in seen:
                report(item.span, "this stands in the list already")
            seen.append(item)
