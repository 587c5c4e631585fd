"""How long `tenuto lint` takes for a file of a thousand lines, start-up included.

    python -m benchmarks.lint [--lines 1000] [--times 9]

The file is made of the samples: their declarations and workflows over and over, each copy under names of its own, so
that every construct is one that somebody would write. Beside it: the same in the YAML form, the smallest file there is,
and what Python alone costs. Compiled modules are on disk, as they are after an installation; parser tables, too.

The processor's time is told beside the clock's: it is what the command would take on an idle machine, nearly.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ("order_fulfilment", "polling", "sms_otp", "support")
DECLARED = re.compile(r"^(?:type|error|config|activity|workflow)\s+(\w+)", re.MULTILINE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=1000)
    parser.add_argument("--times", type=int, default=9)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tenuto-lint-") as folder:
        text = Path(folder, "large.tenuto")
        text.write_text(many_lines(chosen.lines))
        small = Path(folder, "small.tenuto")
        small.write_text("workflow w() { do { wait 1s } }\n")
        yaml = Path(folder, "large.yaml")
        made = subprocess.run(
            [sys.executable, "-m", "tenuto", "convert", str(text), "--to", "yaml"], capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        subjects = [("1,000 lines of text" if chosen.lines == 1000 else f"{chosen.lines} lines of text", text)]
        if made.returncode == 0 and made.stdout:
            yaml.write_text(made.stdout)
            subjects.append((f"the same as YAML ({made.stdout.count(chr(10))} lines)", yaml))
        for name, file in [*subjects, ("one line", small)]:
            report(f"tenuto lint, {name}", [sys.executable, "-m", "tenuto", "lint", str(file)], chosen.times)
        report("python -c pass", [sys.executable, "-c", "pass"], chosen.times)


def many_lines(lines: int) -> str:
    """The samples, copied until there are so many lines; the last copy is cut after a whole sample."""
    texts: list[str] = []
    copy = 0
    while sum(text.count("\n") for text in texts) < lines:
        copy += 1
        texts += [renamed(sample, f"{sample}_{copy}") for sample in SAMPLES]
    while sum(text.count("\n") for text in texts[:-1]) >= lines:
        texts.pop()
    return "\n".join(texts)


def renamed(sample: str, suffix: str) -> str:
    """A sample whose declarations have names of their own; without its tests, which name errors of one sample only."""
    text = (ROOT / "samples" / sample / f"{sample}.tenuto").read_text(encoding="utf-8")
    text = re.split(r"^test ", text, maxsplit=1, flags=re.MULTILINE)[0]
    names = sorted(set(DECLARED.findall(text)), key=len, reverse=True)
    tail = "".join(part.capitalize() for part in suffix.split("_"))
    for name in names:
        new = f"{name}{tail}" if name[0].isupper() else f"{name}_{suffix}"
        text = re.sub(rf"(?<![\w\"]){name}(?![\w\"])", new, text)
        text = text.replace(f'calls("{name}")', f'calls("{new}")')
    return text


def report(name: str, command: list[str], times: int) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    seconds: list[float] = []
    busy: list[float] = []
    for _ in range(times + 1):
        used = processor_time()
        began = time.perf_counter()
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        seconds.append(time.perf_counter() - began)
        busy.append(processor_time() - used)
        assert done.returncode == 0, f"{command} failed:\n{done.stdout[-2000:]}{done.stderr}"
    seconds, busy = seconds[1:], busy[1:]  # the first one may have compiled modules
    print(
        f"{name:44s} median {statistics.median(seconds):5.2f} s   least {min(seconds):5.2f} s   "
        f"processor {min(busy):5.2f} s   ({times} times)",
        flush=True,
    )


def processor_time() -> float:
    """Of all processes that were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
