"""Diagnostics as people and tools read them: `text`, `json`, `github` (workflow commands), `sarif` (2.1.0)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tenuto_dsl.diagnostics.model import Diagnostic
from tenuto_dsl.diagnostics.render.github import render_github
from tenuto_dsl.diagnostics.render.json import render_json
from tenuto_dsl.diagnostics.render.sarif import render_sarif
from tenuto_dsl.diagnostics.render.text import render_text

Renderer = Callable[[Sequence[Diagnostic], Mapping[str, str]], str]
"""Diagnostics, and the sources by file name, to what is printed."""

RENDERERS: dict[str, Renderer] = {
    "text": render_text,
    "json": render_json,
    "github": render_github,
    "sarif": render_sarif,
}

__all__ = ["RENDERERS", "Renderer", "render_github", "render_json", "render_sarif", "render_text"]
