"""How many samples a thread computes together: few where each has many rows, so that what is made of them stays in its cache.

The weights are then read again for every tile: that costs nothing where a product with them has many rows for each sample.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from netc.compiler.kernels.products import Product
from netc.compiler.schedule import Item, Scan
from netc.compiler.statements.domains import Length
from netc.compiler.statements.expressions import BATCH, Index
from netc.compiler.statements.program import Statement

_CACHED = 131072  # numbers of the largest variable that a tile has: several of these lie in the second cache
_ROWS = 32  # that a product has for each sample
_FEW = 4096  # weights that may be read for every sample


def tile_size(items: Sequence[Item], products: Mapping[Statement, Product], share: int, lengths: Mapping[Length, int]) -> int:
    """At most `share`, a thread's part of the batch. A scan has its rows from the samples alone and takes them all."""
    if any(isinstance(item, Scan) for item in items) or any(_thin(p, lengths) for p in products.values()):
        return share
    made = [item.target for item in items if isinstance(item, Statement) and item.target.per_sample]
    largest = max((math.prod(a.points(lengths) for a in v.axes) for v in made), default=1)
    most = max(1, min(share, _CACHED // max(largest, 1)))
    return next((n for n in range(most, most // 2, -1) if share % n == 0), most)  # no thread waits for another's last tile


def _thin(p: Product, lengths: Mapping[Length, int]) -> bool:
    """Whether a product reads many weights for few rows of a sample."""
    if p.b.place.tile.terms or not p.out.place.variable.per_sample or BATCH not in {*p.rows.indices, *p.outer}:
        return False
    weights = _points((*p.columns.indices, *p.inner.indices), lengths)
    return weights > _FEW and _points(p.rows.indices, lengths) < _ROWS


def _points(indices: Iterable[Index], lengths: Mapping[Length, int]) -> int:
    return math.prod(i.domain.points(lengths) for i in indices if i is not BATCH)
