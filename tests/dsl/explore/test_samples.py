"""Every sample is explored a little, in either form: nothing is wrong, and the forms have the same runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.explore import Bounds, Subject, explore, read_subjects
from tenuto_dsl.explore.search import search
from tenuto_dsl.testing import Runner, plan_source

SAMPLES = Path(__file__).parents[3] / "samples"
FILES = sorted(SAMPLES.glob("*/*.tenuto"))
BOUNDS = Bounds(states=150)
WHOLE = ("human_approval", "sms_otp", "delivery", "parking_permit", "stock_transfer", "auction")
"""Samples whose every state is seen in no time."""


def subjects(path: Path) -> list[Subject]:
    sink = Diagnostics()
    found = read_subjects(path.as_posix(), path.read_text(encoding="utf-8"), sink)
    assert not sink.has_errors, [item.message for item in sink.items]
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_is_wrong_and_the_forms_agree(path: Path) -> None:
    texts, yamls = ([explore(each, BOUNDS) for each in subjects(path.with_suffix(s))] for s in (".tenuto", ".yaml"))
    for text, yaml in zip(texts, yamls, strict=True):
        assert not text.findings, [(each.kind, each.name, each.steps) for each in text.findings]
        assert (text.workflow, text.states, text.moves) == (yaml.workflow, yaml.states, yaml.moves)
        assert [each.name for each in text.unseen] == [each.name for each in yaml.unseen]


@pytest.mark.parametrize("name", WHOLE)
def test_what_tests_see_is_seen(name: str) -> None:
    """An exploration is no less than the tests of the same file: it finds the states and transitions they find."""
    path = SAMPLES / name / f"{name}.tenuto"
    source = path.read_text(encoding="utf-8")
    suite = plan_source(path.as_posix(), source, Diagnostics())
    assert suite is not None
    runner = Runner(suite)
    for plan in suite.plans:
        assert runner.run(plan).failed is None
    for subject in subjects(path):
        taken = search(subject, Bounds(), lambda: False).taken
        assert runner.coverage.seen.get(subject.program.name, set()) <= taken
        assert not explore(subject).unseen
