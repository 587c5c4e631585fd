"""Random sources, the same ones in every run, and those that once were too much (`tests/language/hostile`).

Run as a program, it goes on from a seed for some seconds: `python -m tests.dsl.fuzz.test_fuzz SEED SECONDS`. It writes
what fails to the working directory.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dsl.fuzz.driving import drive
from tests.dsl.fuzz.files import ROOT, mutated
from tests.dsl.fuzz.sentences import sentence

HOSTILE = sorted((ROOT / "tests" / "language" / "hostile").glob("*.*"))
SLOW_S = 10.0
"""What a test may take of a machine that many share; by hand it is a second."""


def case(seed: int) -> tuple[str, str]:
    """A name and a source: of even seeds a mutation of a file, of odd ones what the grammar allows."""
    choose = random.Random(seed)
    if seed % 2 == 0:
        return mutated(choose)
    return "made.tenuto", sentence(choose, depth=choose.choice((20, 40, 60)))


@pytest.mark.parametrize("seed", range(12))
def test_the_same_sources_are_answered(seed: int) -> None:
    drive(*case(seed), limit_s=SLOW_S)


@given(st.randoms(use_true_random=False))
@settings(max_examples=12, derandomize=True)
def test_any_sentence_of_the_grammar_is_answered(choose: random.Random) -> None:
    drive("made.tenuto", sentence(choose, depth=20), limit_s=SLOW_S)


@given(st.randoms(use_true_random=False))
@settings(max_examples=8, derandomize=True)
def test_any_damage_to_a_file_is_answered(choose: random.Random) -> None:
    drive(*mutated(choose), limit_s=SLOW_S)


@pytest.mark.parametrize("path", HOSTILE, ids=lambda path: path.name)
def test_what_once_failed(path: Path) -> None:
    drive(path.name, path.read_text(encoding="utf-8"), limit_s=SLOW_S)


def main(seed: int, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        name, source = case(seed)
        try:
            drive(name, source)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is what we look for
            Path(f"failed-{seed}{Path(name).suffix}").write_text(source, encoding="utf-8")
            sys.stdout.write(f"{seed}: {type(error).__name__}: {str(error)[:300]}\n")
        seed += 1
    sys.stdout.write(f"up to {seed}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
