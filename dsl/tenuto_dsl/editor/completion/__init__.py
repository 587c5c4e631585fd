"""Completion: what may stand at a cursor, however unfinished the line is.

`prefix` reads the text before the cursor and gives the parser's stack; `text` turns that into what is wanted, `yaml`
does the same for the keys and values of the YAML form; `where` knows the workflow, the state and the names around, and
`items` and `expressions` make what is offered.
"""

from __future__ import annotations

from dataclasses import dataclass

from tenuto_dsl.editor.completion.items import Item
from tenuto_dsl.editor.completion.prefix import Prefix, read_prefix
from tenuto_dsl.editor.completion.text import complete as complete_text
from tenuto_dsl.editor.completion.text import place_of
from tenuto_dsl.editor.positions import Lines, Place
from tenuto_dsl.editor.workspace import Workspace
from tenuto_dsl.syntax import form_of


@dataclass(frozen=True, slots=True)
class Completion:
    """The items, and the place from which up to the cursor they replace what is there."""

    items: list[Item]
    begin: Place


def complete(workspace: Workspace, path: str, place: Place) -> Completion:
    source = workspace.text(path)
    if source is None or form_of(path) is None:
        return Completion([], place)
    lines = Lines(source)
    if form_of(path) == "yaml":
        from tenuto_dsl.editor.completion.yaml import complete as complete_yaml

        return Completion(*complete_yaml(workspace, path, lines, place))
    offset = lines.offset(*place)
    prefix = read_prefix(source, path, offset)
    if prefix is None:
        return Completion([], place)
    begin = lines.place(prefix.start)
    if prefix.after_import:
        return Completion(importable(workspace, path), begin)
    analysis = workspace.without(path, prefix.start, offset)
    if analysis is None:
        return Completion([], place)
    found = complete_text(prefix, place_of(prefix, analysis, begin))
    return Completion(_unique(found), begin)


def importable(workspace: Workspace, path: str) -> list[Item]:
    """The workflow files below the directory of a file, as an import names them."""
    home = path.rpartition("/")[0] + "/"
    names = [other.removeprefix(home) for other in workspace.files() if other.startswith(home) and other != path]
    return [Item(name, "file", rank=1) for name in sorted(names)]


def _unique(found: object) -> list[Item]:
    seen: dict[tuple[str, str], Item] = {}
    for item in found:  # type: ignore[attr-defined]  # an iterator of items
        seen.setdefault((item.label, item.kind), item)
    return sorted(seen.values(), key=lambda item: (item.rank, item.label))


__all__ = ["Completion", "Item", "Prefix", "complete", "importable"]
