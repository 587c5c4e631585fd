"""TEN750: a name against the custom

Types and errors are written in PascalCase, everything else in snake_case. A reader tells `Declined` (an error),
`declined` (a state) and `decline` (an activity) apart at a glance.

Bad:

```tenuto bad
type shop_order = { id: string }
```

Good:

```tenuto good
type ShopOrder = { id: string }
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tenuto_dsl.lint.rule import Report, file_rule
from tenuto_dsl.lint.views import FileView
from tenuto_dsl.syntax import tree

_SNAKE = re.compile(r"_?[a-z][a-z0-9]*(_[a-z0-9]+)*_?")
_PASCAL = re.compile(r"[A-Z][A-Za-z0-9]*")


@file_rule("TEN750", "info")
def check(file: FileView, report: Report) -> None:
    for what, name in _pascal(file):
        if not _PASCAL.fullmatch(name.text):
            report(name.span, f"{what} {name.text} is not in PascalCase", f"write {_as_pascal(name.text)}")
    for what, name in _snake(file):
        if not _SNAKE.fullmatch(name.text):
            report(name.span, f"{what} {name.text} is not in snake_case", f"write {_as_snake(name.text)}")


def _pascal(file: FileView) -> Iterator[tuple[str, tree.Name]]:
    yield from (("the type", node.name) for node in file.all(tree.TypeDecl))
    yield from (("the error", node.name) for node in file.all(tree.ErrorDecl))


def _snake(file: FileView) -> Iterator[tuple[str, tree.Name]]:
    yield from (("the activity", node.name) for node in file.all(tree.ActivityDecl))
    yield from (("the workflow", node.name) for node in file.all(tree.WorkflowDecl))
    yield from (("the state", node.name) for node in file.all(tree.State))
    yield from (("the region", node.name) for node in file.all(tree.Region))
    yield from (("the signal", node.name) for node in file.all(tree.SignalDecl))
    yield from (("the update", node.name) for node in file.all(tree.UpdateDecl))
    yield from (("the query", node.name) for node in file.all(tree.QueryDecl))
    yield from (("the variable", node.name) for node in file.all(tree.VarDecl))
    yield from (("the name", node.name) for node in file.all(tree.LetStep))


def _as_pascal(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[_-]+", name) if part)


def _as_snake(name: str) -> str:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return spaced.lower()
