"""What could have stood there, in the words of authors: never the names of terminals."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from tenuto_grammars import load_tables
from tenuto_grammars.tables import END

from tenuto_dsl.syntax.text.tokens import NAME, NEWLINE, SIGNS, Token

_DECLARATIONS = frozenset(["_TYPE", "_ERROR", "_CONFIG", "_ACTIVITY", "_WORKFLOW", "_TEST", "_IMPORT"])
_MEMBERS = frozenset(
    [
        "_STATE",
        "STATE_KIND",
        "_REGION",
        "_DO",
        "_ENTRY",
        "_EXIT",
        "_DEFER",
        "_ON",
        "_DONE",
        "_AFTER",
        "_AT",
        "_EVERY",
        "_WHEN",
        "_VERSION",
        "_SIGNAL",
        "_UPDATE",
        "_QUERY",
        "_ATTRIBUTE",
        "_VAR",
        "_PROPERTY",
        "_MIGRATE",
        "_RETURN",
        "_FAIL",
        "_CONTINUE",
        "DOC",
    ]
)
_STEPS = frozenset(
    [
        "_LET",
        "_CALL",
        "_START",
        "_FOR",
        "_PARALLEL",
        "_WAIT",
        "_IF",
        "_REPEAT",
        "_TRY",
        "_SEND",
        "_COMPENSATE",
        "_COMMIT",
        "_DISCARD",
        "_REPLY",
        "_LOG",
        "_YIELD",
        "_RETURN",
        "_FAIL",
        "_RECEIVE",
        "NAME",
    ]
)
_OPTIONS = frozenset(
    [
        "_PYTHON",
        "_SQL",
        "_HTTP",
        "_HEADER",
        "_BODY",
        "_RESULT",
        "_RAISES",
        "_TIMEOUT",
        "_RETRY",
        "_EFFECT",
        "_QUEUE",
        "_RATE",
        "_PRIORITY",
        "DOC",
    ]
)
_TEST_STEPS = frozenset(["_GIVEN", "_MOCK", "_SEND", "_UPDATE", "_ADVANCE", "_EXPECT", "CANCEL"])
_EXPRESSIONS = frozenset(
    [
        "INT",
        "UINT",
        "FLOAT",
        "DURATION",
        "BYTES",
        "STRING",
        "RAW",
        "DOC",
        "TRUE",
        "FALSE",
        "NULL",
        "NAME",
        "MINUS",
        "_BANG",
        "_LPAR",
        "_LSQB",
        "LSQBQ",
        "_LBRACE",
        "_DOT",
    ]
)
_TYPES = frozenset(["_MAP", "_SENSITIVE", "NAME", "STRING", "_LSQB", "_LBRACE", "_LPAR"])
_OPERATORS = frozenset(
    [
        "OR",
        "AND",
        "EQEQ",
        "NE",
        "LE",
        "GE",
        "LT",
        "GT",
        "IN",
        "PLUS",
        "MINUS",
        "STAR",
        "SLASH",
        "PERCENT",
        "_DOT",
        "_DOTQ",
        "_LSQB",
        "LSQBQ",
        "_QMARK",
    ]
)

_GROUPS: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = (
    # what it is called, the terminals that give it away, and those it stands for
    (
        "a declaration (`type`, `error`, `config`, `activity`, `workflow`, `test`, `import`)",
        frozenset({"_TYPE", "_WORKFLOW"}),
        _DECLARATIONS,
    ),
    ("a member (`state`, `do`, `on`, `done`, `after`, `var`, …)", frozenset({"_STATE", "_DONE"}), _MEMBERS),
    ("a step (`let`, `call`, `if`, `wait`, an assignment, …)", frozenset({"_LET", "_WAIT"}), _STEPS),
    ("an option (`python`, `http`, `timeout`, `retry`, `effect`, …)", frozenset({"_PYTHON", "_EFFECT"}), _OPTIONS),
    (
        "a step of a test (`given`, `mock`, `send`, `update`, `advance`, `expect`)",
        frozenset({"_GIVEN", "_EXPECT"}),
        _TEST_STEPS,
    ),
    ("an expression", frozenset({"INT", "TRUE", "MINUS"}), _EXPRESSIONS),
    ("a type", frozenset({"_MAP", "_SENSITIVE"}), _TYPES),
    ("", frozenset({"PLUS", "STAR", "AND"}), _OPERATORS),  # after an expression: too many to name
)

_NAMES = {
    "_TYPE": "a type name", "_ERROR": "the name of an error", "_CONFIG": "the name of a config value",
    "_ACTIVITY": "an activity name", "_WORKFLOW": "a workflow name", "_SIGNAL": "a signal name",
    "_UPDATE": "an update name", "_QUERY": "a query name", "_ATTRIBUTE": "an attribute name",
    "_VAR": "a variable name", "_PROPERTY": "a property name", "_STATE": "a state name", "_REGION": "a region name",
    "_ON": "a signal name", "_AS": "a name", "_LET": "a name", "_ARROW": "a state name",
    "_FOR": "the name of the loop variable",
    "_CALL": "the name of an activity or a workflow", "_UNDO": "the name of an activity or a workflow",
    "_START": "a workflow name",
    "_FAIL": "the name of an error", "_RAISES": "the name of an error", "_CATCH": "the name of an error",
    "_UNLESS": "the name of an error", "_BAR": "the name of an error", "_SEND": "a signal name",
    "_RECEIVE": "a signal name",
    "_DISCARD": "a signal name", "_DEFER": "a signal name", "_EFFECT": "an effect", "_MOCK": "an activity name",
    "_DOT": "a name", "_DOTQ": "a name",
}  # fmt: skip
_KINDS = {
    "INT": "a whole number", "STRING": "a string", "DOC": 'a description (`"""…"""`)',
    "METHOD": "an HTTP method (`GET`, `POST`, …)",
    NEWLINE: "a new line", END: "the end",
}  # fmt: skip
_MOST = 5


def expected(terminals: Iterable[str], after: str) -> str | None:
    """What could come, after a symbol; None when that would be too much to say."""
    rest = set(terminals)
    said: list[str] = []
    for words, telling, meant in _GROUPS:
        if telling <= rest:
            rest -= meant
            if words:
                said.append(words)
    if NAME in rest:
        rest.discard(NAME)
        said.append(_NAMES.get(after, "a name"))
    if said or len(rest) > 1:
        rest.discard(END)
    if said or len(rest) > 1:
        rest.discard(NEWLINE)
    words_of = keyword_words()
    for terminal in sorted(rest, key=lambda t: (t in SIGNS, t)):
        if terminal in words_of:
            said += [f"`{word}`" for word in words_of[terminal]]
        elif terminal in SIGNS:
            said.append(f"`{SIGNS[terminal]}`")
        elif terminal in _KINDS:
            said.append(_KINDS[terminal])
    if not said or len(said) > _MOST + 3:
        return None
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} or {said[-1]}"


def describe(token: Token) -> str:
    """A token as a message names it."""
    if token.type == END:
        return "end of the file"
    if token.type == NEWLINE:
        return "`;`" if token.is_semicolon else "end of the line"
    text = token.text if len(token.text) <= 32 else token.text[:29] + "…"
    return "`" + "".join(c if c.isprintable() else " " if c.isspace() else f"\\u{{{ord(c):x}}}" for c in text) + "`"


@lru_cache(maxsize=1)
def keyword_words() -> dict[str, list[str]]:
    """The words of each keyword terminal."""
    words: dict[str, list[str]] = {}
    for word, terminals in load_tables().keywords.items():
        for terminal in terminals:
            words.setdefault(terminal, []).append(word)
    return words
