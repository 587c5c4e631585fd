"""docs/cli.md documents every command with every argument and option, and nothing that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tenuto.cli.app import app, db, types_app
from tenuto.cli.stop import Exit

PAGE = (Path(__file__).parents[3] / "docs" / "cli.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## tenuto ([a-z ]+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def commands() -> Iterator[tuple[str, Any]]:
    for name in app:
        if not name.startswith("-") and name not in ("db", "types"):
            yield name, app[name]
    for group, inner in (("db", db), ("types", types_app)):
        for name in inner:
            if not name.startswith("-"):
                yield f"{group} {name}", inner[name]


COMMANDS = dict(commands())


def arguments(command: Any) -> dict[str, str]:
    """Names (an option's are joined) to help."""
    found = command.assemble_argument_collection(parse_docstring=True)
    return {
        " ".join(sorted(item.names, key=len)): " ".join(str(item.parameter.help or "").split())
        for item in found
        if item.names and "*" not in item.names
    }


def test_every_command_has_its_section() -> None:
    assert sorted(SECTIONS) == sorted(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_argument_and_option_is_there_as_help_says(name: str) -> None:
    section = SECTIONS[name]
    rows = {
        " ".join(re.findall(r"`([^`]+)`", first)): text.replace("\\|", "|")
        for first, text in re.findall(r"^\| (`.+?`) \| (.*) \|$", section, re.MULTILINE)
    }
    assert rows == arguments(COMMANDS[name])
    assert all(rows.values()), "every one has a sentence"
    usage = re.search(r"^```\n(.*)\n```", section, re.MULTILINE)
    assert usage is not None
    assert usage[1].startswith(f"tenuto {name}")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_description_is_the_help(name: str) -> None:
    help_text = " ".join(str(COMMANDS[name].help).split("Parameters ---")[0].split())
    first = help_text.split(". ")[0].rstrip(".")
    assert first in " ".join(SECTIONS[name].split())


def test_every_exit_code_is_there() -> None:
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)}
    assert documented == {int(code) for code in Exit}
