"""A hint that shows how something is written shows it in the form of its file."""

from __future__ import annotations

import pytest
from tenuto_dsl import Diagnostics
from tenuto_dsl.format.converter import convert_source
from tenuto_dsl.lint import LintConfig, lint_source

FILE = """error Bad
activity f(x: decimal) {{ python "a:b"; timeout 1s; effect pure; raises Bad }}
activity g(x: int) -> int {{ http POST "https://x.example"; body {{ "x": x }} }}
workflow child() -> int {{ do {{ return 1 }} }}
workflow w(a: int) -> int {{
  var n: int = 0
  query count -> int = n
  signal go()
  initial state one {{
    {member}
  }}
  final state over {{ return n }}
}}
"""

MEMBERS = [
    ("do { let x = call f(x: \"1\") }; done -> over", "TEN214", "declare what f returns: `returns: T`"),
    ("do { call f(x: 1) }; done -> over", "TEN244", 'write "1", in quotes'),
    ("do { call nobody_knows() }; done -> over", "TEN201", "declare it below `activities`"),
    ("do { start f(x: \"1\") }; done -> over", "TEN225", "write `call: f`"),
    ("do { fail Unheard }; done -> over", "TEN202", "declare it below `errors`: `Unheard: null`"),
    ("on go -> over; on go", "TEN312",
     "add `to: state`, `actions: [ … ]` or `do: [ … ]`; `actions: []` drops the message on purpose"),
    ("do { unheard = 1 }; done -> over", "TEN212",
     "declare it below `vars`; a new name is given by `as: unheard` or `let: { unheard: … }`"),
    ("do { let n = call g(x: a) }; done -> over", "TEN204",
     "names do not shadow each other: take another one, or assign the variable by `into: n` or `set`"),
    ("do { let m: Unheard = null }; done -> over", "TEN262", "declare it below `types`"),
    ("on go -> over; every true { n = 1 }", "TEN221",
     'write `every: 10m` or `every: cron("0 9 * * *", "Europe/Paris")`'),
    ("do { n = call g(x: a) }", "TEN330", "add `{ done: null, to: … }`, or a timer or a message that leads on"),
    ("on go -> over", "TEN331", "add `{ after: 30d, to: … }`, here or in a state around"),
    ("do { start child() }; done -> over", "TEN420",
     "add `on_close: abandon`, `on_close: cancel` or `on_close: terminate`"),
    ("do { n = call g(x: a) }; done -> over", "TEN401",
     "add `timeout: 30s`, or `timeout: { attempt: …, overall: … }`"),
    ("do { n = call g(x: a) }; done -> over", "TEN403",
     "add the header `Idempotency-Key: ${activity.idempotency_key}`, or say `effect: idempotent`"),
]  # fmt: skip


def hints(name: str, source: str, code: str) -> list[str | None]:
    sink = Diagnostics()
    lint_source(name, source, sink, LintConfig())
    return [item.hint for item in sink.items if item.code == code]


@pytest.mark.parametrize(("member", "code", "hint"), MEMBERS)
def test_of_one_mistake_in_both_forms(member: str, code: str, hint: str) -> None:
    source = FILE.format(member=member.replace("; ", "\n"))
    converted = convert_source(source, "w.tenuto", "text", "yaml", Diagnostics())
    assert converted is not None
    [text] = hints("w.tenuto", source, code)
    [yaml] = hints("w.yaml", converted, code)
    assert yaml == hint
    assert text not in (None, hint)


def test_what_cannot_be_is_an_error_in_yaml_too() -> None:
    source = """tenuto: 1
activities:
  a: { python: "a:b", timeout: -10s, retry: -1, effect: pure }
  b: { python: "a:b", timeout: { overall: 0s }, retry: { times: -3 }, effect: pure }
"""
    sink = Diagnostics()
    lint_source("w.yaml", source, sink, LintConfig())
    assert [item.span.line for item in sink.items if item.code == "TEN234"] == [3, 3, 4, 4]
