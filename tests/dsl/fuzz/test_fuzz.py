"""Random sources, the same ones in every run, and those that once were too much (`tests/language/hostile`).

Run as a program, it goes on from a seed for some seconds: `python -m tests.dsl.fuzz.test_fuzz SEED SECONDS`. It writes
what fails to the working directory.
"""

from __future__ import annotations

import random
import resource
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path, PurePath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dsl.fuzz.driving import drive
from tests.dsl.fuzz.expressions import drive_expression, drive_literals, expression
from tests.dsl.fuzz.files import ROOT, mutated, varied
from tests.dsl.fuzz.sentences import sentence
from tests.dsl.fuzz.yaml_trees import mutated_tree

HOSTILE = sorted((ROOT / "tests" / "language" / "hostile").glob("*.*"))
SLOW_S = 10.0
"""What a test may take of a machine that many share; by hand it is a second."""


def case(seed: int) -> tuple[str, str]:
    """A name and a source: what the grammar allows, or a file of the repository, damaged or little changed."""
    choose = random.Random(seed)
    match seed % 6:
        case 1:
            return "made.tenuto", sentence(choose, depth=choose.choice((20, 40, 60)))
        case 3:
            return mutated_tree(choose)
        case 4 | 5:
            return varied(choose)
        case _:
            return mutated(choose)


def expression_of(seed: int) -> str:
    choose = random.Random(seed)
    return expression(choose, choose.choice((1, 2, 2, 3, 4)))


@pytest.mark.parametrize("seed", range(18))
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


@given(st.randoms(use_true_random=False))
@settings(max_examples=40, derandomize=True)
def test_any_expression_is_answered(choose: random.Random) -> None:
    made = expression(choose, 3)
    drive_expression(made, limit_s=SLOW_S)
    drive_literals(made)


@pytest.mark.parametrize("path", HOSTILE, ids=lambda path: path.name)
def test_what_once_failed(path: Path) -> None:
    drive(path.name, path.read_text(encoding="utf-8"), limit_s=SLOW_S)


def main(seed: int, seconds: float, only: str = "") -> None:
    """Sources and expressions, a few of the latter with each of the former; what fails is written here."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if only != "expressions":
            name, source = case(seed)
            _try(seed, PurePath(name).suffix, source, lambda: drive(name, source, seed=seed))  # noqa: B023  # called at once
        for number in range(8 if only != "sources" else 0):
            made = expression_of(8 * seed + number)
            _try(8 * seed + number, ".cel", made, lambda: drive_expression(made))  # noqa: B023  # called at once
            _try(8 * seed + number, ".literals.cel", made, lambda: drive_literals(made))  # noqa: B023  # called at once
        seed += 1
        if seed % 100 == 0:
            sys.stdout.write(f"{seed}: {time.process_time():.0f} s\n")
            sys.stdout.flush()
    sys.stdout.write(f"up to {seed}: {time.process_time():.0f} s\n")


def _try(seed: int, suffix: str, source: str, run: Callable[[], object]) -> None:
    try:
        run()
    except Exception as error:  # noqa: BLE001  # whatever it is, it is what we look for
        Path(f"failed-{seed}{suffix}").write_text(source, encoding="utf-8", errors="surrogatepass")
        where = [*getattr(error, "__notes__", ())]
        last = traceback.extract_tb(error.__traceback__)[-1]
        told = f"{type(error).__name__}: {str(error)[:300]!r} {where} {PurePath(last.filename).name}:{last.lineno}"
        sys.stdout.write(f"{seed}{suffix} {told}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))  # what asks for too much is told so
    main(int(sys.argv[1]), float(sys.argv[2]), *sys.argv[3:])
