"""Small pictures beside names: paths in a square of 12, drawn with lines as thick as text."""

from __future__ import annotations

from tenuto_dsl.graph.model import Glyph

PATHS: dict[Glyph, str] = {
    "activity": "M7 .8 2.2 6.9h3.3L5 11.2l4.8-6.1H6.5z",
    "workflow": "M1.5 1.5h6v6h-6zM4.5 7.5v3h6v-6h-3",
    "clock": "M6 1a5 5 0 1 0 0 10A5 5 0 1 0 6 1zM6 3.2V6l2 1.4",
    "envelope": "M1 2.5h10v7H1zM1 3l5 3.6L11 3",
    "update": "M1 2.5h10v7H1zM3 6h5.5M6.8 4.2 8.6 6 6.8 7.8",
    "send": "M1 5.4 11 1 8.2 11 5.6 7.2zM5.6 7.2 11 1",
    "error": "M6 1.2 11.2 10.5H.8zM6 4.4v3M6 8.7v.3",
    "cancel": "M6 1a5 5 0 1 0 0 10A5 5 0 1 0 6 1zM4 4l4 4M8 4l-4 4",
    "defer": "M3 5.5V3.8a3 3 0 0 1 6 0v1.7M2 5.5h8v5.3H2z",
    "condition": "M6 .8 11.2 6 6 11.2.8 6z",
    "step": "M4 3l3.2 3L4 9",
}
