"""Completion: what may stand at a cursor, however unfinished the line is.

`prefix` reads the text before the cursor and gives the parser's stack; `text` turns that into what is wanted, `yaml`
does the same for the keys and values of the YAML form; `where` knows the workflow, the state and the names around, and
`items` and `expressions` make what is offered.
"""

from __future__ import annotations

from dataclasses import dataclass

from tenuto_dsl.editor.analysis import Analysis
from tenuto_dsl.editor.completion.items import Item
from tenuto_dsl.editor.completion.prefix import Prefix, read_prefix
from tenuto_dsl.editor.completion.text import complete as complete_text
from tenuto_dsl.editor.completion.text import place_of
from tenuto_dsl.editor.positions import Place
from tenuto_dsl.editor.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Completion:
    """The items, and the place from which up to the cursor they replace what is there."""

    items: list[Item]
    begin: Place


def complete(workspace: Workspace, path: str, place: Place) -> Completion:
    analysis = workspace.analysis(path)
    if analysis is None:
        return Completion([], place)
    if analysis.form == "yaml":
        from tenuto_dsl.editor.completion.yaml import complete as complete_yaml

        return Completion(*complete_yaml(workspace, analysis, place))
    prefix = read_prefix(analysis.source, analysis.name, analysis.lines.offset(*place))
    if prefix is None:
        return Completion([], place)
    begin = analysis.lines.place(prefix.start)
    if prefix.after_import:
        return Completion(importable(workspace, analysis), begin)
    found = complete_text(prefix, place_of(prefix, analysis, place))
    return Completion(_unique(found), begin)


def importable(workspace: Workspace, analysis: Analysis) -> list[Item]:
    """The workflow files below the directory of a file, as an import names them."""
    home = analysis.name.rpartition("/")[0] + "/"
    names = [path.removeprefix(home) for path in workspace.files() if path.startswith(home) and path != analysis.name]
    return [Item(name, "file", rank=1) for name in sorted(names)]


def _unique(found: object) -> list[Item]:
    seen: dict[tuple[str, str], Item] = {}
    for item in found:  # type: ignore[attr-defined]  # an iterator of items
        seen.setdefault((item.label, item.kind), item)
    return sorted(seen.values(), key=lambda item: (item.rank, item.label))


__all__ = ["Completion", "Item", "Prefix", "complete", "importable"]
