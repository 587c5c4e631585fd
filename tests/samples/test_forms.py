"""Every sample exists as text and as YAML, and both say the same."""

from __future__ import annotations

import pytest
from tenuto_interpreter.ir import Program

from tests.samples.driver import NAMES, SAMPLES, given, program


def test_every_sample_is_tested() -> None:
    assert {path.name for path in SAMPLES.iterdir() if path.is_dir() and path.name != "__pycache__"} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_complete(name: str) -> None:
    folder = SAMPLES / name
    for file in (f"{name}.tenuto", f"{name}.yaml", "activities.py", "input.json", "README.md"):
        assert (folder / file).is_file(), file
    assert given(name)


@pytest.mark.parametrize("name", NAMES)
def test_both_forms_give_the_same_program(name: str) -> None:
    text, yaml = program(name, "tenuto"), program(name, "yaml")
    assert text == yaml
    assert text.encode() == yaml.encode()
    assert text.digest() == yaml.digest()


@pytest.mark.parametrize("name", NAMES)
def test_a_program_survives_being_stored(name: str) -> None:
    stored = program(name, "tenuto").encode()
    assert Program.decode(stored).encode() == stored
