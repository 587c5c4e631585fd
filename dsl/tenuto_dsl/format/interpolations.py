"""Strings with `${…}` in them.

What may stand between the braces depends on the quotes around: the grammar lets code hold strings of either quotes and
two levels of braces, in triple quotes anything. So spellings are tried from the plainest on, and one is taken when it
is scanned back as the one string that it is meant to be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from tenuto_dsl.format.strings import escaped
from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.text.literals import pieces


def interpolation_text(node: tree.Interpolation, text_of: Callable[[tree.Expr], str], *, one_line: bool = False) -> str:
    """A string with interpolations, its texts as their author spelled them where the tree knows how."""
    codes = [text_of(part) for part in node.parts if not isinstance(part, str)]
    plainest = ""
    for quote, texts in _candidates(node, one_line=one_line):
        body, cuts = _body(texts, codes)
        candidate = f"{quote}{body}{quote}"
        plainest = plainest or candidate
        if _reads_back(candidate, quote, body, cuts):
            return candidate
    return plainest


def _candidates(node: tree.Interpolation, *, one_line: bool) -> Iterator[tuple[str, list[str | None]]]:
    """Quotes, and what stands between them as written, with None where code does."""
    if node.spelling is not None and not (one_line and "\n" in node.spelling):
        quote = node.spelling[:3] if node.spelling[:3] in ('"""', "'''") else node.spelling[0]
        yield quote, _written(node.spelling[len(quote) : -len(quote)])
    double = sum(part.count('"') for part in node.parts if isinstance(part, str))
    single = sum(part.count("'") for part in node.parts if isinstance(part, str))
    order = ('"', "'") if double <= single else ("'", '"')
    for quote in (*order, '"""', "'''"):
        texts: list[str | None] = []
        for index, part in enumerate(node.parts):
            if isinstance(part, str):
                code_follows = index + 1 < len(node.parts)
                text = escaped(part, quote, before_code=code_follows)
                texts.append(text.replace("\n", "\\n") if one_line else text)
            else:
                texts.append(None)
        yield quote, texts


def _written(body: str) -> list[str | None]:
    texts: list[str | None] = []
    position = 0
    for kind, start, end in pieces(body, escapes=True):
        if kind == "code":
            if start - 2 > position:
                texts.append(body[position : start - 2])
            texts.append(None)
            position = end + 1
    if position < len(body):
        texts.append(body[position:])
    return texts


def _body(texts: list[str | None], codes: list[str]) -> tuple[str, list[tuple[int, int]]]:
    """The whole, and where the codes stand in it."""
    body = ""
    cuts = []
    rest = iter(codes)
    for text in texts:
        if text is None:
            code = next(rest)
            cuts.append((len(body) + 2, len(body) + 2 + len(code)))
            body += f"${{{code}}}"
        else:
            body += text
    return body, cuts


def _reads_back(candidate: str, quote: str, body: str, cuts: list[tuple[int, int]]) -> bool:
    match = _string().match(candidate)
    if match is None or match.end() != len(candidate) or match.lastgroup != ("DOC" if len(quote) == 3 else "STRING"):
        return False
    return [(start, end) for kind, start, end in pieces(body, escapes=True) if kind == "code"] == cuts


@lru_cache(maxsize=1)
def _string() -> re.Pattern[str]:
    from tenuto_grammars import load_tables

    return re.compile(load_tables().pattern)
