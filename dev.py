#!/usr/bin/env python3
"""The project's commands: `python3 dev.py demo | test | check | pictures | models | setup`.

Needs Python 3.11 or later with pip, and nothing else: it makes `.venv`, installs the project there (with uv and the
committed lock where that works, with pip otherwise) and goes on inside it. `.ci/run` runs `check` and no more.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "tenuto-setup"
SAMPLE = ROOT / "samples" / "order_fulfilment"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="dev.py", description="Set up, try, test and check Tenuto.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("demo", help="run the order fulfilment sample to its end")
    tests = commands.add_parser("test", help="run the tests")
    tests.add_argument("pytest", nargs=argparse.REMAINDER, help="arguments for pytest")
    commands.add_parser("check", help="format, lint, types, import contracts, tests: what CI runs")
    commands.add_parser("pictures", help="draw the samples again: docs/images/samples")
    commands.add_parser("models", help="write what is made of the YAML form's models: JSON Schema, table, page of keys")
    commands.add_parser("setup", help="make .venv and install the project in it")
    chosen = parser.parse_args(arguments)
    try:
        set_up()
        if chosen.command == "demo":
            return demo()
        if chosen.command == "test":
            return run_pytest(chosen.pytest)
        if chosen.command == "pictures":
            return subprocess.call([PYTHON, ROOT / "docs" / "pictures.py"], cwd=ROOT, env=environment())
        if chosen.command == "models":
            return write_made_of_models()
        return check() if chosen.command == "check" else 0
    except SetupError as error:
        print(f"dev.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


# Commands


def demo() -> int:
    say("Running samples/order_fulfilment. The states and activities appear below as they happen.")
    code = subprocess.call(
        [VENV / "bin" / "tenuto", "run", *sample_arguments()], cwd=ROOT, env=environment()
    )  # fmt: skip
    if code == 0:
        say("That was a durable run; `.venv/bin/tenuto list` shows it, `.venv/bin/tenuto db stop` ends its database.")
    return code


def sample_arguments() -> list[str]:
    """What the sample's own folder says it is run with."""
    here = SAMPLE.relative_to(ROOT)
    return [
        str(here / "order_fulfilment.tenuto"),
        "--input", f"@{here / 'input.json'}",
        "--activities", str(here / "activities.py"),
    ]  # fmt: skip


def check() -> int:
    failed = [name for name, command in STATIC.items() if not step(name, command)]
    if failed:
        say(f"FAILED: {', '.join(failed)} (see above). The tests run all the same.")
    code = run_pytest([])
    return code or (1 if failed else 0)


MADE_OF_MODELS = {
    "grammars/tenuto_grammars/workflow.schema.json": ["tenuto", "schema"],
    "dsl/tenuto_dsl/syntax/yaml/table.py": ["tenuto_dsl.syntax.yaml.tabulate"],
    "docs/language/yaml.md": ["tenuto_dsl.syntax.yaml.reference"],
}


def write_made_of_models() -> int:
    for name, module in MADE_OF_MODELS.items():
        made = subprocess.run([PYTHON, "-m", *module], cwd=ROOT, env=environment(), stdout=subprocess.PIPE, check=False)
        if made.returncode != 0:
            return made.returncode
        (ROOT / name).write_bytes(made.stdout)  # only now: a table that is half written would stop the next attempt
    return 0


STATIC = {
    "ruff format": ["ruff", "format", "--check", "."],
    "ruff check": ["ruff", "check", "."],
    "mypy": ["mypy"],
    "import contracts": ["lint-imports"],
}


def step(name: str, command: Sequence[str]) -> bool:
    say(name)
    began = time.monotonic()
    code = subprocess.call([VENV / "bin" / command[0], *command[1:]], cwd=ROOT, env=environment())
    print(f"   {'ok' if code == 0 else 'FAILED'} in {time.monotonic() - began:.1f} s", flush=True)
    return code == 0


def run_pytest(arguments: Sequence[str]) -> int:
    say("pytest")
    # Many tests wait, for leases and for processes: one worker more than there are cores keeps the cores busy.
    spread = [] if arguments else ["-n", str((os.cpu_count() or 1) + 1), "--dist", "worksteal"]
    return subprocess.call([PYTHON, "-m", "pytest", *spread, *arguments], cwd=ROOT, env=environment())


