"""`tenuto fmt`: files are replaced whole, or left alone with a reason."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from tenuto.cli.entry import main

UGLY = "type   T={a:int}   # why\n"
NEAT = "type T = { a: int }  # why\n"
BROKEN = "type = \n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_file_is_laid_out_and_keeps_its_mode(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder / "a.tenuto"
    file.write_text(UGLY)
    file.chmod(0o640)
    assert main(["fmt", "a.tenuto"]) == 0
    assert file.read_text() == NEAT
    assert file.stat().st_mode & 0o777 == 0o640
    assert capsys.readouterr().err == "1 file reformatted, 0 files left as they are\n"
    assert main(["fmt", "a.tenuto"]) == 0
    assert [path.name for path in folder.iterdir()] == ["a.tenuto"]


def test_a_link_stays_a_link(folder: Path) -> None:
    (folder / "real.tenuto").write_text(UGLY)
    (folder / "a.tenuto").symlink_to("real.tenuto")
    assert main(["fmt", "a.tenuto"]) == 0
    assert (folder / "a.tenuto").is_symlink()
    assert (folder / "real.tenuto").read_text() == NEAT


def test_line_ends_and_a_byte_order_mark_stay(folder: Path) -> None:
    (folder / "a.tenuto").write_bytes(b"\xef\xbb\xbf" + UGLY.replace("\n", "\r\n").encode())
    assert main(["fmt", "a.tenuto"]) == 0
    assert (folder / "a.tenuto").read_bytes() == b"\xef\xbb\xbf" + NEAT.replace("\n", "\r\n").encode()


def test_folders_hold_both_forms(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.tenuto").write_text(UGLY)
    (folder / "b.yaml").write_text("tenuto:  1\n")
    (folder / "other.yaml").write_text("something:   else\n")
    assert main(["fmt", "."]) == 0
    assert main(["fmt", "a.tenuto"]) == 0
    assert "1 file left as it is" in capsys.readouterr().err
    assert (folder / "a.tenuto").read_text() == NEAT
    assert (folder / "b.yaml").read_text() == "tenuto: 1\n"
    assert (folder / "other.yaml").read_text() == "something:   else\n"


def test_check_changes_nothing_and_says_which(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.tenuto").write_text(UGLY)
    (folder / "b.tenuto").write_text(NEAT)
    assert main(["fmt", "--check", "a.tenuto", "b.tenuto"]) == 3
    assert capsys.readouterr().out == "a.tenuto would be reformatted\n"
    assert (folder / "a.tenuto").read_text() == UGLY
    assert main(["fmt", "--check", "b.tenuto"]) == 0


def test_diff_shows_and_changes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.tenuto").write_text(UGLY)
    assert main(["fmt", "--diff", "a.tenuto"]) == 0
    out = capsys.readouterr().out
    assert f"-{UGLY}" in out
    assert f"+{NEAT}" in out
    assert (folder / "a.tenuto").read_text() == UGLY


def test_a_file_with_mistakes_is_left_alone_and_others_are_not(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a.tenuto").write_text(BROKEN)
    (folder / "b.tenuto").write_text(UGLY)
    assert main(["fmt", "a.tenuto", "b.tenuto"]) == 3
    assert "TEN101" in capsys.readouterr().err
    assert (folder / "a.tenuto").read_text() == BROKEN
    assert (folder / "b.tenuto").read_text() == NEAT


@pytest.mark.parametrize(
    ("source", "options", "written", "code"),
    [
        (UGLY, [], NEAT, 0),
        ("tenuto:   1\n", ["--form", "yaml"], "tenuto: 1\n", 0),
        ("tenuto:   1\n", ["--stdin-name", "new.yaml"], "tenuto: 1\n", 0),
        (UGLY, ["--check"], "", 3),
        (BROKEN, [], "", 3),
    ],
)
def test_stdin(
    source: str,
    options: list[str],
    written: str,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(source.encode())))
    assert main(["fmt", "-", *options]) == code
    assert capsys.readouterr().out == written


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["-", "a.tenuto"], "stdin"),
        (["missing.tenuto"], "no such file"),
        (["a.tenuto", "--form", "yaml"], "--form"),
        (["a.tenuto", "--stdin-name", "b"], "--stdin-name"),
    ],
)
def test_what_makes_no_sense_is_usage(
    arguments: list[str], word: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a.tenuto").write_text(UGLY)
    assert main(["fmt", *arguments]) == 2
    assert word in capsys.readouterr().err


def test_a_file_that_may_not_be_written_stays(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a.tenuto").write_text(UGLY)
    monkeypatch.setattr("os.access", lambda *_: False)  # the user of these tests may write anything
    assert main(["fmt", "a.tenuto"]) == 2
    assert "cannot be written: Permission denied" in capsys.readouterr().err
    assert (folder / "a.tenuto").read_text() == UGLY


def test_convert_writes_the_other_form_and_back(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.tenuto").write_text(NEAT)
    assert main(["convert", "a.tenuto", "-o", "a.yaml"]) == 0
    assert (folder / "a.yaml").read_text() == "tenuto: 1\n\ntypes:\n  T: { a: int }  # why\n"
    assert main(["convert", "a.yaml"]) == 0
    assert capsys.readouterr().out == NEAT
    assert main(["convert", "a.yaml", "--to", "yaml", "-o", "-", "--schema", "s.json"]) == 0
    assert capsys.readouterr().out.startswith("# yaml-language-server: $schema=s.json\ntenuto: 1\n")


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["broken.tenuto"], 3, "TEN101"),
        (["missing.tenuto"], 2, "no such file"),
        (["."], 2, "directory"),
        (["-"], 2, "--to"),
        (["a.txt"], 2, "neither"),
        (["a.tenuto", "-o", "b.tenuto"], 2, "other form"),
        (["a.tenuto", "--to", "text", "-o", "a.tenuto"], 2, "that is converted"),
        (["a.tenuto", "-o", "nowhere/b.yaml"], 2, "cannot be written"),
    ],
)
def test_convert_refuses(
    arguments: list[str], code: int, word: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a.tenuto").write_text(NEAT)
    (folder / "a.txt").write_text(NEAT)
    (folder / "broken.tenuto").write_text(BROKEN)
    assert main(["convert", *arguments]) == code
    assert word in capsys.readouterr().err
    assert (folder / "a.tenuto").read_text() == NEAT
