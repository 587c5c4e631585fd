"""Charts as SVG: `texts` says what is written and how large it is, `layout` where it goes, `render` draws it."""

from tenuto_dsl.graph.svg.render import render_svg
from tenuto_dsl.graph.svg.style import Theme

__all__ = ["Theme", "render_svg"]
