"""Files for tests of the editor: in memory, with a cursor marked in them."""

from __future__ import annotations

from tenuto_dsl.editor.analysis import Analysis
from tenuto_dsl.editor.completion import complete
from tenuto_dsl.editor.positions import Place
from tenuto_dsl.editor.workspace import Workspace

CURSOR = "‸"


def workspace(**files: str) -> Workspace:
    """Files by name (`a_tenuto`: a.tenuto) in one folder, all of them open."""

    def nothing(path: str) -> bytes:
        raise FileNotFoundError(2, "No such file or directory")

    made = Workspace(nothing, lambda: ())
    for name, text in files.items():
        stem, _, suffix = name.rpartition("_")
        made.put(f"/w/{stem}.{suffix}", text)
    return made


def marked(text: str, name: str = "a.tenuto", **others: str) -> tuple[Workspace, Analysis, Place]:
    """A file with a cursor in it, without the mark, and where it stood."""
    offset = text.index(CURSOR)
    made = workspace(**others)
    made.put(f"/w/{name}", text.replace(CURSOR, "", 1))
    analysis = made.analysis(f"/w/{name}")
    assert analysis is not None
    return made, analysis, analysis.lines.place(offset)


def offered(text: str, name: str = "a.tenuto", **others: str) -> list[str]:
    made, analysis, place = marked(text, name, **others)
    return [item.label for item in complete(made, analysis.name, place).items]


def analysed(text: str, name: str = "a.tenuto") -> Analysis:
    analysis = workspace(**{name.replace(".", "_"): text}).analysis(f"/w/{name}")
    assert analysis is not None
    return analysis
