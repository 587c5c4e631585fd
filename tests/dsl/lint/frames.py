"""Puts the examples of explanations into files, and tells what is said about the example and not about its frame."""

from __future__ import annotations

from tenuto_dsl import Diagnostic, Diagnostics
from tenuto_dsl.explain import Example
from tenuto_dsl.lint import LintConfig, lint_source
from tenuto_dsl.lint.rules import all_rules

from tests.docs_pages import ROOT
from tests.test_docs_language import FINALS, HEAD, WORKING, prelude


def framed(example: Example) -> tuple[str, int, int]:
    """(a whole file, the first line of the example in it, the line behind the example)."""
    before, after = "", ""
    match example.frame:
        case "members":
            before, after = HEAD, WORKING + "done -> finished\n}\n" + FINALS + "}\n"
        case "states":
            before, after = HEAD, FINALS + "}\n"
        case "transitions":
            before = HEAD + WORKING
            after = "}\nstate other { after 1h -> finished }\n" + FINALS + "}\n"
        case "steps":
            before = HEAD + "initial state working {\ndo {\n"
            after = "}\ndone -> finished\n}\n" + FINALS + "}\n"
        case "":
            return example.code, 1, 10**6
        case other:
            raise AssertionError(f"no frame is called {other}")
    before = prelude("tenuto") + before
    first = before.count("\n") + 1
    return before + example.code + after, first, first + example.code.count("\n")


def findings(example: Example, code: str) -> list[Diagnostic]:
    """What is said about the lines of an example of a code: by the checker, the default rules and the code's own."""
    rules = ["DEFAULT", code] if code in all_rules() else ["DEFAULT"]
    config = LintConfig().with_options(rules, ())
    source, first, end = framed(example)
    sink = Diagnostics()
    suffix = {"tenuto": "tenuto", "yaml": "yaml"}[example.language]
    lint_source(f"example.{suffix}", source, sink, config, reader=read_common)
    return [item for item in sink.items if first <= item.span.line < end]


def read_common(path: str) -> bytes:
    """The one file that examples may import."""
    if path == "common.tenuto":
        return (ROOT / "tests" / "dsl" / "lint" / "common.tenuto").read_bytes()
    raise FileNotFoundError(2, "No such file or directory")
