"""Expressions that would exhaust a machine if they were let: FAULTS' scenario of them, each by what it tries.

Run as a program, it evaluates all of them, typed and dynamic, within a gibibyte of memory, and prints for each the
mode, its name, the seconds of CPU it took and the codes of the diagnostics, or `value`.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable

MEMORY = 1 << 30


def chain(first: str, step: Callable[[str], str], count: int, last: Callable[[str], str]) -> str:
    """`cel.bind`s, each of which makes something of the one before."""
    made = last(f"x{count}")
    for number in reversed(range(count)):
        made = f"cel.bind(x{number + 1}, {step(f'x{number}')}, {made})"
    return f"cel.bind(x0, {first}, {made})"


def doubled(count: int, last: Callable[[str], str]) -> str:
    return chain(f'"{"x" * 64}"', lambda x: f"{x} + {x}", count, last)


def each(body: str, times: int = 100_000) -> str:
    return f"lists.range({times}).map(i, {body}).size()"


AGAIN = "x13 + x13"
"""The fourteenth text of `doubled`, made anew: equal to it, and not the same."""

HOSTILE = {
    "string doubling": doubled(40, lambda x: f"{x}.size()"),
    "list doubling": chain("[1]", lambda x: f"{x} + {x}", 40, lambda x: f"{x}.size()"),
    "interpolated doubling": chain('"x"', lambda x: f'"${{{x}}}${{{x}}}"', 25, lambda x: f"{x}.size()"),
    "a tree that shares its leaves": chain("[1]", lambda x: f"[{x}, {x}]", 40, lambda x: x),
    "such a tree compared": chain("[1]", lambda x: f"[{x}, {x}]", 40, lambda x: f"{x} == {x}"),
    "such a tree as text": chain("[1]", lambda x: f"[{x}, {x}]", 40, lambda x: f'"%s".format([{x}])'),
    "cubic maps": "lists.range(1000).map(a, lists.range(1000).map(b, lists.range(1000).map(c, a + b + c)))",
    "cubic tests": "lists.range(1000).all(a, lists.range(1000).all(b, lists.range(1000).all(c, a + b + c >= 0)))",
    "a square of lists": "lists.range(100000).map(i, lists.range(1000)).flatten().size()",
    "a catastrophic pattern": f'"{"a" * 50_000}b".matches("(a+)+$")',
    "a large pattern": '"a".matches("((a{1,100}){1,100}){1,100}")',
    "20,000 terms": "+".join(["1"] * 20_000),
    "20,000 conditions": "||".join(["false"] * 20_000),
    "30,000 parentheses": "(" * 30_000 + "1" + ")" * 30_000,
    "3,000 lists": "[" * 3_000 + "]" * 3_000,
    "3,000 signs": "!" * 3_000 + "true",
    "nested macros": "[0].map(a, " * 200 + "1" + ")" * 200,
    "a format's width": '"%.1000000000f".format([1.0])',
    "failures that are made good": "lists.range(100000).all(i, timestamp(0).getHours(string(i)) == 1 || i >= 0)",
    "overloads of many values": "lists.range(100000).map(i, math.least(timestamp(0), dyn(timestamp(1))))",
    "calls that nothing takes": "lists.range(100000).all(i, size(dyn(1u)) == 0)",
    "a huge range": "lists.range(1000000000000)",
    "many copies": doubled(14, lambda x: each(f"{x}.lowerAscii()")),
    "many searches": doubled(14, lambda x: each(f'{x}.contains("y")')),
    "many positions": doubled(14, lambda x: each(f'{x}.indexOf("y")')),
    "many slices": doubled(14, lambda x: each(f"{x}.substring(1)")),
    "many encodings": doubled(14, lambda x: each(f"base64.encode(bytes({x}))")),
    "many digests": doubled(14, lambda x: each(f"sha256({x})")),
    "many splits": doubled(9, lambda x: each(f'{x}.split("")')),
    "many joins": doubled(14, lambda x: each(f'[{x}, {x}].join("")')),
    "many replacements": doubled(8, lambda x: f'{x}.replace("x", {x}).replace("x", {x}).size()'),
    "many long texts": doubled(14, lambda x: f"lists.range(100000).map(i, {x})"),
    "many sorts": "lists.range(10000).map(i, lists.range(10000).sort()).size()",
    "many sets": "lists.range(10000).map(i, sets.contains(lists.range(10000), lists.range(10000))).size()",
    "many memberships": "lists.range(10000).map(i, i in lists.range(10000)).size()",
    "memberships in one list": "cel.bind(x, lists.range(100000), x.all(i, !(-1 in x)))",
    "a long text among others": doubled(14, lambda x: f'({x} + "y") in lists.range(1000).map(i, "y" + {x})'),
    "least of one list": "cel.bind(x, lists.range(100000), x.all(i, math.least(x) == 0 && x.min() == 0))",
    "keys of one map": "cel.bind(m, lists.range(9000).transformMapEntry(i, x, {string(x): x}), "
    "lists.range(100000).all(i, m.keys().size() > m.values().size() - 1))",
    "equal texts": doubled(14, lambda x: f"cel.bind(y, {AGAIN}, lists.range(100000).all(i, {x} == y))"),
    "equal texts in order": doubled(14, lambda x: f"cel.bind(y, {AGAIN}, lists.range(100000).all(i, {x} <= y))"),
    "equal texts as keys": doubled(14, lambda x: f"cel.bind(y, {AGAIN}, lists.range(100000).all(i, y in {{{x}: 1}}))"),
    "a search from the end": doubled(14, lambda x: f'{x}.lastIndexOf("xy" + {x}.substring({1 << 19}))'),
    "many texts in one": doubled(14, lambda x: '"' + f"${{{x}}}" * 2_000 + '"'),
    "a pattern of many states": doubled(14, lambda x: f'{x}.matches("(x?){{1000}}y")'),
    "a pattern of unicode": doubled(14, lambda x: f'{x}.matches(r"(?i)(?:\\pL\\pN?){{1,20}}y")'),
    "many patterns": 'lists.range(100000).map(i, "a".matches("a{1,900}b" + string(i))).size()',
    "many calendars": 'lists.range(100000).map(i, calendar(timestamp(i), "P1M", "Europe/Paris")).size()',
    "many durations": 'lists.range(100000).map(i, [duration("1h" + string(i) + "s"), duration("2h")]).size()',
    "many sorts of long texts": doubled(14, lambda x: f"cel.bind(l, [{x}, {AGAIN}, {AGAIN}], {each('l.sort()')})"),
}


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    from tenuto_dsl.evaluation import Evaluator, Refused

    for mode, evaluator in (("dynamic", Evaluator()), ("typed", Evaluator({}))):
        for name, source in HOSTILE.items():
            started = time.process_time()
            try:
                evaluator(source, {})
                codes = "value"
            except Refused as error:
                codes = ",".join(item.code for item in error.items)
            sys.stdout.write(f"{mode}\t{name}\t{time.process_time() - started:.3f}\t{codes}\n")


if __name__ == "__main__":
    main()
