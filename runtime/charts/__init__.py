"""Pictures of numbers: heat maps, lines and tiles as SVG that stands in a page, light or dark, and asks nothing of the network.

What lives here is drawn from plain arrays and knows no nets; it may import nothing of netc. Text takes the colour of the page
(`currentColor`) and pixels are transparent where a value is 0, so that one picture serves both grounds.
"""

from __future__ import annotations

from netc.runtime.charts.heat import heat
from netc.runtime.charts.lines import lines
from netc.runtime.charts.model import Heat, Lines, Picture, Tiles
from netc.runtime.charts.tiles import tiles


def svg(picture: Picture) -> str:
    """A picture as an SVG element of its natural size."""
    match picture:
        case Heat():
            return heat(picture)
        case Lines():
            return lines(picture)
        case Tiles():
            return tiles(picture)


__all__ = ["svg"]
