"""What an explanation holds: facts in text, ready to be shown as a page, as LaTeX or as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Size:
    """A variable: its name, its sizes, and what it is: a parameter with its first value, an input, another equation."""

    name: str
    sizes: str
    what: str
    role: str  # reads, holds or gives


@dataclass(frozen=True)
class Factor:
    """A number of a product, and the indices that it counts: `60` for `c, o where C3[c, o]`."""

    points: int
    of: str


@dataclass(frozen=True)
class Product:
    """A part of a count: what is counted, as the product that it is."""

    what: str
    factors: tuple[Factor, ...]
    points: int


@dataclass(frozen=True)
class Count:
    """A count, the sum of its products."""

    name: str
    products: tuple[Product, ...]
    total: int


@dataclass(frozen=True)
class Grid:
    """Where a parameter exists, drawn: `rows[i][j]` is True where it does."""

    name: str
    down: str
    across: str
    rows: tuple[tuple[bool, ...], ...]


@dataclass(frozen=True)
class Part:
    """Something within that can be explained by its own name."""

    name: str
    what: str
    output: str
    params: int
    connections: int
    macs: int


@dataclass(frozen=True)
class Facts:
    """All that is said of a name of a net."""

    net: str
    name: str
    what: str
    place: str  # file and line
    source: str  # the line as it is written
    equations: tuple[str, ...]
    indices: tuple[tuple[str, str], ...]  # an index, and what it runs over
    sizes: tuple[Size, ...]
    counts: tuple[Count, ...]
    grids: tuple[Grid, ...]
    gradients: tuple[str, ...]
    latex: tuple[str, ...]
    parts: tuple[Part, ...] = ()
    lengths: dict[str, int] = field(default_factory=dict)  # at which connections and multiply-adds are counted

    def to_dict(self) -> dict[str, Any]:
        """What `--json` prints."""
        return asdict(self)
