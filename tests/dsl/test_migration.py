"""Migrations, checked before any run is: within one file, and against the version that is deployed."""

from __future__ import annotations

import pytest
from tenuto_dsl.compiler import compile_source
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.migration import check_migration
from tenuto_dsl.syntax import parse_file, tree
from tenuto_interpreter.ir import Migration, Program

OLD = """
activity call_it(x: int) { timeout 1m }
activity gone(x: int) { timeout 1m }
type Size = { w: int }
workflow w(order: string) { version 1
  var a: int = 0
  var b: string = ""
  var size: Size? = null
  initial state s { do { call call_it(1); call gone(1) }; done -> p }
  state p {
    region l { initial state l1 { after 1m -> l2 }; state l2 {} }
    region r { initial state r1 {} }
  }
  final state e {}
}
"""


def compiled(source: str, sink: Diagnostics | None = None) -> tuple[Program, tree.WorkflowDecl]:
    found = sink if sink is not None else Diagnostics()
    programs = compile_source("w.tenuto", source, found)
    assert [d.message for d in found.items if d.severity == "error"] == []
    file = parse_file("w.tenuto", source, Diagnostics())
    node = next(d for d in file.declarations if isinstance(d, tree.WorkflowDecl))
    return programs[-1].program, node


def found(new: str, old: str = OLD) -> list[str]:
    """The diagnostics of a migration: code, line, message."""
    sink = Diagnostics()
    program, node = compiled(new)
    check_migration(compiled(old)[0], program, node, sink)
    return [f"{d.code} {d.severity} {d.span.line} {d.message}" for d in sink.items]


NEW = OLD.replace("version 1", "version 2\n  migrate from 1 { }")


def test_a_version_that_changes_nothing_takes_every_run() -> None:
    assert found(NEW) == []
    assert found(OLD.replace("version 1", "version 2")) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("state p {", "state q {", [
            "TEN603 error 6 the state p.l.l1 has no counterpart in version 2",
            "TEN603 error 6 the state p.l.l2 has no counterpart in version 2",
            "TEN603 error 6 the state p.r.r1 has no counterpart in version 2",
        ]),
        ("{ }", "{ nowhere -> s }", ["TEN607 error 6 version 1 has no state nowhere"]),
        ("{ }", "{ p.l -> s }", [
            "TEN608 error 6 s and p.r.r1 cannot be active together, as what goes there is in version 1",
        ]),
        ("var a: int = 0", 'var a: string = ""', ["TEN605 error 6 a had another type in version 1"]),
        ("{ w: int }", "{ w: string }", ["TEN605 error 6 size had another type in version 1"]),
        ("var a: int = 0", "var a: int = 0; var fresh: int", [
            "TEN604 error 6 fresh has no value in a run that comes from version 1",
        ]),
        ("{ }", "{ set a = old.c }", ["TEN607 error 6 version 1 has no variable c"]),
        ("{ }", "{ set a = old.b }", ["TEN605 error 6 a is int, and old.b string"]),
        ("; call gone(1)", "", ["TEN606 warning 6 runs that still call or undo with gone cannot go on: it is gone"]),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_where_it_is_declared(old: str, new: str, expected: list[str]) -> None:
    changed = (
        NEW.replace(old, new).replace("call call_it(a)", "call call_it(1)").replace("call gone(a)", "call gone(1)")
    )
    before = OLD.replace("call call_it(a)", "call call_it(1)").replace("call gone(a)", "call gone(1)")
    assert found(changed.replace("done -> p", "done -> q") if "q {" in new else changed, before) == expected


def test_mappings_of_states_and_variables_mend_what_is_missing() -> None:
    new = (
        NEW.replace("state p {", "state q {")
        .replace("-> p", "-> q")
        .replace("var a: int = 0", "var a: string; var z: int")
    )
    new = new.replace("call call_it(1); call gone(1)", "call call_it(1); call gone(2)")
    assert found(new.replace("{ }", "{ p -> q; set a = string(old.a); set z = old.a }")) == []


def test_a_variable_may_become_optional_and_a_declared_type_be_written_out() -> None:
    assert (
        found(NEW.replace("var b: string", "var b: string?").replace("var size: Size?", "var size: { w: int }?")) == []
    )


@pytest.mark.parametrize(
    ("migration", "code"),
    [
        ("migrate from 2 { }", "TEN601"),
        ("migrate from 1 { s -> e }", "TEN602"),
        ("migrate from 1 { s -> nowhere }", "TEN301"),
        ("migrate from 1 { s -> p; s -> s }", "TEN208"),
        ("migrate from 1 { set a = 1; set a = 2 }", "TEN208"),
        ("migrate from 1 { set nothing = 1 }", "TEN212"),
        ("migrate from 1 { set a = true }", "TEN244"),
        ("migrate from 1 { set a = older.a }", "TEN240"),
        ("migrate from 1 { set a = a }", "TEN240"),
        ("migrate from 1 { }; migrate from 1 { }", "TEN200"),
    ],
)
def test_a_migration_is_checked_in_its_file(migration: str, code: str) -> None:
    sink = Diagnostics()
    compile_source("w.tenuto", OLD.replace("version 1", "version 2; " + migration), sink)
    assert [d.code for d in sink.items if d.severity == "error"] == [code]


def test_both_forms_lower_to_one_migration() -> None:
    text = """workflow w(n: int) { version 3; var a: int = 0; initial state s { after 1m -> e }; final state e {}
      migrate from 2 { old.one -> s; set a = old.b + 1 } }"""
    yaml = """
tenuto: 1
workflows:
  w:
    version: 3
    input: { n: int }
    vars: { a: { type: int, value: 0 } }
    states:
      s: { initial: true, transitions: [{ after: 1m, to: e }] }
      e: { final: true }
    migrate:
      - from: 2
        states: { old.one: s }
        set: { a: "${old.b + 1}" }
"""
    programs = [
        compile_source(f"w.{form}", source, Diagnostics()) for form, source in (("tenuto", text), ("yaml", yaml))
    ]
    assert programs[0][0].program.encode() == programs[1][0].program.encode()
    program = programs[0][0].program
    assert program.migrations == (Migration(2, (("old.one", 1),), ((1, program.migrations[0].sets[0][1]),)),)
    assert Program.decode(program.encode()) == program
