"""The wheel is whole: built, installed into an empty environment away from the checkout, it runs the sample."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.quick_disk import QUICK_DISK

ROOT = Path(__file__).parents[1]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def run(*command: str | Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("TENUTO_", "PYTHON"))}
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=clean | variables, capture_output=True, text=True, timeout=500
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture(scope="module")
def away() -> Iterator[Path]:
    """A place outside of the checkout that an unprivileged server may enter."""
    with tempfile.TemporaryDirectory(prefix="tenuto-away-", dir=QUICK_DISK, ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.fixture(scope="module")
def wheel(away: Path) -> Path:
    """Built from a copy of what the repository holds, so that nothing left lying about gets in."""
    source = away / "source"
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, source / name)
    run(sys.executable, "-m", "venv", away / "building", cwd=away)
    run(away / "building/bin/python", "-m", "pip", "-q", "wheel", "--no-deps", "-w", away / "dist", source, cwd=away)
    [built] = (away / "dist").glob("tenuto-*.whl")
    return built


def test_the_wheel_holds_the_packages_and_their_data(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "tenuto", "tenuto_dsl", "tenuto_grammars", "tenuto_interpreter",
    }  # fmt: skip
    for top in ("tenuto", "tenuto_dsl", "tenuto_grammars", "tenuto_interpreter"):
        assert f"{top}/py.typed" in names
    assert any(name.endswith(".lark") for name in names)
    assert any(name.startswith("tenuto/store/migrations/") and name.endswith(".sql") for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_installed_elsewhere_it_runs_the_sample(wheel: Path, away: Path) -> None:
    run(sys.executable, "-m", "venv", away / "venv", cwd=away)
    run(away / "venv/bin/python", "-m", "pip", "-q", "install", wheel, cwd=away)
    sample = away / "sample"
    shutil.copytree(ROOT / "samples" / "order_fulfilment", sample)
    tenuto = away / "venv/bin/tenuto"
    home = {"TENUTO_HOME": str(away / "home")}
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    try:
        done = run(
            tenuto, "run", "order_fulfilment.tenuto", "--input", "@input.json", "--activities", "activities.py",
            cwd=sample, PAYMENT_SERVICE_PORT=str(port), TENUTO_CONFIG_payments_url=f"http://127.0.0.1:{port}", **home,
        )  # fmt: skip
        assert json.loads(done.stdout)["order_id"] == "A-1001"
        assert len(run(tenuto, "list", "-o", "jsonl", cwd=away, **home).stdout.splitlines()) == 1
    finally:
        run(tenuto, "db", "stop", cwd=away, **home)
