"""TEN505: a secret that is not marked `sensitive`

A parameter, a variable or a field of type `string` that is called password, api_key, card_number or the like. It is
stored in the history and shown as it is. Mark its type: `sensitive string` is masked wherever people look.

Bad:

```tenuto bad
activity login(user: string, password: string) { python "shop:login"; timeout 10s; effect pure }
```

Good:

```tenuto good
activity login(user: string, password: sensitive string) { python "shop:login"; timeout 10s; effect pure }
```
"""

from __future__ import annotations

from tenuto_dsl.lint.rule import Report, file_rule
from tenuto_dsl.lint.views import FileView
from tenuto_dsl.syntax import tree

_SECRETS = (
    "password", "passwd", "passphrase", "secret", "api_key", "apikey", "access_token", "refresh_token", "auth_token",
    "private_key", "secret_key", "client_secret", "cvv", "cvc", "ssn", "card_number", "credit_card", "pin_code",
)  # fmt: skip


@file_rule("TEN505")
def check(file: FileView, report: Report) -> None:
    declared: list[tuple[tree.Name, tree.TypeNode]] = [(node.name, node.type) for node in file.all(tree.Param)]
    declared += [(node.name, node.type) for node in file.all(tree.VarDecl)]
    declared += [(node.name, node.type) for node in file.all(tree.Field)]
    for name, type_ in declared:
        plain = type_.item if isinstance(type_, tree.OptionalType) else type_
        if isinstance(plain, tree.NamedType) and plain.name == "string" and _is_secret(name.text):
            report(name.span, f"{name.text} is stored and shown as it is", "make its type `sensitive string`")


def _is_secret(name: str) -> bool:
    lowered = name.lower()
    return any(lowered == word or lowered.endswith(f"_{word}") for word in _SECRETS)
