"""Whether a read and a piece can meet: their boxes, compared for all lengths."""

from __future__ import annotations

from collections.abc import Sequence

from netc.compiler.statements.domains import difference
from netc.compiler.statements.expressions import Affine, Expr


def touches(read: Sequence[Affine | Expr], piece: Sequence[Affine | Expr]) -> bool:
    """False where some axis keeps them apart, whatever the lengths are."""
    for a, b in zip(read, piece, strict=True):
        if not isinstance(a, Affine) or not isinstance(b, Affine):
            continue
        (alo, ahi), (blo, bhi) = a.range(), b.range()
        before, behind = difference(blo, ahi), difference(alo, bhi)
        if before is not None and before > 0 or behind is not None and behind > 0:
            return False
    return True
