"""Tokens, and the sets of terminals that several parts need to know by name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Token:
    """A terminal with its text and offsets. A word has the type `NAME` until a state takes it as a keyword."""

    type: str
    text: str
    start: int
    end: int

    @property
    def is_semicolon(self) -> bool:
        """Whether a separator is a `;` that somebody wrote, not one in the comments that a line end takes along."""
        return ";" in self.text and any(";" in line.partition("#")[0] for line in self.text.split("\n"))


NAME = "NAME"
NEWLINE = "_NL"
BAD = "BAD"
"""What is no token at all. No state accepts it."""

OPENERS = {"_LPAR": "_RPAR", "_LSQB": "_RSQB", "LSQBQ": "_RSQB", "_LBRACE": "_RBRACE"}
CLOSERS = {"_RPAR", "_RSQB", "_RBRACE"}
SIGNS = {
    "_ARROW": "->", "EQEQ": "==", "NE": "!=", "LE": "<=", "GE": ">=", "OR": "||", "AND": "&&", "_DOTQ": ".?",
    "LSQBQ": "[?", "LT": "<", "GT": ">", "_EQ": "=", "PLUS": "+", "MINUS": "-", "STAR": "*", "SLASH": "/",
    "PERCENT": "%", "_BANG": "!", "_QMARK": "?", "_COLON": ":", "_COMMA": ",", "_DOT": ".", "_BAR": "|", "_LPAR": "(",
    "_RPAR": ")", "_LSQB": "[", "_RSQB": "]", "_LBRACE": "{", "_RBRACE": "}",
}  # fmt: skip
