"""Pictures in a notebook: a fragment of HTML whose style touches nothing else on the page."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from netc.runtime.charts import svg
from netc.runtime.charts.marks import escaped
from netc.runtime.charts.model import Picture
from netc.runtime.charts.style import CHARTS


def fragment(heading: str, pictures: Sequence[Picture]) -> str:
    """A line of text with pictures below it."""
    drawn = "".join(f'<div style="margin:4px 14px 4px 0;max-width:100%;overflow-x:auto">{svg(p)}</div>' for p in pictures)
    row = f'<div style="display:flex;flex-wrap:wrap;align-items:flex-start">{drawn}</div>' if drawn else ""
    return f'<div class="netc"><style>{CHARTS}</style><div>{escaped(heading)}</div>{row}</div>'


def embedded(drawing: str, described: str) -> str:
    """A whole SVG file as an image, so that its style stays its own."""
    data = base64.b64encode(drawing.encode()).decode()
    return f'<img style="max-width:100%" alt="{escaped(described)}" src="data:image/svg+xml;base64,{data}">'


def table(header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int]) -> str:
    """Rows of text; the columns in `right` hold numbers. The style is that of the notebook."""

    def cells(row: Sequence[str], tag: str) -> str:
        sides = ["right" if k in right else "left" for k in range(len(row))]
        return "".join(f'<{tag} style="text-align:{side}">{escaped(c)}</{tag}>' for side, c in zip(sides, row, strict=True))

    lines = "".join(f"<tr>{cells(r, 'td')}</tr>" for r in rows)
    return f'<div style="max-width:100%;overflow-x:auto"><table style="margin-left:0"><tr>{cells(header, "th")}</tr>{lines}</table></div>'
