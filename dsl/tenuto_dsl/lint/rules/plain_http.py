"""TEN503: plain http to somewhere else

An address that begins with `http://` and leads out of this machine and its network. What is sent, secrets in headers
included, can be read and changed on the way. Addresses of this machine, of private networks, of names without a dot
(as services in a cluster have) and under `.local`, `.internal`, `.test` and `.localhost` are left alone.

Bad:

```tenuto bad
activity quote(symbol: string) -> any { http GET "http://quotes.example/" + symbol; timeout 10s }
```

Good:

```tenuto good
activity quote(symbol: string) -> any { http GET "https://quotes.example/" + symbol; timeout 10s }
```
"""

from __future__ import annotations

import re

from tenuto_dsl.lint.rule import Report, file_rule
from tenuto_dsl.lint.views import FileView, nodes_below
from tenuto_dsl.syntax import tree

_ADDRESS = re.compile(r"http://(?:[^/@\s]*@)?(?P<host>\[[^\]]*\]|[A-Za-z0-9._-]+)")
_NEAR = re.compile(
    r"localhost|127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|0\.0\.0\.0|\[::1\]|\[f[cde]"
    r"|[^.]+$|.*\.(?:local|internal|test|localhost|lan|svc|home\.arpa)\.?$",
    re.IGNORECASE,
)


@file_rule("TEN503")
def check(file: FileView, report: Report) -> None:
    addresses = [binding.url for binding in file.all(tree.HttpBinding)]
    addresses += [config.default for config in file.all(tree.ConfigDecl) if config.default is not None]
    for address in addresses:
        for node in nodes_below(address):
            match node:
                case tree.Literal_(kind="string", value=str(text)):
                    texts = [text]
                case tree.Interpolation(parts=parts):
                    texts = [part for part in parts if isinstance(part, str)]
                case _:
                    continue
            found = next((m for text in texts if (m := _ADDRESS.match(text))), None)
            if found is not None and not _NEAR.match(found["host"]):
                message = f"what is sent to {found['host']} can be read and changed on the way"
                report(node.span, message, "write https://")
