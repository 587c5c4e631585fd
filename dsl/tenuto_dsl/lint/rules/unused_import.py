"""TEN701: an import that is not used

Nothing of the imported file, or of those it imports, is used here. Whoever changes that file has to look at this one
for nothing.

Bad:

```tenuto bad
import "common.tenuto"

activity ask(text: string) { python "shop:ask"; timeout 1d; effect keyed }
workflow w() { do { call ask(text: "ready?") } }
```

Good:

```tenuto good
activity ask(text: string) { python "shop:ask"; timeout 1d; effect keyed }
workflow w() { do { call ask(text: "ready?") } }
```
"""

from __future__ import annotations

import posixpath

from tenuto_dsl.diagnostics import Fix
from tenuto_dsl.lint.rule import Report, file_rule
from tenuto_dsl.lint.uses import used_callables, used_config, used_errors, used_types
from tenuto_dsl.lint.views import FileView
from tenuto_dsl.syntax import tree


@file_rule("TEN701")
def check(file: FileView, report: Report) -> None:
    imports = [node for node in file.file.declarations if isinstance(node, tree.Import)]
    if not imports:
        return
    used = used_types(file) | used_errors(file) | used_config(file) | used_callables(file)
    used |= {step.signal.text for step in file.all(tree.SendStep)}
    known = {posixpath.normpath(other.span.file): other for other in file.imported}
    for node in imports:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(file.file.span.file), node.path))
        if path in known and not _declared(path, known, set()) & used:
            report(node.span, f"nothing of {node.path} is used here", None, _removal(node))


def _declared(path: str, known: dict[str, tree.File], seen: set[str]) -> set[str]:
    """The names that a file declares, with those of the files it imports."""
    if path in seen or path not in known:
        return set()
    seen.add(path)
    found: set[str] = set()
    for node in known[path].declarations:
        match node:
            case tree.Import(path=further):
                found |= _declared(posixpath.normpath(posixpath.join(posixpath.dirname(path), further)), known, seen)
            case tree.WorkflowDecl(name=name):
                found |= {name.text, *(signal.name.text for signal in node.signals)}
            case tree.TestDecl():
                pass
            case _:
                found.add(node.name.text)
    return found


def _removal(node: tree.Import) -> Fix | None:
    span = node.span
    if not span.file.endswith(".tenuto") or span.line != span.end_line or span.col != 1:
        return None
    return Fix("remove the import", tree.Span(span.file, span.line, 1, span.line + 1, 1), "")
