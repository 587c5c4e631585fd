"""The extension for VS Code packages what the repository keeps elsewhere, and asks for no language but ours."""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "editors" / "vscode"
PACKAGE = json.loads((FOLDER / "package.json").read_text())


def test_what_is_packaged_is_copied_from_the_repository() -> None:
    contributes = PACKAGE["contributes"]
    wanted = {grammar["path"] for grammar in contributes["grammars"]}
    wanted |= {schema["url"] for schema in contributes["yamlValidation"]}
    copied = set(re.findall(r"\"([\w.]+\.json)\"", (FOLDER / "copy.js").read_text()))
    assert {Path(path).name for path in wanted} == copied
    for name in copied:
        assert (ROOT / "grammars" / "tenuto_grammars" / name).is_file()


def test_the_scopes_are_those_of_the_grammars() -> None:
    for grammar in PACKAGE["contributes"]["grammars"]:
        found = json.loads((ROOT / "grammars" / "tenuto_grammars" / Path(grammar["path"]).name).read_text())
        assert found["scopeName"] == grammar["scopeName"]


def test_the_version_is_that_of_the_package() -> None:
    declared = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert declared is not None
    assert PACKAGE["version"] == declared[1]


def test_the_language_configuration_can_be_read() -> None:
    configuration = json.loads((FOLDER / PACKAGE["contributes"]["languages"][0]["configuration"]).read_text())
    assert configuration["comments"] == {"lineComment": "#"}
    re.compile(configuration["indentationRules"]["increaseIndentPattern"])
