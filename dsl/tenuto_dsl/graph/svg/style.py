"""Colours and lines, for light and for dark: one style sheet with variables, the scheme chosen by the reader's system
or fixed."""

from __future__ import annotations

from typing import Literal, TypeAlias

Theme: TypeAlias = Literal["light", "dark", "auto"]

SCOPE = "tenuto"
"""The class of a picture: its rules hold inside of it, not for the page it stands in."""

FONT = "ui-sans-serif,system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"

_LIGHT = {
    "paper": "#ffffff", "ink": "#1b2733", "soft": "#5b6876", "line": "#8492a1", "box": "#f6f8fa", "edge": "#a9b4c0",
    "frame": "#fbfcfd", "main": "#2563a8", "mainbox": "#eef5fc", "time": "#7a5ea8", "error": "#c0453a",
    "cancel": "#b7791f", "ok": "#2f8a4c",
    "okbox": "#e9f6ec", "errorbox": "#fdeeec", "cancelbox": "#fdf4e0", "timebox": "#f1edf8",
}  # fmt: skip
_DARK = {
    "paper": "#0d1117", "ink": "#e6edf3", "soft": "#9aa7b4", "line": "#76838f", "box": "#1c232c", "edge": "#4a5663",
    "frame": "#12181f", "main": "#6cb0f5", "mainbox": "#14273d", "time": "#b79cea", "error": "#f0857a",
    "cancel": "#e0ac4f", "ok": "#5cc47c",
    "okbox": "#12301d", "errorbox": "#3a1c1a", "cancelbox": "#362a12", "timebox": "#272038",
}  # fmt: skip

_RULES = (
    "text{fill:var(--ink);white-space:pre}.soft,.note{fill:var(--soft)}.label{fill:var(--ink)}"
    ".heading,.name,.region{font-weight:600}.region{fill:var(--soft)}"
    ".paper{fill:var(--paper)}.root{fill:none;stroke:var(--edge);stroke-opacity:.55}"
    ".box{fill:var(--box);stroke:var(--edge);stroke-width:1.3}.group{fill:var(--frame);stroke:var(--edge);stroke-width:1.3}"
    ".on>.box{fill:var(--mainbox);stroke:var(--main)}.on>.group{stroke:var(--main)}"
    ".rim{fill:none;stroke-width:1.3}"
    ".return>.box,.complete>.box{fill:var(--okbox);stroke:var(--ok)}.return>.rim,.complete>.rim{stroke:var(--ok)}"
    ".fail>.box{fill:var(--errorbox);stroke:var(--error)}.fail>.rim{stroke:var(--error)}"
    ".cancelled>.box{fill:var(--cancelbox);stroke:var(--cancel)}.cancelled>.rim{stroke:var(--cancel)}"
    ".continue>.box{fill:var(--timebox);stroke:var(--time)}.continue>.rim{stroke:var(--time)}"
    ".now>.box{fill:var(--main);stroke:var(--main)}.now>text,.now>text .note{fill:var(--paper)}"
    ".now>.soft{fill:var(--paper)}.now>.glyph{stroke:var(--paper)}.around>.group{stroke:var(--main);stroke-width:2.6}"
    ".divider{stroke:var(--edge);stroke-width:1.2;stroke-dasharray:5 4}"
    ".way{fill:none;stroke-width:1.5;stroke-linejoin:round}.glyph{fill:none;stroke:var(--soft);stroke-width:1.1;"
    "stroke-linejoin:round;stroke-linecap:round}.dot{fill:var(--ink)}"
    ".history{fill:var(--paper);stroke:var(--line)}"
)
_TONES = {
    "main": ("main", "stroke-width:2.4"), "plain": ("line", ""),
    "time": ("time", "stroke-dasharray:2 4;stroke-linecap:round"),
    "error": ("error", "stroke-dasharray:7 4"), "cancel": ("cancel", "stroke-dasharray:9 3 2 3"),
}  # fmt: skip


def style_sheet(theme: Theme) -> str:
    """The rules of a picture."""
    tones = "".join(
        f".{tone} .way{{stroke:var(--{colour});{extra}}}.{tone} .head{{fill:var(--{colour})}}"
        + (f".{tone} .glyph{{stroke:var(--{colour})}}" if tone != "plain" else "")
        for tone, (colour, extra) in _TONES.items()
    )
    own = f".{SCOPE}"
    if theme == "auto":
        schemes = f"{own}{{{_variables(_LIGHT)}}}@media(prefers-color-scheme:dark){{{own}{{{_variables(_DARK)}}}}}"
    else:
        schemes = f"{own}{{{_variables(_LIGHT if theme == 'light' else _DARK)}}}"
    return schemes + "".join(
        f"{','.join(f'{own} {selector}' for selector in rule.split('{')[0].split(','))}{{{rule.split('{')[1]}}}"
        for rule in (_RULES + tones).split("}")
        if rule
    )


def _variables(colours: dict[str, str]) -> str:
    return ";".join(f"--{name}:{value}" for name, value in colours.items())
