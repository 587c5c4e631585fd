"""`tenuto check` finds nothing wrong in a sample, as far as it looks here: a part of what the command looks at."""

from __future__ import annotations

import pytest
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.explore import Bounds, explore, read_subjects

from tests.samples.driver import NAMES, SAMPLES

PART = Bounds(states=200)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_wrong_in_any_run(name: str) -> None:
    path = SAMPLES / name / f"{name}.tenuto"
    sink = Diagnostics()
    subjects = read_subjects(str(path), path.read_text(encoding="utf-8"), sink)
    assert not sink.items
    assert subjects
    for subject in subjects:
        assert [finding.test for finding in explore(subject, PART).findings] == []
