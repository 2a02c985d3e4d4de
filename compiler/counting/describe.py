"""What an equation is, in a few words, seen from its form alone: `conv 5×5, table 60/96`, `dense`, `max 2×2`.

An equation that a user writes by hand is described like the prelude's.
"""

from __future__ import annotations

from collections.abc import Sequence

from netc.compiler.counting.count import parameters
from netc.compiler.counting.points import holds_constants
from netc.compiler.elaborate.model import Equation
from netc.compiler.statements.expressions import (
    BATCH,
    Affine,
    Apply,
    Expr,
    Index,
    Kind,
    Number,
    Read,
    Reduce,
    reads,
    walk,
)


def describe(equations: Sequence[Equation]) -> str:
    """A description of the equations of one row: the forms that hold parameters, else the reductions, else nothing."""
    found = [d for d in (_weighted(e) for e in equations if holds_constants(e)) if d]
    found = found or [d for d in (_pooling(e) for e in equations) if d]
    return _count_repeats(found)


def _count_repeats(found: Sequence[str]) -> str:
    counts: dict[str, int] = {}
    for d in found:
        counts[d] = counts.get(d, 0) + 1
    return " → ".join(d if n == 1 else f"{n} × {d}" for d, n in counts.items())


def _weighted(equation: Equation) -> str:
    for x in walk(equation.value):
        if not isinstance(x, Reduce) or x.operation != "sum":
            continue
        kernel = next((r for r in reads(x.body) if r.variable.kind in (Kind.PARAMETER, Kind.CONSTANT)), None)
        data = next((r for r in reads(x.body) if r.variable.kind not in (Kind.PARAMETER, Kind.CONSTANT)), None)
        if data is None:
            continue
        window = _window(data, x.indices)
        if kernel is None:
            return f"sum {window}" + _coefficients(equation) if window else ""
        if _squares(x.body):
            return "rbf, fixed codes" if kernel.variable.kind is Kind.CONSTANT else "rbf"
        if kernel.variable.kind is Kind.CONSTANT:
            return f"fixed kernel {window}" if window else "fixed weights"
        return (f"conv {window}" if window else "dense") + _table(kernel)
    return ""


def _pooling(equation: Equation) -> str:
    for x in walk(equation.value):
        if isinstance(x, Reduce) and BATCH not in x.indices:
            data = reads(x.body)
            window = _window(data[0], x.indices) if data else ""
            if x.operation in ("max", "min", "mean", "sum") and window:
                return f"{x.operation} {window}"
            if x.operation in ("mean", "max") and data and len(x.indices) > 1:
                return f"{x.operation} over all"
    return ""


def _window(data: Read, over: Sequence[Index]) -> str:
    """`5×5` where reduced indices move a window along the axes of what is read."""
    sizes = []
    for place in data.indices:
        if isinstance(place, Affine) and len(place.terms) > 1:
            sizes += [i.domain.size for i in place.indices if i in over]
    return "×".join(map(str, sizes))


def _coefficients(equation: Equation) -> str:
    product = any(
        isinstance(x, Apply) and x.function == "*" and any(_parameter(a) for a in x.arguments)
        for x in walk(equation.value)
    )
    added = any(
        isinstance(x, Apply) and x.function == "+" and any(_parameter(a) for a in x.arguments)
        for x in walk(equation.value)
    )
    return (", coefficient" if product else "") + (", bias" if added else "")


def _parameter(e: Expr) -> bool:
    return isinstance(e, Read) and e.variable.kind is Kind.PARAMETER


def _squares(body: Expr) -> bool:
    return isinstance(body, Apply) and (
        (body.function == "^" and body.arguments[1] == Number(2))
        or (body.function == "*" and body.arguments[0] == body.arguments[1])
    )


def _table(kernel: Read) -> str:
    """`, table 60/96`: how many of the kernels exist, where a support says that some do not."""
    variable = kernel.variable
    if variable.support is None:
        return ""
    grid = [axis for axis, i in zip(variable.axes, variable.support.indices, strict=True) if i in _named(variable.support.condition)]
    whole = 1
    for axis in grid:
        whole *= axis.points()
    dense = 1
    for axis in variable.axes:
        dense *= axis.points()
    held = parameters(variable) * whole // dense
    return f", table {held}/{whole}" if held != whole else ""


def _named(condition: Expr) -> set[Index]:
    return {i for r in walk(condition) if isinstance(r, Read) for p in r.indices if isinstance(p, Affine) for i in p.indices}
