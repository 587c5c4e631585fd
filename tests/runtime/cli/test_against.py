"""`tenuto lint --against`: an older version in a file, a folder or a revision of git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.runtime.cli.calling import Done, Tenuto

OLD = """workflow w(order: string) { version 1
  var n: int = 0
  initial state s { after 1m -> p }
  state p { after 1h -> e }
  final state e {}
}
"""
YAML = """tenuto: 1
workflows:
  w:
    version: 1
    input: { order: string }
    vars: { n: { type: int, value: 0 } }
    states:
      s: { initial: true, transitions: [{ after: 1m, to: p }] }
      p: { transitions: [{ after: 1h, to: e }] }
      e: { final: true }
"""
RENAMED = OLD.replace("state p", "state q").replace("-> p", "-> q")
PROMISED = RENAMED.replace("version 1", "version 2\n  migrate from 1 { }")
MIGRATES = RENAMED.replace("version 1", "version 2\n  migrate from 1 { p -> q }")


def codes(done: Done) -> list[tuple[str, str]]:
    return [(item["code"], item["severity"]) for item in done.data if item["code"].startswith("TEN6")]


@pytest.mark.parametrize("before", [OLD, YAML], ids=["text", "yaml"])
@pytest.mark.parametrize(
    ("now", "code", "found"),
    [
        (OLD, 0, []),
        (MIGRATES, 0, []),
        (PROMISED, 3, [("TEN603", "error")]),
        (RENAMED.replace("version 1", "version 2"), 0, [("TEN603", "warning")]),
        (RENAMED, 0, [("TEN609", "warning"), ("TEN603", "warning")]),
        (OLD.replace("n: int = 0", 'n: string = ""').replace("version 1", "version 2\n  migrate from 1 {}"), 3,
         [("TEN605", "error")]),
        (OLD.replace("workflow w", "workflow another"), 0, []),
    ],
)  # fmt: skip
def test_a_folder(bare: Tenuto, tmp_path: Path, before: str, now: str, code: int, found: list[tuple[str, str]]) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / ("w.tenuto" if before is OLD else "w.yaml")).write_text(before)
    (tmp_path / "w.tenuto").write_text(now)
    done = bare("lint", str(tmp_path / "w.tenuto"), "--against", str(tmp_path / "old"), "--format", "json")
    assert sorted(codes(done.said(code))) == sorted(found)


def test_a_revision_of_git(bare: Tenuto, tmp_path: Path) -> None:
    flows = tmp_path / "flows"
    flows.mkdir()
    (flows / "types.tenuto").write_text("type Order = string\n")
    (flows / "w.tenuto").write_text('import "types.tenuto"\n' + OLD.replace("order: string", "order: Order"))
    (flows / "other.yaml").write_text("image: tenuto:1\n")
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "one"]):
        identity = ["-c", "user.name=a", "-c", "user.email=a@b.example"]
        subprocess.run(["git", "-C", str(tmp_path), *identity, *arguments], check=True, timeout=30)
    (flows / "w.tenuto").write_text('import "types.tenuto"\n' + PROMISED.replace("order: string", "order: Order"))
    (flows / "types.tenuto").write_text("type Order = string\ntype More = int\n")
    for subject in (flows, flows / "w.tenuto", tmp_path):
        done = bare("lint", str(subject), "--against", "HEAD", "--format", "json")
        assert codes(done.said(3)) == [("TEN603", "error")]
        assert "is not compared with" not in done.err
    bare("lint", str(flows), "--against", "no_such").said(2, "neither a file or folder nor a revision of git")
    bare("lint", str(flows), "--against=--help").said(2, "neither a file or folder nor a revision of git")
    (tmp_path.parent / "outside.tenuto").write_text(OLD)
    outside = str(tmp_path.parent / "outside.tenuto")
    bare("lint", str(flows), outside, "--against", "HEAD").said(2, "outside.tenuto is not in the repository")
    bare("lint", "-", "--against", "HEAD").said(2, "--against compares files")


def test_an_older_version_with_errors_is_told(bare: Tenuto, tmp_path: Path) -> None:
    (tmp_path / "old.tenuto").write_text("workflow w( {")
    (tmp_path / "w.tenuto").write_text(OLD)
    bare("lint", str(tmp_path / "w.tenuto"), "--against", str(tmp_path / "old.tenuto")).said(0, "is not compared with")
