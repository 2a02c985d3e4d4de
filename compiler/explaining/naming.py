"""Short names for what is shown: paths cut to what tells them apart, and indices that layers left without a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from netc.compiler.explaining.notation import Names
from netc.compiler.statements.expressions import (
    BATCH,
    Affine,
    Expr,
    Index,
    Normalise,
    Read,
    Reduce,
    Variable,
    children,
    free_indices,
    walk,
)

_UNNAMED = re.compile(r"[aeirswz]\d+$")  # what elaboration calls an index that the text leaves out
_LETTERS = "ijklmnpqrsuvw"

Hints = dict[tuple[Variable, int], str]


class Naming:
    """The names of one explanation: of the variables that it shows, and of the indices of each equation."""

    def __init__(self, variables: Iterable[Variable], hints: Hints, twins: Mapping[Variable, Variable] | None = None) -> None:
        self.short = short_names(variables)
        self.hints = hints
        self.twins = twins or {}  # a variable -> another one over the same axes, whose indices name its own

    def variable(self, v: Variable) -> str:
        return self.short.get(v, v.name)

    def names(self, target: Variable, place: Sequence[Affine | Expr], value: Expr) -> Names:
        """For one equation: an index without a name gets that of its axis elsewhere, else a free letter."""
        axes = self._axes(Read(target, tuple(place)), value)
        found: dict[Index, str] = {}
        scope: set[str] = set()
        for i in _free(place, value):
            self._name(i, axes, scope, found)
            scope.add(found[i])
        stack: list[tuple[Expr, frozenset[str]]] = [(value, frozenset(scope))]
        while stack:
            e, around = stack.pop()
            if isinstance(e, Reduce | Normalise):
                for i in e.indices:
                    if i is not BATCH and i not in found:
                        self._name(i, axes, around, found)
                    around |= {found.get(i, "batch")}
            stack += [(c, around) for c in children(e)]
        return Names(self.variable, found)

    def _name(self, i: Index, axes: Mapping[Index, list[tuple[Variable, int]]], scope: Iterable[str], found: dict[Index, str]) -> None:
        taken = {*scope, *self.short.values()}
        own = [] if _UNNAMED.match(i.name) else [i.name]
        hinted = [n for n in (self.hints.get(a) for a in axes.get(i, ())) if n is not None]
        found[i] = next((n for n in (*own, *hinted, *_LETTERS) if n not in taken), i.name)

    def _axes(self, left: Read, value: Expr) -> dict[Index, list[tuple[Variable, int]]]:
        """Which axes an index runs along."""
        found: dict[Index, list[tuple[Variable, int]]] = {}
        for r in (left, *(x for x in walk(value) if isinstance(x, Read))):
            twin = self.twins.get(r.variable, r.variable)
            for k, p in enumerate(r.indices):
                if isinstance(p, Affine) and p.plain is not None:
                    found.setdefault(p.plain, []).append((twin, k))
        return found


def hints_of(equations: Iterable[tuple[Variable, Sequence[Affine | Expr], Expr]]) -> Hints:
    """What the text calls the indices of each axis, where it names them."""
    found: Hints = {}
    for target, place, value in equations:
        for r in (Read(target, tuple(place)), *(x for x in walk(value) if isinstance(x, Read))):
            for k, p in enumerate(r.indices):
                index = p.plain if isinstance(p, Affine) else None
                if index is not None and not _UNNAMED.match(index.name):
                    found.setdefault((r.variable, k), index.name)
    return found


def short_names(variables: Iterable[Variable]) -> dict[Variable, str]:
    """The last part of each path, and as many parts before it as tell it from the others."""
    everything = list(dict.fromkeys(variables))
    found: dict[Variable, str] = {}
    for v in everything:
        stem, word = _stem(v.name)
        parts = stem.split(".")
        for k in range(1, len(parts) + 1):
            name = ".".join(parts[-k:])
            if not any(o is not v and f".{o.name}".endswith(f".{word}{name}") for o in everything) or k == len(parts):
                found[v] = word + _written(name)
                break
    return found


def _written(name: str) -> str:
    """What a layer that is applied again computes has a number: `c'~2` is written `c_2'`."""
    return re.sub(r"('*)~(\d+)", r"_\2\1", name)


def _stem(name: str) -> tuple[str, str]:
    """A path, and the word before it: `next mu`, `loss x`; a table's name stands alone."""
    head, _, last = name.rpartition(".")
    word, blank, rest = last.rpartition(" ")
    if word == "table":
        return rest, ""
    return (f"{head}.{rest}" if head and not blank else rest), f"{word} " if blank else ""


def indices_in_order(place: Sequence[Affine | Expr], value: Expr) -> list[Index]:
    """The indices of the left side, then free ones, then those that reductions bind, as they stand; not the batch."""
    inner = [i for e in walk(value) if isinstance(e, Reduce | Normalise) for i in e.indices]
    return [i for i in dict.fromkeys((*_free(place, value), *inner)) if i is not BATCH]


def _free(place: Sequence[Affine | Expr], value: Expr) -> dict[Index, None]:
    """The indices of the left side, and those of the right side that nothing binds."""
    found = dict.fromkeys(i for p in place for i in (p.indices if isinstance(p, Affine) else free_indices(p)))
    return {**found, **free_indices(value)}
