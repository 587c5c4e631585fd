"""Draw the samples: docs/images/samples/NAME.svg for each workflow of samples/. Run by `python3 dev.py pictures`.

A test compares the committed pictures with what this gives, so they are never out of step.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tenuto_dsl import Diagnostics, check_source
from tenuto_dsl.graph import chart_of, render_svg

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / "docs" / "images" / "samples"


def pictures() -> dict[str, str]:
    """The pictures by the names of their files: the sample's, and the workflow's where that is another."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "samples").glob("*/*.tenuto")):
        sink = Diagnostics()
        checked = check_source(path.as_posix(), path.read_text(encoding="utf-8"), sink)
        if sink.has_errors:
            raise SystemExit(f"{path} has errors: see `tenuto lint`")
        for workflow in checked.facts.workflows:
            name = workflow.node.name.text
            sample = path.parent.name
            file = f"{sample}.svg" if name == sample else f"{sample}.{name}.svg"
            found[file] = render_svg(chart_of(checked.facts, workflow))
    return found


def main() -> int:
    PLACE.mkdir(parents=True, exist_ok=True)
    wanted = pictures()
    for old in PLACE.glob("*.svg"):
        if old.name not in wanted:
            old.unlink()
            print(f"removed {old.name}")
    for name, text in wanted.items():
        path = PLACE / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"drew {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
