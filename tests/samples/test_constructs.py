"""Every construct of the language is used by at least one sample."""

from __future__ import annotations

import pytest
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import parse_file

from tests.constructs import constructs, used_in
from tests.samples.driver import FORMS, SAMPLES, Form


@pytest.mark.parametrize("form", FORMS)
def test_every_construct_is_used_by_a_sample(form: Form) -> None:
    files = [
        parse_file(path.name, path.read_text(encoding="utf-8"), Diagnostics()) for path in SAMPLES.glob(f"*/*.{form}")
    ]
    assert constructs() - used_in(files) == set(), "no sample shows these"
