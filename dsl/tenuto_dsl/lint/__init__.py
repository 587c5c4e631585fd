"""The linter: what a correct file would do in production that its author would not want.

    checked = lint_source(name, source, sink, config)

The checker says what is wrong; the rules here say what is unwise. They see a tree that was read as a whole, with the
checker's facts beside it, and they may be turned off: by configuration, or by a comment that gives its reason. An error
of the language cannot be turned off.

`rule` is what a rule is, `rules` holds them, one to a file, `views` is what they look at; `config` says which of them
count for a file, `suppressions` reads the comments, `fixes` applies what is certain. Nothing here reads a disk.
"""

from tenuto_dsl.lint.config import DEFAULT, LintConfig, LintConfigError
from tenuto_dsl.lint.linter import lint_checked, lint_source

__all__ = ["DEFAULT", "LintConfig", "LintConfigError", "lint_checked", "lint_source"]
