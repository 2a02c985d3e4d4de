"""How many samples a thread computes together: few where each has many rows, so that what is made of them stays in its cache.

The weights are then read again for every tile: that costs nothing where a product with them has many rows for each sample.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from netc.compiler.kernels.language.storage import TILE, Place
from netc.compiler.kernels.matrices.products import Product
from netc.compiler.schedule import Item, Scan
from netc.compiler.statements.expressions import BATCH, Index, Kind

_CACHED = 65536  # numbers of the largest variable that a tile has: several of these lie in the second cache
_ROWS = 32  # that a product has for each sample, or as many as a length says


def many_rows(items: Sequence[Item], products: Iterable[Product]) -> bool:
    """Whether tiles may be small. A scan has its rows from the samples alone, and so has a layer behind all points."""
    if any(isinstance(item, Scan) for item in items):
        return False
    weighing = [p for p in products if not p.b.place.variable.per_sample and p.out.place.variable.per_sample]
    return bool(weighing) and all(any(_many(i) for i in p.rows.indices) for p in weighing)


def _many(i: Index) -> bool:
    return i is not BATCH and (not isinstance(i.domain.size, int) or i.domain.size >= _ROWS)


def tile_size(places: Iterable[Place], share: int, sizes: Mapping[str, int]) -> int:
    """Samples of a small tile, at most `share`, which is a thread's part of the batch."""
    made = [p.tile.value({**sizes, TILE: 1}) for p in places if p.tile.terms and p.variable.kind is Kind.TEMPORARY]
    most = max(1, min(share, _CACHED // max(made, default=1)))
    return next((n for n in range(most, most // 2, -1) if share % n == 0), most)  # no thread waits for another's last tile

