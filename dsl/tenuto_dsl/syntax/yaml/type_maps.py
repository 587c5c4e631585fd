"""Types that were written as YAML, where they are text: `{ sku: string }` instead of `"{ sku: string }"`.

To YAML that is a map, and everybody writes it once. What was meant is certain, so the diagnostic says the text to
write, reading goes on with the type that was meant, and nothing that depends on it is reported again.
"""

from __future__ import annotations

from difflib import get_close_matches

from tenuto_dsl.syntax.yaml.compose import Mapping, Node, Scalar, Sequence

_LONGEST = 100
_DEEPEST = 20


def spelled(node: Node, depth: int = 0) -> str | None:
    """The type that a map or a list stands for, as text; None when it cannot be meant as one."""
    if depth > _DEEPEST:
        return None
    if isinstance(node, Scalar):
        return node.text.strip() or None
    if isinstance(node, Sequence):
        item = spelled(node.items[0], depth + 1) if len(node.items) == 1 else None
        return None if item is None else f"[{item}]"
    fields = [(key.text, spelled(value, depth + 1)) for key, value in node.entries]
    if not fields or any(text is None for _, text in fields):
        return None
    return f"{{ {', '.join(f'{name}: {text}' for name, text in fields)} }}"


def quoted(text: str) -> str | None:
    """A type's text as a YAML scalar; None when no single quotes will do."""
    if "\n" in text or ("'" in text and '"' in text):
        return None
    return f"'{text}'" if '"' in text else f'"{text}"'


def shown(text: str) -> str:
    """The remedy, short enough for a line."""
    scalar = quoted(text)
    return scalar if scalar is not None and len(scalar) <= _LONGEST else '"{ sku: string, quantity: int }"'


def is_a_type(node: Node, known: tuple[str, ...]) -> bool:
    """Whether a map has none of the keys that may stand here, misspelt ones included: then it is no declaration."""
    if not isinstance(node, Mapping) or not node.entries:
        return False
    return not any(get_close_matches(key.text[:_LONGEST], known, n=1, cutoff=0.8) for key, _ in node.entries)
