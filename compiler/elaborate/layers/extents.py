"""A declaration reads a table or a constant at its own axes, from the first point of each to the last.

The axes of `param K[o: n, c: C] where links[c, o]` are what the parameter is; a table of another size is not cut to it.
"""

from __future__ import annotations

from netc.compiler.diagnostics.problems.tables import EmptyLine, ReadInPart
from netc.compiler.elaborate.scope import Broken, Build, Scope
from netc.compiler.elaborate.values import shape_text
from netc.compiler.source.text import Span
from netc.compiler.statements.domains import Domain
from netc.compiler.statements.expressions import Affine, Expr, Index, Variable, reads
from netc.compiler.syntax import tree


def check_extents(e: Expr, indices: tuple[Index, ...], item: tree.Item, span: Span, scope: Scope) -> None:
    """Every read whose places are axes of the declaration. Raises Broken for one that leaves points of the table out, or lacks some."""
    sizes = dict(zip(indices, item.axes, strict=False))
    for read in reads(e):
        met = {k: p.plain for k, p in enumerate(read.indices) if isinstance(p, Affine) and p.const == 0 and p.plain in sizes}
        axes = read.variable.axes
        wanted = tuple(met[k].domain if k in met else axis for k, axis in enumerate(axes))
        if [(a.lo, a.hi) for a in wanted] == [(a.lo, a.hi) for a in axes]:
            continue
        texts = {k: _size(sizes[i]) for k, i in met.items() if i is not None}
        unlike = tuple((k, str(wanted[k].size), str(axes[k].size), texts[k]) for k in met if wanted[k].size != axes[k].size)
        given = tuple(f"{text} = {wanted[k].size}" for k, text in texts.items() if text)
        user = f"`{scope.layer}`" if scope.layer else f"`{item.name.name}`"
        raise Broken(
            ReadInPart(span, _called(read.variable), user, _shape(axes), _shape(wanted).removesuffix(" long"), given, unlike, len(axes) == 2, read.variable.span)
        )


def check_links(b: Build, e: Expr, scope: Scope) -> None:
    """Warn of tables that say which weights there are and leave a row or a column out; a table that is a picture may be empty there."""
    for table in dict.fromkeys(b.tables[r.variable] for r in reads(e) if r.variable in b.tables):
        for k, row in enumerate(table.rows):
            if not any(row):
                b.report(EmptyLine(table.row_spans[k], table.name.name, "row", k), scope)
        for k, column in enumerate(zip(*table.rows, strict=True)):
            if not any(column):
                b.report(EmptyLine(table.name.span, table.name.name, "column", k), scope)


def _shape(axes: tuple[Domain, ...]) -> str:
    return f"{axes[0].size} long" if len(axes) == 1 and axes[0].lo == 0 else shape_text(axes)


def _called(variable: Variable) -> str:
    return f"the table `{variable.name.removeprefix('table ')}`" if variable.name.startswith("table ") else f"`{variable.name}`"


def _size(axis: tree.Expr) -> str:
    """The size as it is written, where it is a name or a form of names."""
    size = axis.size if isinstance(axis, tree.AxisName) else axis
    return "" if isinstance(size, tree.Number) else size.span.text
