"""The comments of a source in either form, with their places.

The text parser keeps them as it goes. A YAML loader drops them; they are looked for between the tokens of its scanner,
and only when somebody asks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tenuto_dsl.syntax import tree

_HASH = re.compile(r"(?:^|(?<=[ \t]))#.*$", re.MULTILINE)


def comments_of(file: tree.File, source: str) -> Sequence[tree.Comment]:
    """The comments of a file that was read from this source."""
    if file.comments or file.form == "text" or "#" not in source:
        return file.comments
    return _between_scalars(source, file.span.file)


def _between_scalars(source: str, name: str) -> list[tree.Comment]:
    """In YAML a `#` begins a comment at the start of a line or after a blank, unless it stands in a scalar."""
    import yaml  # only a YAML file that has a `#` in it needs it

    inside: set[int] = set()
    text = source.removeprefix("\ufeff")
    hashes = {match.start() for match in _HASH.finditer(text)}
    try:
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            if isinstance(token, yaml.ScalarToken) and not token.plain:
                start, end = token.start_mark.index, token.end_mark.index
                inside.update(at for at in hashes if start <= at < end)
    except yaml.YAMLError:
        return []  # the loader says what is wrong
    lines = text.split("\n")
    comments = []
    for match in _HASH.finditer(text):
        if match.start() in inside:
            continue
        line = text.count("\n", 0, match.start()) + 1
        col = match.start() - (text.rfind("\n", 0, match.start()) + 1) + 1
        written = match[0].rstrip()
        span = tree.Span(name, line, col, line, col + len(written))
        comments.append(tree.Comment(written, trailing=bool(lines[line - 1][: col - 1].strip()), span=span))
    return comments
