"""Write docs/grammar.md from grammars/tenuto_grammars/workflow.lark: the same rules, to be read by people.

    python docs/grammar.py

What a parser generator needs is taken away: marks of what is kept in the tree, names of keywords and signs, and rules
that exist to be one alternative of another. A test compares the committed page with what this gives.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from tenuto_grammars import grammar_text

PAGE = Path(__file__).resolve().parent / "grammar.md"

INTRODUCTION = """\
# The grammar

Made from the grammar that the parser is generated from, by `python docs/grammar.py`; a test keeps them in step. What
the constructs mean is said in [the language](language.md).

| notation | meaning |
|---|---|
| `'state'` | these characters; a word is a keyword only where the grammar has a place for it |
| `[ x ]` | x, or nothing |
| `x*`, `x+` | any number of x; at least one |
| `x \\| y` | one of them |
| `NAME` | a terminal: see [below](#terminals) |

An LALR(1) parser reads it without conflicts. The checker demands more than the grammar says: which members a state may
have, what may stand in a block that takes no time, types.

The YAML form has the same constructs. It is described by a JSON Schema, which `tenuto schema` prints.
"""

TITLES = {"": "Files", "types": "Types", "activities": "Activities", "workflows and states": "Workflows and states",
          "steps": "Steps", "tests": "Tests", "expressions": "Expressions"}  # fmt: skip

TERMINALS = """\
## Terminals

| terminal | what it is |
|---|---|
| `NAME` | a letter or `_`, then letters, digits and `_` |
| `QUOTED` | a field whose name is no `NAME`, in backquotes: `` `content-type` `` |
| `INT`, `UINT` | `42`, `0x2a`; `42u` |
| `FLOAT` | `1.5`, `.5`, `1e-3` |
| `DURATION` | numbers with units: `1h30m`; `w`, `d`, `h`, `m`, `s`, `ms`, `us` |
| `STRING` | `"…"` or `'…'` on one line, with escapes; `${…}` holds an expression, and `$${` is the two signs |
| `DOC` | `\"""…\"""` or `'''…'''`, over several lines |
| `RAW` | a string after `r`: no escapes, no interpolation |
| `BYTES` | a string after `b` |
| `NL` | what separates: a `;`, or the end of a line that cannot go on |

A line goes on when the next one begins with a closing bracket, an operator, `.`, `,`, `:`, `?`, a text in three quotes,
or one of the words `else`, `catch`, `finally`, `undo`, `with`, `within`, `until`, `in` and `then`; and wherever no
separator could stand. A comment begins with `#` and ends with the line.
"""

_RULE = re.compile(r"^\??(?P<name>[a-z_]+): (?P<body>.*)$")
_TERMINAL = re.compile(r"^(?P<name>_?[A-Z_]+)(?:\.\d+)?: (?P<body>.*)$")
_WORD = re.compile(r"_?[A-Za-z][A-Za-z_]*_?")
_DESCRIBED = {"NAME", "QUOTED", "INT", "UINT", "FLOAT", "DURATION", "STRING", "DOC", "RAW", "BYTES", "_NL", "GAP"}
_WIDTH = 118


def page() -> str:
    sections, terminals = _read(grammar_text())
    parts = [INTRODUCTION]
    for title, rules in sections.items():
        inlined = _inlined(rules) if title == "expressions" else {}
        lines = [_line(name, _inline(body, inlined), terminals) for name, body in rules.items() if name not in inlined]
        parts.append(f"## {TITLES[title]}\n\n```ebnf\n" + "\n".join(lines) + "\n```\n")
    return "\n".join([*parts, TERMINALS])


def _read(text: str) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """The rules, by section and name, and the literal spellings of terminals."""
    sections: dict[str, dict[str, str]] = {"": {}}
    terminals: dict[str, str] = {}
    section = sections[""]
    for line in re.sub(r"\n +\|", " |", text).splitlines():
        if line.startswith("// -- terminals"):
            section = {}
        elif line.startswith("// -- "):
            section = sections.setdefault(line.removeprefix("// -- ").partition(";")[0], {})
        elif found := _RULE.match(line):
            section[found["name"]] = found["body"]
        elif (found := _TERMINAL.match(line)) and found["name"] not in _DESCRIBED:
            terminals[found["name"]] = _spelling(found["body"])
    return sections, terminals


def _spelling(body: str) -> str:
    if body.startswith('"'):
        return f"'{body[1:-1]}'"
    words = re.fullmatch(r"/(?:\(\?:)?([A-Za-z|]+)\)?\\b/", body)
    assert words is not None, body
    choices = [f"'{word}'" for word in words[1].split("|")]
    return choices[0] if len(choices) == 1 else f"( {' | '.join(choices)} )"


def _inlined(rules: dict[str, str]) -> dict[str, str]:
    """Rules that are no more than one alternative of one other."""
    alternatives = [item for body in rules.values() for item in _alternatives(body)]
    words = [word for body in rules.values() for word in _WORD.findall(body)]
    return {
        name: body
        for name, body in rules.items()
        if not name.startswith("_")
        and alternatives.count(name) == 1
        and words.count(name) - _WORD.findall(body).count(name) == 1
    }


def _alternatives(body: str) -> list[str]:
    depth, found = 0, [""]
    for sign in body:
        depth += (sign in "([") - (sign in ")]")
        if sign == "|" and not depth:
            found.append("")
        else:
            found[-1] += sign
    return [item.strip() for item in found]


def _inline(body: str, inlined: dict[str, str]) -> str:
    return " | ".join(inlined.get(item, item) for item in _alternatives(body))


def _line(name: str, body: str, terminals: dict[str, str]) -> str:
    def shown(match: re.Match[str]) -> str:
        word = match.group()
        return terminals.get(word, word.strip("_"))

    lines = [f"{name.strip('_')} ="]
    for number, alternative in enumerate(_alternatives(body)):
        text = _WORD.sub(shown, re.sub(r"(?<=[\[(])|(?=[\])])", " ", alternative))
        if number:
            text = f"| {text}"
        if len(lines[-1]) + len(text) < _WIDTH:
            lines[-1] += f" {text}"
        else:
            lines.append(f"    {text}")
    return "\n".join(lines)


def main() -> int:
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
