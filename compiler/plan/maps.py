"""Maps: a pointwise body written, or added, to a target; where writes overlap, window point by window point."""

from __future__ import annotations

from netc.compiler.plan.access import Access
from netc.compiler.plan.contract import offsets
from netc.compiler.plan.model import Operand
from netc.compiler.plan.pointwise import evaluate
from netc.compiler.plan.windows import window_indices
from netc.compiler.plan.workspace import Workspace
from netc.compiler.statements.expressions import BATCH, Read
from netc.compiler.statements.program import Statement


def bind_map(w: Workspace, s: Statement, adds: bool) -> None:
    """The steps of a map. A body that is the same at all points of the window is computed once."""
    small = window_indices(w, s)
    held = _held(w, s) if small and not isinstance(s.body, Read) and w.present(s.body).isdisjoint(small) else None
    for at in offsets(w, small):
        order = w.stored_order(s.target, s.place, at)
        out = w.access(s.target, s.place, at).operand(order)
        if held is not None:
            _write(w, held.operand(order), out, adds)
        elif adds:
            _write(w, evaluate(w, s.body, order, at, None), out, adds)
        else:
            _write(w, evaluate(w, s.body, order, at, out), out, adds)


def _held(w: Workspace, s: Statement) -> Access:
    """The value of a body computed once, for several writes."""
    present = w.present(s.body)
    order = [i for i in w.stored_order(s.target, s.place, {}) if i is BATCH or i in present]
    held = w.scratch(order)
    out = held.operand(order)
    _write(w, evaluate(w, s.body, order, {}, out), out, False)
    return held


def _write(w: Workspace, result: Operand | float, out: Operand, adds: bool) -> None:
    """A result where it belongs; what was computed in place is there."""
    if adds:
        w.elementwise("+", (out, result), out)
    elif isinstance(result, float):
        w.elementwise("fill", (result,), out)
    elif result is not out:
        w.elementwise("copy", (result,), out)
