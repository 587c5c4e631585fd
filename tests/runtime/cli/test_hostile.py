"""Files and lines of any bytes, read by the commands: the right exit code, diagnostics, no traceback, nothing that a
terminal obeys."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path, PurePath

import pytest

from tests.dsl.fuzz.expressions import expression
from tests.dsl.fuzz.files import damaged
from tests.dsl.fuzz.test_fuzz import case
from tests.runtime.cli.calling import Tenuto

FILES = 36


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("hostile")
    for seed in range(FILES):
        name, source = case(seed)
        (made / f"f{seed}{PurePath(name).suffix}").write_bytes(damaged(source, random.Random(seed)))
    return made


@pytest.mark.parametrize(
    ("command", "codes"),
    [
        (["lint", "--select", "ALL"], (3,)),
        (["lint", "--diff", "--format", "json"], (3,)),
        (["fmt", "--check"], (1, 3)),
        (["test", "--coverage"], (3,)),
        (["check", "--states", "20", "--time", "0.1"], (3,)),
    ],
    ids=lambda value: " ".join(map(str, value)),
)
def test_files_of_any_bytes(bare: Tenuto, folder: Path, command: list[str], codes: tuple[int, ...]) -> None:
    done = bare(*command, str(folder), timeout=100)
    assert done.code in codes, done.err
    for text in (done.out, done.err):
        assert "Traceback" not in text
        assert "errors.log" not in text
        assert not {"\x1b", "\u202e", "\x85"} & set(text)


def test_one_file_at_a_time(bare: Tenuto, folder: Path) -> None:
    for path in sorted(folder.iterdir())[:2]:
        for command in ("convert", "graph"):
            done = bare(command, str(path))
            assert done.code in (0, 2, 3), done.err
            assert "Traceback" not in done.err


def test_lines_of_any_bytes(bare: Tenuto) -> None:
    """Every line has an answer, in its order, whatever it holds."""
    lines = []
    for seed in range(200):
        choose = random.Random(seed)
        asked = {"expr": expression(choose, 3), "data": {"s": "a" * 100, "n": seed}}
        line = json.dumps(asked, ensure_ascii=choose.random() < 0.5)
        lines.append(line.encode() if seed % 2 else damaged(line, choose).replace(b"\n", b" "))
    command = [*bare.command, "eval", "--jsonl"]
    done = subprocess.run(command, input=b"\n".join(lines), capture_output=True, timeout=100, cwd=bare.cwd)
    assert (done.returncode, done.stderr) == (0, b"")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(lines)
    assert all(("value" in answer) != ("error" in answer) for answer in answers)
