"""Homes for servers that the tests of this folder start, stop and mistreat."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.quick_disk import QUICK_DISK
from tests.runtime.server.homes import clean_up


@pytest.fixture
def home() -> Iterator[Path]:
    """A home of its own, reachable by the server's user, with its server ended afterwards."""
    base = Path(tempfile.mkdtemp(prefix="tenuto-home-", dir=QUICK_DISK))
    base.chmod(0o711)
    yield base / "home"
    clean_up(base / "home")
    shutil.rmtree(base, ignore_errors=True)
