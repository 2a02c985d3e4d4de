"""The sides of a sum of products: its operands, and which indices are rows, columns and the sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from netc.compiler.kernels.language.storage import Access, Storage
from netc.compiler.kernels.language.text import product
from netc.compiler.statements.expressions import Index
from netc.compiler.statements.program import Statement


@dataclass(frozen=True, eq=False)
class Sides:
    """out[free] (+)= sum[over] a b. Rows are the free indices of `a` alone, columns those of `b` alone."""

    out: Access
    a: Access
    b: Access
    free: tuple[Index, ...]
    over: tuple[Index, ...]

    @property
    def rows(self) -> tuple[Index, ...]:
        return tuple(i for i in self.free if i in self.a.terms and i not in self.b.terms)

    @property
    def columns(self) -> tuple[Index, ...]:
        return self.turned.rows

    @property
    def turned(self) -> Sides:
        """The same with rows and columns exchanged."""
        return Sides(self.out, self.b, self.a, self.free, self.over)


def sides_of(storage: Storage, s: Statement, fixed: Sequence[Index]) -> Sides | None:
    """The sides of a statement of two factors, or None where data pick from an operand; `fixed` indices are those of the scans around."""
    out = storage.access(s.target, s.place)
    a, b = (storage.access(r.variable, r.indices) for r in s.reads())
    if any(x.data or x.place.integer for x in (out, a, b)):
        return None
    return Sides(out, a, b, tuple(i for i in out.terms if i not in fixed), tuple(i for i in s.over if i not in fixed))


def pointer(storage: Storage, access: Access, names: Mapping[Index, str], tiled: bool = True) -> str:
    """Where an operand begins: an index without a name, or called 0, is at its first point. `tiled`: within a tile of samples."""
    storage.touch(access.place)
    storage.loaded.add(access.place.name)
    parts = [access.place.name]
    if tiled and access.place.tile.terms and not access.place.own:
        parts.append(product("tile", access.place.tile))
    for i, step in access.terms.items():
        name = names.get(i, "0")
        if name != "0":
            parts.append(product(name if name.isidentifier() or name.isdigit() else f"({name})", step))
    if access.const.terms:
        parts.append(str(access.const))
    return " + ".join(parts).replace("+ -", "- ")