# Setting up


class SetupError(Exception):
    """The environment cannot be made; the message says why."""


def set_up() -> None:
    """Make `.venv` match this Python, pyproject.toml and uv.lock; nothing to do when it does."""
    if sys.version_info < (3, 11):  # noqa: UP036 - run by whatever `python3` is, before anything is installed
        raise SetupError(f"Python 3.11 or later is needed; this is {sys.version.split()[0]} ({sys.executable})")
    wanted = fingerprint()
    if STAMP.exists() and STAMP.read_text() == wanted and PYTHON.exists():
        return
    say("Setting up .venv (once; it takes half a minute or so)")
    began = time.monotonic()
    first_working("make .venv", venv_with_pip, venv_with_outer_pip, venv_by_virtualenv)
    first_working("install the project", install_with_uv, install_with_pip)
    STAMP.write_text(wanted)
    print(f"   ready in {time.monotonic() - began:.0f} s", flush=True)


def fingerprint() -> str:
    digest = hashlib.sha256(f"{sys.version} {sys.base_prefix} {ROOT}".encode())
    for name in ("pyproject.toml", "uv.lock"):
        path = ROOT / name
        digest.update(path.read_bytes() if path.exists() else b"-")
    return digest.hexdigest()


def first_working(what: str, *ways: Callable[[], None]) -> None:
    """Try the ways in turn; say what failed only when all did."""
    complaints = []
    for way in ways:
        try:
            way()
            return
        except (SetupError, OSError) as error:
            complaints.append(f"{way.__name__}: {error}")
    raise SetupError(f"cannot {what}\n  " + "\n  ".join(complaints))


def venv_with_pip() -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    run([sys.executable, "-m", "venv", str(VENV)])
    run([str(PYTHON), "-m", "pip", "--version"])


def venv_with_outer_pip() -> None:
    """Debian's Python has `venv` without ensurepip: bring pip in from outside."""
    shutil.rmtree(VENV, ignore_errors=True)
    run([sys.executable, "-m", "venv", "--without-pip", str(VENV)])
    run([sys.executable, "-m", "pip", "install", "--quiet", "--target", str(site_packages()), "pip"])
    run([str(PYTHON), "-m", "pip", "--version"])


def venv_by_virtualenv() -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    tools = VENV / "tools"
    run([sys.executable, "-m", "pip", "install", "--quiet", "--target", str(tools), "virtualenv"])
    run([sys.executable, "-m", "virtualenv", str(VENV)], PYTHONPATH=str(tools))
    shutil.rmtree(tools, ignore_errors=True)


def site_packages() -> Path:
    return VENV / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"


def install_with_uv() -> None:
    """Exactly the versions of uv.lock."""
    if not (ROOT / "uv.lock").exists():
        raise SetupError("there is no uv.lock")
    run([str(PYTHON), "-m", "pip", "install", "--quiet", "uv"])
    run(
        [str(VENV / "bin" / "uv"), "sync", "--frozen", "--inexact", "--compile-bytecode", "--python", str(PYTHON)],
        UV_PROJECT_ENVIRONMENT=str(VENV),
    )


def install_with_pip() -> None:
    """The newest versions pyproject.toml allows: for a package index that uv or the lock's addresses don't reach."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    run([str(PYTHON), "-m", "pip", "install", "--quiet", "-e", str(ROOT), *project["dependency-groups"]["dev"]])


def run(command: Sequence[str], **variables: str) -> None:
    """Run quietly; what it said becomes the error when it fails."""
    done = subprocess.run(
        command, cwd=ROOT, env=environment() | variables, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
    )  # fmt: skip
    if done.returncode != 0:
        last = "\n    ".join(done.stdout.strip().splitlines()[-8:])
        raise SetupError(f"{Path(command[0]).name} {' '.join(command[1:4])} … failed:\n    {last}")


def environment() -> dict[str, str]:
    """Ours, without what would lead a tool to another environment; compiled modules keep start-up times honest."""
    foreign = {"PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX"}
    return {name: value for name, value in os.environ.items() if name not in foreign}


def say(text: str) -> None:
    print(f"== {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
