"""The pictures of the samples are those that `python3 dev.py pictures` draws, and each is shown where it belongs."""

from __future__ import annotations

import runpy
from pathlib import Path

from tests.samples.driver import SAMPLES

ROOT = SAMPLES.parent
PLACE = ROOT / "docs" / "images" / "samples"


def drawn() -> dict[str, str]:
    found: dict[str, str] = runpy.run_path(str(ROOT / "docs" / "pictures.py"))["pictures"]()
    return found


def test_the_pictures_are_in_step_with_the_samples() -> None:
    committed = {path.name: path.read_text(encoding="utf-8") for path in PLACE.glob("*.svg")}
    assert committed == drawn(), "run `python3 dev.py pictures`"


def test_every_picture_is_shown() -> None:
    gallery = (SAMPLES / "README.md").read_text(encoding="utf-8")
    for name in drawn():
        page = SAMPLES / name.split(".")[0] / "README.md"
        assert f"(../../docs/images/samples/{name})" in page.read_text(encoding="utf-8"), page
        assert f"../docs/images/samples/{name}" in gallery, f"samples/README.md shows no {name}"


def test_pictures_are_small() -> None:
    for path in PLACE.glob("*.svg"):
        assert path.stat().st_size < 40_000, Path(path).name
