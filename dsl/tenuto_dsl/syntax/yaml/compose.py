"""From YAML text to nodes with places: bounded, without aliases, tags or surprises.

The events of a source (`events`) are put together here without recursion.
Scalars keep their text: what a plain `no` or `1.0` means is decided by YAML 1.2's core schema where a value is read.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml

from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import tree
from tenuto_dsl.syntax.source import PlacedSource, Source
from tenuto_dsl.syntax.tree import Span
from tenuto_dsl.syntax.yaml.events import events, is_doubtful, parsers, quickest
from tenuto_dsl.syntax.yaml.mend import STAND_IN, is_negation, mend
from tenuto_dsl.syntax.yaml.places import places

MAX_CHARACTERS = 500_000
MAX_NODES = 50_000
MAX_DEPTH = 60
MAX_MENDS = 20
MENDED_CHARACTERS = 100_000
"""How much is read again, at most, to find what else is not YAML."""

_HALF_OF_A_PAIR = re.compile("[\ud800-\udfff]")
_COMMENT = re.compile(r"(?:(?<=\s)|^)#[^\n\r]*", re.MULTILINE)

_ODD_BREAK = re.compile("[\r\x85\u2028\u2029]")
"""What ends lines in YAML 1.1, but not to editors nor to the text form: they would count lines differently."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """`plain`: written without quotes. `source` is its text, which knows where each of its characters stands."""

    text: str
    plain: bool
    span: Span
    source: Source

    def part(self, start: int, end: int) -> Scalar:
        """A stretch of the text as a scalar of its own."""
        text = self.text[start:end]
        spots = [self.source.place(offset) for offset in range(start, end + 1)]
        span = self.source.span(start, end)
        return Scalar(text, True, span, PlacedSource(text, span.file, spots))


@dataclass(frozen=True, slots=True)
class Sequence:
    items: list[Node]
    span: Span


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys are unique."""

    entries: list[tuple[Scalar, Node]]
    span: Span

    def get(self, key: str) -> Node | None:
        return next((value for name, value in self.entries if name.text == key), None)

    def without(self, key: str) -> Span | None:
        """What to take out of the file for an entry to go, where that is sure: not for the first one, nor the last of
        several lines in braces."""
        at = next((number for number, (name, _) in enumerate(self.entries) if name.text == key), 0)
        name, value = self.entries[at] if self.entries else (None, None)
        if not at or name is None or value is None or name.span.line != value.span.end_line:
            return None
        before, line = self.entries[at - 1][1].span, name.span.line
        if before.end_line == line:
            return Span(name.span.file, line, before.end_col, line, value.span.end_col)
        following = self.entries[at + 1][0].span.line if at + 1 < len(self.entries) else self.span.end_line
        return Span(name.span.file, line, 1, line + 1, 1) if following > line else None


Node: TypeAlias = Scalar | Sequence | Mapping


class _Stop(Exception):
    """Reading cannot go on; the diagnostic is given."""


class _Doubt(Exception):
    """Another parser has to say what this source means."""


@dataclass(frozen=True, slots=True)
class Document:
    """`root` is None, with a diagnostic, when there is none to be had."""

    root: Node | None
    comments: tuple[tree.Comment, ...] = ()


