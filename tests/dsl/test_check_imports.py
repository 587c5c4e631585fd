"""Imports: flat, relative, under the root, each file once, no circles; read by whatever function is given."""

from __future__ import annotations

from pathlib import Path

from tenuto_dsl.compiler import Compiled, compile_file, compile_source
from tenuto_dsl.diagnostics import Diagnostics

COMMON = """
type Order = { id: string }
error Declined
config zone: string = "UTC"
activity pay(order: Order, zone: string = config.zone) -> string { python "shop:pay"; raises Declined; timeout 1s }
workflow child(order: Order) -> string { do { let p = call pay(order); return p } }
"""
MAIN = """
import "common.tenuto"
workflow w(order: Order) -> string {
  do { let a = call pay(order); let b = call child(order); return a + b }
}
"""


def compiled(files: dict[str, str], name: str = "main.tenuto") -> tuple[list[Compiled], list[str]]:
    """What the file comes to, and what is said as `file:line code`."""

    def reader(path: str) -> bytes:
        if path not in files:
            raise FileNotFoundError(2, "no such file")
        return files[path].encode()

    sink = Diagnostics()
    found = compile_source(name, files[name], sink, reader)
    return found, [f"{item.span.file}:{item.span.line} {item.code}" for item in sink.items]


def test_declarations_of_an_imported_file_are_there() -> None:
    found, said = compiled({"main.tenuto": MAIN, "common.tenuto": COMMON})
    assert said == []
    [program] = [c.program for c in found]
    assert program.name == "w"
    assert [a.name for a in program.activities] == ["pay"]
    assert [c.name for c in program.config] == ["zone"]
    assert [c.workflow for c in program.calls] == [None, "child"]


def test_a_program_does_not_depend_on_where_a_declaration_stands() -> None:
    apart, _ = compiled({"main.tenuto": MAIN, "common.tenuto": COMMON})
    together, _ = compiled({"main.tenuto": COMMON + MAIN.replace('import "common.tenuto"', "")})
    assert apart[0].program == together[-1].program


def test_a_file_imported_twice_is_read_once() -> None:
    files = {
        "main.tenuto": 'import "a.tenuto"\nimport "lib/b.tenuto"\nworkflow w(o: Order) { do { log o.id } }',
        "a.tenuto": 'import "lib/common.tenuto"',
        "lib/b.tenuto": 'import "common.tenuto"\nimport "../a.tenuto"',
        "lib/common.tenuto": COMMON,
    }
    found, said = compiled(files)
    assert said == []
    assert len(found) == 1


def test_what_is_wrong_with_an_import_is_said_where_it_stands() -> None:
    files = {
        "main.tenuto": 'import "nowhere.tenuto"\nimport "../out.tenuto"\nimport "/etc/passwd"\nimport "a.tenuto"\n'
        "workflow w() { do { log 1 } }",
        "a.tenuto": 'import "b.tenuto"',
        "b.tenuto": '\nimport "a.tenuto"',
    }
    _, said = compiled(files)
    assert said == ["b.tenuto:2 TEN223", "main.tenuto:1 TEN222", "main.tenuto:2 TEN224", "main.tenuto:3 TEN224"]


def test_a_duplicate_across_files_is_an_error() -> None:
    _, said = compiled({"main.tenuto": MAIN + "\nerror Declined\n", "common.tenuto": COMMON})
    assert said == ["main.tenuto:7 TEN200"]


def test_an_imported_file_with_an_error_stops_the_importer() -> None:
    found, said = compiled({"main.tenuto": MAIN, "common.tenuto": COMMON.replace('"UTC"', "1")})
    assert found == []
    assert said == ["common.tenuto:4 TEN244"]


def test_files_on_disk(tmp_path: Path) -> None:
    (tmp_path / "main.tenuto").write_text(MAIN)
    (tmp_path / "common.tenuto").write_text(COMMON)
    sink = Diagnostics()
    assert [c.program.name for c in compile_file(tmp_path / "main.tenuto", sink)] == ["w"]
    assert sink.items == []
    assert compile_file(tmp_path / "missing.tenuto", sink) == []
    assert compile_file(tmp_path, sink) == []
    (tmp_path / "latin.tenuto").write_bytes(b"workflow \xff")
    assert compile_file(tmp_path / "latin.tenuto", sink) == []
    assert [item.code for item in sink.items] == ["TEN131", "TEN110", "TEN131"]
