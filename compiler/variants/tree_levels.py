"""Which trees may have their nodes renumbered: nothing in the net then depends on the order of the nodes.

A batch whose nodes are numbered by height has all nodes of one height, of all samples, side by side, and a recurrence over
the tree goes level by level. That is unseen where nodes are only named (`h[n]`, `h[left(n)]`, `h[root(N)]`, `sum[n]`); a net
that counts them (`h[n-1]`, `P[n]` of another axis, `argmax[n]`, a node that an input points at) has them as they are given.
"""

from __future__ import annotations

from collections.abc import Sequence

from netc.compiler.elaborate.model import Elaborated, Equation
from netc.compiler.statements.domains import Domain, Length, sample_lengths
from netc.compiler.statements.expressions import Affine, Expr, IndexValue, Kind, Normalise, Read, Reduce, Variable, walk

NO_NODE = -2  # stands for the children of a node that is not there; -1 for a child that is not there
_COUNTING = ("argmax", "argmin", "cumsum")


def tree_levels(elaborated: Elaborated) -> dict[Length, Variable]:
    """The lengths that are numbers of nodes which may be renumbered, with the structure of each tree."""
    found: dict[Length, Variable] = {}
    for tree in elaborated.leaves(Kind.INPUT):
        if tree.tree:
            (length,) = sample_lengths(tree.axes[0].hi)
            if _Nodes(tree, length).only_named(elaborated):
                found[length] = tree
    return found


class _Nodes:
    """The uses of one tree's nodes."""

    def __init__(self, tree: Variable, length: Length) -> None:
        self.tree, self.length, self.domain = tree, length, tree.axes[0]

    def only_named(self, elaborated: Elaborated) -> bool:
        domains = [d for v in elaborated.variables.values() for d in (*v.axes, *([v.classes] if v.classes else []))]
        if any(self._speaks(d) and d != self.domain for d in domains) or any(v.classes == self.domain for v in elaborated.variables.values()):
            return False
        return all(self._equation(e) for e in elaborated.equations)

    def _speaks(self, d: Domain) -> bool:
        return self.length in (*sample_lengths(d.lo), *sample_lengths(d.hi))

    def _equation(self, e: Equation) -> bool:
        if not self._places(e.target, e.place) or any(isinstance(p, Affine) and not p.terms and self._is_node(e.target, k) for k, p in enumerate(e.place)):
            return False
        return all(self._part(x) for x in walk(e.value))

    def _part(self, x: Expr) -> bool:
        match x:
            case Read():
                return self._places(x.variable, x.indices)
            case IndexValue():
                return not any(self._speaks(i.domain) for i in x.affine.indices)
            case Reduce() | Normalise():
                return not (x.operation in _COUNTING and any(self._speaks(i.domain) for i in x.indices))
            case _:
                return True

    def _is_node(self, variable: Variable, axis: int) -> bool:
        return variable.axes[axis] == self.domain

    def _places(self, variable: Variable, places: Sequence[Affine | Expr]) -> bool:
        return all(self._place(p, self._is_node(variable, k)) for k, p in enumerate(places))

    def _place(self, place: Affine | Expr, node: bool) -> bool:
        """At an axis of nodes a node by its name, a child or the root; no node anywhere else."""
        if not isinstance(place, Affine):
            return not node or isinstance(place, Read) and place.variable is self.tree
        if not place.terms:
            return not node or place.const == self.domain.hi
        if not node:
            return not any(self._speaks(i.domain) for i in place.indices)
        return place.plain is not None and place.const == 0 and place.plain.domain == self.domain