def compose(source: str, file: str, sink: Diagnostics, *, trying: bool = False, mends: int = MAX_MENDS) -> Document:
    """The one document of a source.

    `trying`: the quickest parser's word is enough, and no reason is asked for. `mends`: how often a source that is not
    YAML is read again, to tell what else is wrong.
    """
    nowhere = Span(file, 1, 1, 1, 1)
    if len(source) > MAX_CHARACTERS:
        sink.error("TEN108", nowhere, f"a file of {len(source):,} characters; {MAX_CHARACTERS:,} are allowed")
        return Document(None)
    if (odd := _ODD_BREAK.search(source)) is not None:
        where = Source(source, file).span(*odd.span())
        message = f"the character U+{ord(odd.group()):04X} ends a line to some readers of YAML, and not to others"
        sink.error("TEN126", where, message, f'in double quotes it is written "{_escape(odd.group())}"')
        return Document(None)
    if trying:
        try:
            return _read(_Composer(source, file, sink, quickest()))
        except (yaml.YAMLError, UnicodeEncodeError):  # LibYAML takes bytes, which half of a character has none of
            return Document(None)
    *doubting, last = parsers(source)
    for parser in doubting:
        own = Diagnostics()
        with contextlib.suppress(_Doubt, yaml.YAMLError):
            document = _read(_Composer(source, file, own, parser, doubting=True))
            for item in own.items:
                sink.add(item)
            return document
    return _last_word(source, file, sink, last, min(mends, MENDED_CHARACTERS // (len(source) + 1)))


def _last_word(source: str, file: str, sink: Diagnostics, parser: type[yaml.SafeLoader], mends: int) -> Document:
    """The document by the parser whose word is final; or all that keeps it from being read, as far as that is seen."""
    text = source
    for _ in range(1 + mends):
        try:
            document = _read(_Composer(text, file, sink, parser, mended=text is not source))
        except yaml.MarkedYAMLError as error:
            ended = "<stream end>" in (error.problem or "")  # what is worth showing is where the open bracket stands
            mark = error.context_mark if ended and error.context_mark else error.problem_mark or error.context_mark
            line, col = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            found = mend(text, file, error)
            where = Span(file, line, col, line, col + 1 if mark else 1)
            if found.fix is not None and found.fix.span.end_col > found.fix.span.col:
                where = found.fix.span  # the whole value, where the parser stopped somewhere within
            sink.error("TEN120", where, found.message, found.hint, found.fix)
            if found.filled is None:
                break
            text = found.filled
        except yaml.YAMLError as error:
            sink.error("TEN120", Span(file, 1, 1, 1, 1), f"not YAML: {str(error).splitlines()[0]}")
            break
        else:
            return document if text is source else Document(None)
    return Document(None)


def _escape(character: str) -> str:
    return "\\r" if character == "\r" else f"\\u{ord(character):04x}"


def _read(composer: _Composer) -> Document:
    try:
        return Document(composer.document(), composer.comments())
    except _Stop:
        return Document(None)


class _Composer:
    """`doubting`: another parser is asked about what this one may take differently. `mended`: with stand-ins in it."""

    def __init__(
        self,
        source: str,
        file: str,
        sink: Diagnostics,
        parser: type[yaml.SafeLoader],
        *,
        doubting: bool = False,
        mended: bool = False,
    ) -> None:
        self._parser = parser
        self._doubting = doubting
        self._mended = mended
        self._source = source
        self._file = file
        self._sink = sink
        self._length = len(source)
        self._end = Source(source, file).place(self._length)
        self._count = 0
        self._scalars: list[tuple[int, int]] = []

    def document(self) -> Node | None:
        root: Node | None = None
        documents = 0
        stack: list[tuple[yaml.CollectionStartEvent, list[Node]]] = []
        for event in events(self._source, self._parser):
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._fail("TEN126", event, "a second document in one file", "one file is one document")
            done: Node | None = None
            if isinstance(event, yaml.AliasEvent):
                self._fail("TEN126", event, f"the alias *{event.anchor} is refused", "write the value out")
            elif isinstance(event, yaml.ScalarEvent):
                if self._doubting and stack and is_doubtful(event, stack[-1][0]):
                    raise _Doubt
                done = self._scalar(event)
            elif isinstance(event, yaml.CollectionStartEvent):
                self._check(event)
                stack.append((event, []))
                if len(stack) > MAX_DEPTH:
                    self._fail("TEN109", event, f"nested deeper than {MAX_DEPTH} levels", None)
            elif isinstance(event, yaml.CollectionEndEvent):
                start, children = stack.pop()
                span = self._span(start, event)
                done = (
                    Sequence(children, span)
                    if isinstance(start, yaml.SequenceStartEvent)
                    else self._mapping(children, span)
                )
            if done is not None:
                if stack:
                    stack[-1][1].append(done)
                else:
                    root = done
        return root

    def comments(self) -> tuple[tree.Comment, ...]:
        """The comments: what follows a `#` that stands outside of scalars, at the begin of a line or after a blank."""
        lines = Source(self._source, self._file)
        found: list[tree.Comment] = []
        position = 0
        for start, end in [*sorted(self._scalars), (len(self._source), len(self._source))]:
            for match in _COMMENT.finditer(self._source, position, max(start, position)):
                begun = self._source.rfind("\n", 0, match.start()) + 1
                trailing = bool(self._source[begun : match.start()].strip())
                span = lines.span(*match.span())
                found.append(tree.Comment(match.group().rstrip(), trailing, span=span))
                if len(found) > MAX_NODES:
                    self._sink.error("TEN108", span, f"more than {MAX_NODES} comments in one file")
                    raise _Stop
            position = max(position, end)
        return tuple(found)

    def _check(self, event: yaml.Event) -> None:
        self._count += 1
        if self._count > MAX_NODES:
            self._fail("TEN108", event, f"more than {MAX_NODES} values in one file", None)
        anchor = getattr(event, "anchor", None)
        if anchor:
            self._fail("TEN126", event, f"the anchor &{anchor} is refused", "write the value out where it is used")
        tag = getattr(event, "tag", None)
        if tag:
            mark: Any = event.start_mark
            if is_negation(self._source, mark.line, mark.column):
                raise yaml.MarkedYAMLError(problem="a tag", problem_mark=mark)
            self._fail("TEN126", event, f"the tag {tag.replace('tag:yaml.org,2002:', '!!')} is refused", "leave it out")

    def _fail(self, code: str, event: yaml.Event, message: str, hint: str | None) -> None:
        self._sink.error(code, self._span(event, event), message, hint)
        raise _Stop

    def _span(self, start: yaml.Event, end: yaml.Event) -> Span:
        first, last = start.start_mark, end.end_mark
        assert first is not None, "a parser's events have places"
        assert last is not None, "a parser's events have places"
        return Span(self._file, *self._place(first), *self._place(last))

    def _place(self, mark: Any) -> tuple[int, int]:
        """LibYAML ends a last line that has no line end: its places there are after the text."""
        return (mark.line + 1, mark.column + 1) if mark.index < self._length else self._end

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        self._check(event)
        span = self._span(event, event)
        first, last = event.start_mark, event.end_mark
        assert first is not None, "a parser's events have places"
        assert last is not None, "a parser's events have places"
        content = self._source.find("\n", first.index) if event.style in ("|", ">") else first.index
        self._scalars.append((content if content >= 0 else last.index, last.index))
        text: str = event.value
        if _HALF_OF_A_PAIR.search(text):
            self._sink.error("TEN105", span, "an escape that stands for half of a character", "write the character out")
            text = _HALF_OF_A_PAIR.sub("\N{REPLACEMENT CHARACTER}", text)
        quoted = event.style in ("'", '"')
        start = first.index + quoted
        if event.style not in ("|", ">") and self._source.startswith(text, start) and "\n" not in text:
            source = Source(text, self._file, span.line, span.col + quoted)
        else:
            raw = self._source[first.index : last.index]
            source = PlacedSource(text, self._file, places(text, raw, event.style or "", span.line, span.col))
        return Scalar(text, not event.style, span, source)

    def _mapping(self, children: list[Node], span: Span) -> Mapping:
        entries: list[tuple[Scalar, Node]] = []
        seen: dict[str, Span] = {}
        for key, value in zip(children[::2], children[1::2], strict=True):
            if not isinstance(key, Scalar):
                self._sink.error("TEN124", key.span, "a key is a word, not a list or a map")
            elif key.text in seen:
                if self._mended and not key.text.strip(STAND_IN):
                    continue
                first = seen[key.text]
                self._sink.error(
                    "TEN123",
                    key.span,
                    f"`{key.text[:60]}` is given twice",
                    f"it stands in line {first.line}, column {first.col} too",
                )
            else:
                seen[key.text] = key.span
                entries.append((key, value))
        return Mapping(entries, span)
