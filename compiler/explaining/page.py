"""An explanation as text of fixed width, for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from netc.compiler.diagnostics.render.text import width_of
from netc.compiler.explaining.model import Count, Facts, Grid

_WIDE = 116  # columns that an equation may take before it is continued on the next line
_BREAKS = re.compile(r"(?<=\S)(?= (?:[-+*/] |if |else ))")


class Explanation(Facts):
    """A name of a net worked out; as text it is a page."""

    def __str__(self) -> str:
        return page(self)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def page(e: Facts) -> str:
    """Everything, section by section."""
    sections = [
        f"{e.name}  {e.what}".rstrip() + f"\n\n    {e.source}\n    {e.place}, net {e.net}",
        _section("equations", [line for text in e.equations for line in _continued(text)]),
        _section("indices", [" · ".join(f"{names} {over}" for names, over in e.indices)] if e.indices else []),
        _section("sizes", _columns(_sizes(e))),
        *(_count(c, e.lengths if c.name != "parameters" else {}) for c in e.counts),
        *(_grid(g) for g in e.grids),
        _gradients(e),
        _section("LaTeX", e.latex),
        _parts(e),
    ]
    return "\n\n".join(s for s in sections if s) + "\n"


def _section(title: str, lines: Sequence[str]) -> str:
    return "\n".join([f" {title}", *(f"    {line}".rstrip() for line in lines)]) if lines else ""


def _continued(text: str) -> Iterator[str]:
    """A long equation goes on below, before an operator."""
    line = ""
    for piece in _BREAKS.split(text):
        if line and len(line) + len(piece) > _WIDE:
            yield line
            line = "    " + piece
        else:
            line += piece
    yield line


def _sizes(e: Facts) -> list[tuple[str, str, str, str]]:
    """What the equations do with a variable stands only where it changes."""
    before = ["", *(s.role for s in e.sizes)]
    return [("" if s.role == last else s.role, s.name, s.sizes, s.what) for s, last in zip(e.sizes, before, strict=False)]


def _columns(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    if not rows:
        return []
    widths = [max(width_of(r[k]) for r in rows) for k in range(len(rows[0]))]
    return [
        "  ".join(" " * (w - width_of(c)) + c if k in right else c + " " * (w - width_of(c)) for k, (c, w) in enumerate(zip(r, widths, strict=True)))
        for r in rows
    ]


def _count(count: Count, lengths: Mapping[str, int]) -> str:
    rows = [
        (p.what, " × ".join(f"{f.points:,}{f' ({f.of})' if f.of else ''}" for f in p.factors) or "1", "=", f"{p.points:,}") for p in count.products
    ]
    if len(rows) > 1:
        rows.append(("", "together", "=", f"{count.total:,}"))
    basis = f"  at {', '.join(f'{n} = {k}' for n, k in lengths.items())}" if lengths else ""
    return _section(f"{count.name}  {count.total:,}{basis}", _columns(rows, (3,))) or f" {count.name}  {count.total:,}{basis}"


def _grid(grid: Grid) -> str:
    """Rows and columns numbered; beside and below, how many stand in each."""
    sums = [sum(row[k] for row in grid.rows) for k in range(len(grid.rows[0]))]
    rows = [
        (f"{grid.down}, {grid.across}", *(str(k) for k in range(len(sums))), ""),
        *((str(k), *("X" if x else "." for x in row), str(sum(row))) for k, row in enumerate(grid.rows)),
        ("", *map(str, sums), str(sum(sums))),
    ]
    head = f"{grid.name}  {sum(sums):,} of {len(grid.rows) * len(sums):,}"
    return _section(head, _columns(rows, tuple(range(len(sums) + 2))))


def _gradients(e: Facts) -> str:
    if not e.gradients:
        return ""
    told = "dx is what the loss changes by with x"
    told += "; += adds to what arrives from elsewhere" if any(" += " in g for g in e.gradients) else ""
    return _section(f"gradient  {told}", [line for text in e.gradients for line in _continued(text)])


def _parts(e: Facts) -> str:
    def count(n: int) -> str:
        return f"{n:,}" if n else "–"

    rows = [(p.name, p.what, p.output, count(p.params), count(p.connections), count(p.macs)) for p in e.parts]
    table = _columns([("name", "what", "output", "params", "connections", "MACs"), *rows], (3, 4, 5)) if rows else []
    return _section("opens into  explain one of these names", table)
