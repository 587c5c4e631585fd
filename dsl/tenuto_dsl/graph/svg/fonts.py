"""Widths of texts, estimated: of a wide sans-serif, so that in any other there is a little room left.

The table holds the advances of DejaVu Sans and its bold, in thousandths of the size. Where another font is used, boxes
are a bit roomier; no text ever runs over its box.
"""

from __future__ import annotations

import unicodedata

_FIRST = 32
_REGULAR = (
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636, 636, 636,
    636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863,
    748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635,
    615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636,
    337, 636, 838,
)  # fmt: skip
_BOLD = (
    348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365, 696, 696, 696, 696, 696, 696, 696,
    696, 696, 696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734, 830, 683, 683, 821, 837, 372, 372, 775, 637, 995,
    837, 850, 733, 850, 770, 720, 682, 812, 774, 1103, 771, 724, 725, 457, 365, 457, 838, 500, 500, 675, 716, 593, 716,
    678, 435, 716, 712, 343, 343, 665, 343, 1042, 712, 687, 716, 716, 493, 595, 478, 712, 652, 924, 645, 652, 582, 712,
    365, 712, 838,
)  # fmt: skip
_OTHER = 700
_WIDE = 1000


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """The width of a text, in pixels."""
    table = _BOLD if bold else _REGULAR
    total = 0
    for sign in text:
        index = ord(sign) - _FIRST
        if 0 <= index < len(table):
            total += table[index]
        elif unicodedata.combining(sign):
            continue
        else:
            total += _WIDE if sign in "…—→" or unicodedata.east_asian_width(sign) in "WF" else _OTHER
    return total * size / 1000


def wrapped(text: str, size: float, width: float, lines: int) -> list[str]:
    """The text in at most so many lines of at most that width; what is too long ends in an ellipsis. Lines that all fit
    are made about as long as each other: a last word alone on its line looks like a mistake."""
    found = _filled(text, size, width)
    if len(found) > lines:
        found = [*found[: lines - 1], " ".join(found[lines - 1 :])]
    elif len(found) > 1:
        low, high = width / len(found), width
        while high - low > 1:
            middle = (low + high) / 2
            low, high = (low, middle) if len(_filled(text, size, middle)) == len(found) else (middle, high)
        found = _filled(text, size, high)
    return [cut(line, size, width) for line in found]


def _filled(text: str, size: float, width: float) -> list[str]:
    """The text in lines, each filled as far as that width."""
    found: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if line and width_of(longer, size) > width:
            found.append(line)
            line = word
        else:
            line = longer
    return [*found, line]


def cut(text: str, size: float, width: float, *, bold: bool = False) -> str:
    """The text, or as much of its beginning as fits."""
    if width_of(text, size, bold=bold) <= width:
        return text
    while text and width_of(text + "…", size, bold=bold) > width:
        text = text[:-1]
    return text.rstrip() + "…"
