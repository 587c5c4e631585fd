"""YAML files whose trees are changed, not their characters: keys swapped, values of other kinds, and every way in which
YAML can say a thing, most of which we refuse."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterator
from typing import Any

from tests.dsl.fuzz.files import sources
from tests.dsl.yaml_data import data_of


class Raw(str):
    """A text that is written as it stands."""

    __slots__ = ()


_SIMPLE = re.compile(r"[A-Za-z_][\w.-]*")
_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 10**400, 1.5, "", " ", "on", "no", "~", "x", "${x}", "${", "a: b", "- a", "{", "# c",
    "é\u2028",
    "\U0001f600", "\t", "a\nb\n", "\ufeff", "\x00", "\ud800", "90s", "9" * 5000, "x" * 5000,
    [], {}, [[]], [{}], {"": None}, {"a": {}},
)  # fmt: skip
_RAW = tuple(map(Raw, (
    "&a x", "*a", "!!int 5", "!!python/object/apply:os.system [x]", "!!binary aGk=", "!x y", "! z", "2001-01-01",
    "2001-12-14t21:59:43.10-05:00", "0x1F", "0o17", "1_000", "1:30", ".inf", "-.INF", ".nan", "1e400",
    "+1", "1.", "yes", "NULL",
    "{<<: {a: 1}}", "? a", "{? [a, b] : c}", "[a, b", "'open", '"open', '"\\ud800"', '"\\x41\\u0042\\U0001f600"',
    '"\\q"', "|\n  block\n", ">-\n  fold\n  ed\n", "|9\n  x\n", "|+\n\n\n", "@x", "`x", "%x", "a #b", "a: b: c",
    "[a]: b", "{a, b: }",
    "- - - x", "'it''s'", '"a\n  b"', "{a: 1, a: 2}", "[" * 80 + "]" * 80, "{a: " * 70 + "1" + "}" * 70,
    "int?", "[int]", "{ a: int? }", "map(string, int)", "${a ? b : c}", "${'}'}", "${a}${b}", "{ args: { a: ${x} } }",
)))  # fmt: skip


def mutated_tree(choose: random.Random) -> tuple[str, str]:
    """The name of a YAML file of the repository and a text of its tree, changed."""
    name, source = choose.choice([item for item in sources() if item[0].endswith(".yaml") and "tenuto:" in item[1]])
    try:
        data = data_of(source)
    except Exception:  # noqa: BLE001  # a broken file of the tests
        data = {"tenuto": 1, "workflows": {"w": {"do": [{"log": "x"}]}}}
    for _ in range(choose.choice((0, 1, 1, 1, 2, 3, 5))):
        data = _changed(data, choose)
    text = "".join(_written(data, 0, choose, choose.choice((0.0, 0.1, 0.5, 1.0)))).lstrip("\n") + "\n"
    return name, _disguised(text, choose)


def _places(data: Any) -> Iterator[tuple[Any, Any]]:
    pending = [data]
    while pending:
        item = pending.pop()
        if isinstance(item, dict | list):
            for key in list(item) if isinstance(item, dict) else range(len(item)):
                yield item, key
                pending.append(item[key])


def _changed(data: Any, choose: random.Random) -> Any:
    places = list(_places(data))
    if not places:
        return data
    holder, key = choose.choice(places)
    other, its = choose.choice(places)
    match choose.randrange(10):
        case 0:
            del holder[key]
        case 1 | 2:
            holder[key] = copy.deepcopy(choose.choice(_VALUES))
        case 3 if choose.random() < 0.5:
            holder[key] = choose.choice(_RAW)
        case 5 if isinstance(holder, dict):
            holder[
                choose.choice(
                    ("<<", "odd", "", "null", "a b", "é", Raw("&k key"), Raw("? [a]"), Raw("!!str k"), str(its))
                )
            ] = holder.pop(key)
        case 6:
            holder[key] = copy.deepcopy(other[its])
        case 7:
            kept = holder[key]
            holder[key] = copy.deepcopy(other[its])
            other[its] = kept
            return json.loads(json.dumps(data, skipkeys=True)) if _is_plain(data) else {}
        case 8:
            for _ in range(choose.choice((1, 2, 5, 70))):
                holder[key] = [holder[key]] if choose.random() < 0.5 else {"a": holder[key]}
        case _ if isinstance(holder, list):
            holder[key:key] = [copy.deepcopy(holder[key])] * choose.choice((1, 2, 30))
    return data


def _is_plain(data: Any) -> bool:
    """Whether a tree is one: an exchange may have put something within itself."""
    seen: set[int] = set()
    pending: list[tuple[Any, int]] = [(data, 0)]
    while pending:
        item, depth = pending.pop()
        if isinstance(item, Raw) or depth > 200 or len(seen) > 100_000:
            return False
        seen.add(id(item))
        if isinstance(item, dict | list):
            pending += [(child, depth + 1) for child in (item.values() if isinstance(item, dict) else item)]
    return True


def _written(data: Any, indent: int, choose: random.Random, flow: float) -> Iterator[str]:
    """A node in block style or, by chance, in brackets; what begins after a key or a dash."""
    if not isinstance(data, dict | list) or not data or choose.random() < flow or indent > 100:
        yield f" {_inline(data, choose)}"
        return
    space = "\n" + " " * indent
    step = choose.choice((1, 2, 2, 2, 4))
    if isinstance(data, dict):
        for key, value in data.items():
            yield f"{space}{key if isinstance(key, Raw) else _scalar(key, choose)}:"
            yield from _written(value, indent + step, choose, flow)
    else:
        for value in data:
            yield f"{space}-"
            yield from _written(value, indent + step, choose, flow)


def _inline(data: Any, choose: random.Random, depth: int = 0) -> str:
    if depth > 120:
        return "~"
    if isinstance(data, dict):
        inside = (f"{_scalar(key, choose)}: {_inline(value, choose, depth + 1)}" for key, value in data.items())
        return f"{{ {', '.join(inside)} }}"
    if isinstance(data, list):
        return f"[{', '.join(_inline(value, choose, depth + 1) for value in data)}]"
    return _scalar(data, choose)


def _scalar(value: Any, choose: random.Random) -> str:
    if isinstance(value, Raw):
        return str(value)
    if not isinstance(value, str):
        return json.dumps(value)
    match choose.randrange(4):
        case 0 if _SIMPLE.fullmatch(value) or (value and "\n" not in value and choose.random() < 0.01):
            return value
        case 1 if "\n" not in value:
            return "'" + value.replace("'", "''") + "'"
        case _:
            return json.dumps(value, ensure_ascii=choose.random() < 0.5)


def _disguised(text: str, choose: random.Random) -> str:
    match choose.randrange(16):
        case 1:
            return text.replace("\n", "\r\n")
        case 2:
            return text.replace("  ", "\t", choose.randrange(1, 4))
        case 3:
            return "%YAML 1.1\n---\n" + text
        case 4:
            return text + choose.choice(("---\na: b\n", "...\n", "...\nx\n", "\x00", "\r", "&", "# end", "\t\n"))
        case 5:
            return "--- !x\n" + text
        case 6:
            return text.replace("\n", "\n\n# c\n", 3)
        case 7:
            return text.replace(": ", ":  # c\n   ", 2)
    return text
