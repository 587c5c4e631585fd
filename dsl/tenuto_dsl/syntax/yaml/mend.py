"""What a source that is not YAML was meant to be: the remedy at the place where its parser stopped.

Nearly always a value lacks quotes. Where the value begins and ends is seen in its line, so that the remedy can be a
fix, and reading can go on behind it: `filled` is the source with a stand-in of equal length, in which all places that
follow are the same. A source with four such mistakes shows all four at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from tenuto_dsl.diagnostics import Fix
from tenuto_dsl.syntax.tree import Span

_KEY = re.compile(r"""\s*(?:- +)*(?:(?P<key>\w+|"[^"]*"|'[^']*')\s*:(?= |$) *)?""")
_BEGINS_IN_BRACKETS = re.compile(r"[\[{,]\s*|:\s+")
_QUOTED = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^']|'')*'""")
_NEGATION = re.compile(r"!\s*(?:\(|!*[A-Za-z_][\w.]*(?:[(\[]|\s*$|\s+(?:&&|\|\||[=!<>]=|[<>?+*/%-]\s)))")
_LONE_WORD = re.compile(r"\s*(?:- +)*([A-Za-z_]\w*)\s*$")
_NAMES_WORK = ("call", "start", "send", "update", "fail", "fails", "mock")
_WORD = re.compile(r"(?:- +)*[^\s:]+\s*")
_COMMENT = re.compile(r"(?:^|\s)#.*")
STAND_IN = "~"
"""What a mended value is made of: no word, which would be taken for a key without its colon."""
_LONGEST_LINE = 2_000
_NEEDS_QUOTES = 'a value with ": " in it needs quotes'
_PAIRS = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Mend:
    """What is said, and the source to read on with; None when nothing can be said about what follows."""

    message: str
    hint: str | None
    fix: Fix | None = None
    filled: str | None = None


def is_negation(source: str, number: int, column: int) -> bool:
    """Whether what YAML takes for a tag is the begin of an expression: `!done`, `!(a && b)`. Both count from 0."""
    lines = source.split("\n", number + 1)
    return len(lines[number]) <= _LONGEST_LINE and _NEGATION.match(_value(lines, number, column)[2]) is not None


def mend(source: str, file: str, error: yaml.MarkedYAMLError) -> Mend:
    """What to say of an error, and how to read on."""
    problem = error.problem or error.context or ""
    mark = error.problem_mark or error.context_mark
    general = Mend(f"not YAML: {problem}", _general(problem))
    if mark is None:
        return general
    lines = source.split("\n")
    number = mark.line
    if number >= len(lines) or len(lines[number]) > _LONGEST_LINE:
        return general
    is_block = "mapping values are not allowed" in problem
    start, end, value = _value(lines, number, mark.column, in_brackets=False if is_block else None)
    key = _KEY.match(lines[number])
    above = _without_colon(lines, error, value[: mark.column - start] if start == _indent(lines[number]) else "")
    if above is not None:
        lone = _LONE_WORD.match(lines[above])
        assert lone is not None, "such a line is one word"
        ends = lone.end(1)
        lines[above] = lines[above][:ends] + ":"  # longer by what nothing stands behind
        where = Span(file, above + 1, ends + 1, above + 1, ends + 1)
        message = f"not YAML: the key `{lone.group(1)}` in line {above + 1} has no colon"
        return Mend(message, None, Fix(f"write `{lone.group(1)}:`", where, ":"), "\n".join(lines))
    remedy = _remedy(problem, value, mark.column - start)
    if remedy is None:
        return general
    message, hint = remedy
    if not _is_balanced(value):
        return Mend(message, hint)  # what belongs to it, nobody knows
    lines[number] = lines[number][:start] + STAND_IN * (end - start) + lines[number][end:]
    filled = "\n".join(lines)
    if key is not None and key.group("key") in _NAMES_WORK and re.match(r"\w+\(", value):
        return Mend(message, f"arguments stand beside it: `{called(value, key.group('key'))}`", None, filled)
    if hint == _NEEDS_QUOTES:
        return Mend(message, hint, None, filled)  # or a map was to stand there: which of the two, nobody knows
    quoted = in_quotes(value)
    where = Span(file, number + 1, start + 1, number + 1, end + 1)
    return Mend(message, hint, Fix(f"write `{quoted[:60]}`", where, quoted), filled)


def called(text: str, key: str = "call") -> str:
    """How `refund(id: "x")`, which is a call in the text form, is written here."""
    name, inner = text.split("(", 1)
    inner = inner.rstrip().removesuffix(")").strip()
    return f"{key}: {name.strip()}" + (
        f", args: {{ {inner} }}" if ":" in inner else f", args: [{inner}]" if inner else ""
    )


def _without_colon(lines: list[str], error: yaml.MarkedYAMLError, begun: str) -> int | None:
    """The line of a key without its colon: above a map that was to stand below it, or where a further key was read."""
    problem, mark, context = error.problem or "", error.problem_mark, error.context_mark
    if "could not find expected ':'" in problem and context is not None:
        return context.line if _LONE_WORD.match(lines[context.line]) and _holds(lines, context.line) else None
    if mark is None or "mapping values are not allowed" not in problem or not _WORD.fullmatch(begun):
        return None
    above = next((at for at in range(mark.line - 1, -1, -1) if lines[at].strip()), None)
    if above is None or not _LONE_WORD.match(lines[above]) or not _holds(lines, above):
        return None
    return above


def _holds(lines: list[str], number: int) -> bool:
    """Whether what follows stands below a line, as the value of its key; else it may be a text that goes on there."""
    below = next((line for line in lines[number + 1 :] if _COMMENT.sub("", line).strip()), "")
    depth, own = _indent(below), _indent(lines[number])
    return depth > own or (depth == own and below.startswith("-", depth) and not lines[number].startswith("-", own))


def _remedy(problem: str, value: str, reached: int) -> tuple[str, str] | None:
    """What is wrong with a value, and in words what helps, where quotes do."""
    if _NEGATION.match(value):
        return "`!` begins a tag in YAML", "an expression that begins with `!` needs quotes"
    quoted = _QUOTED.match(value)
    if quoted is not None:
        rest = value[quoted.end() :].strip()
        if not rest or not 0 <= quoted.end() <= reached:
            return None
        return (
            "not YAML: the value goes on behind its quotes",
            "an expression that begins with a quote needs quotes around it",
        )
    if not 0 <= reached <= len(value):
        return None
    if "got '?'" in problem:
        return (
            "readers of YAML differ about a `?` inside of `{ … }`",
            "what ends with `?` needs quotes inside of `{ … }`",
        )
    if "got '{'" in problem or "got '['" in problem:
        if not reached:
            return None  # a value that is sound: what is wrong stands in a line above
        return (
            f"not YAML: {problem}",
            "a value with `${…}` or brackets in it needs quotes inside of `{ … }` and `[ … ]`",
        )
    if "got ':'" in problem or ("mapping values are not allowed" in problem and ": " in value):
        return f"not YAML: {problem}", _NEEDS_QUOTES
    return None


def _general(problem: str) -> str | None:
    if "mapping values are not allowed" in problem or "got ':'" in problem:
        return _NEEDS_QUOTES
    if "cannot start any token" in problem:
        if "'\\t'" in problem:
            return "indent with spaces: YAML takes no tabs"
        return "a value that begins with this character needs quotes"
    if "got '{'" in problem or "got '['" in problem:
        return 'a value with `${…}` or brackets in it needs quotes inside of `{ … }` and `[ … ]`: "${x}"'
    if "could not find expected ':'" in problem:
        return "above, a key has no colon, or a text that goes on does not stand deeper than its key"
    if "<block end>" in problem:
        return "this line is not indented as the ones before it that it belongs to"
    return None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _value(lines: list[str], number: int, column: int, *, in_brackets: bool | None = None) -> tuple[int, int, str]:
    """The value of a line that a column stands in or behind: its begin, its end and itself."""
    line = lines[number]
    if not (_is_in_brackets(lines, number, column) if in_brackets is None else in_brackets):
        key = _KEY.match(line)
        start = key.end() if key is not None and key.end() <= column else _indent(line)
        comment = re.search(r"(?:^|\s)#", _without_strings(line)[start:])
        end = start + comment.start() if comment is not None else len(line)
        text = line[start:end].rstrip()
        text = text.removesuffix(",") if text.endswith(",") else text
        return start, start + len(text), text
    begins = [found.end() for found in _BEGINS_IN_BRACKETS.finditer(_without_strings(line)) if found.end() <= column]
    start = begins[-1] if begins else column
    plain = _without_strings(line)
    open_: list[str] = []
    end = start
    while end < len(plain):
        sign = plain[end]
        if sign in _PAIRS:
            open_.append(_PAIRS[sign])
        elif open_ and sign == open_[-1]:
            open_.pop()
        elif not open_ and sign in ",]}":
            break
        end += 1
    text = line[start:end].rstrip()
    return start, start + len(text), text


def _without_strings(line: str) -> str:
    """The line with its strings blotted out, at equal places."""
    return _QUOTED.sub(lambda found: '"' * len(found.group()), line)


def _is_in_brackets(lines: list[str], number: int, column: int) -> bool:
    """Whether brackets are open: in the line itself, or by the look of the one above, which goes on here."""
    plain = _without_strings(lines[number][:column])
    if sum(plain.count(sign) for sign in "[{") > sum(plain.count(sign) for sign in "]}"):
        return True
    above = next((line for line in reversed(lines[:number]) if _COMMENT.sub("", line).strip()), "")
    return len(above) <= _LONGEST_LINE and _COMMENT.sub("", _without_strings(above)).rstrip().endswith(("[", "{", ","))


def _is_balanced(value: str) -> bool:
    plain = _without_strings(value)
    return all(plain.count(opens) == plain.count(closes) for opens, closes in _PAIRS.items())


def in_quotes(value: str) -> str:
    """One line of text as a scalar that stays a text."""
    return f'"{value}"' if '"' not in value and "\\" not in value else "'" + value.replace("'", "''") + "'"
