"""TEN504: what looks like a secret in the file

A text that has the shape of a key, a token or a password. Files are committed, mailed and shown; a secret that was in
one is no secret any more. Replace it where it was issued, and read the new one with `secret("NAME")`.

Bad:

```tenuto bad
activity quote(symbol: string) -> any {
  http    GET "https://quotes.example/" + symbol
  header  "Authorization" = "Bearer 9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c"
  timeout 10s
}
```

Good:

```tenuto good
activity quote(symbol: string) -> any {
  http    GET "https://quotes.example/" + symbol
  header  "Authorization" = "Bearer ${secret('QUOTES_KEY')}"
  timeout 10s
}
```
"""

from __future__ import annotations

import re

from tenuto_dsl.diagnostics import Spelled
from tenuto_dsl.lint.rule import Report, file_rule
from tenuto_dsl.lint.views import FileView
from tenuto_dsl.syntax import tree

_SHAPES = re.compile(
    r"AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{22,}|xox[abprs]-[A-Za-z0-9-]{10,}"
    r"|[sr]k_live_[A-Za-z0-9]{16,}|sk-[A-Za-z0-9_-]{32,}|AIza[0-9A-Za-z_-]{35}|glpat-[A-Za-z0-9_-]{20}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----|eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\."
    r"|(?:Bearer|Basic|Token) (?=[A-Za-z0-9+/=._-]*\d)[A-Za-z0-9+/=._-]{20,}"
    r"|[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s@$]{3,}@"
)
_HEADERS = re.compile(r"authorization|x-api-key|api-key|x-auth-token|x-access-token", re.IGNORECASE)


@file_rule("TEN504")
def check(file: FileView, report: Report) -> None:
    told: set[int] = set()
    for header in file.all(tree.Header):
        value = header.value
        if _HEADERS.fullmatch(header.name) and isinstance(value, tree.Literal_) and value.value:
            told.add(id(value))
            _tell(value, report)
    for literal in file.all(tree.Literal_):
        if isinstance(literal.value, str) and id(literal) not in told and _SHAPES.search(literal.value):
            _tell(literal, report)
    for interpolation in file.all(tree.Interpolation):
        if any(isinstance(part, str) and _SHAPES.search(part) for part in interpolation.parts):
            _tell(interpolation, report)


def _tell(node: tree.Node, report: Report) -> None:
    report(
        node.span,
        "this looks like a secret",
        Spelled(
            'replace it where it was issued, and read the new one by `secret("…")`',
            'replace it where it was issued, and read the new one by `${secret("…")}`',
        ),
    )
