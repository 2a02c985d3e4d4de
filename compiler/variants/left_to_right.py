"""Why sequences that are drawn have no order: the equation that looks ahead."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from netc.compiler.elaborate.model import Equation
from netc.compiler.source.text import Span
from netc.compiler.statements.components import components
from netc.compiler.statements.domains import difference, sample_lengths
from netc.compiler.statements.expressions import Affine, Normalise, Read, Reduce, Variable, reads, walk


@dataclass(frozen=True)
class LookAhead:
    """An equation within a circle through a drawn sequence: what it reads, and whether of later points, of the same or of all."""

    drawn: Variable
    equation: str
    read: str
    points: Literal["later", "same", "all"]
    span: Span


def find_look_ahead(equations: Sequence[Equation], drawn: Collection[Variable]) -> LookAhead | None:
    """The equation that keeps a drawn sequence from being computed from left to right; None where none does."""
    for group in _circles(equations):
        targets = {e.target for e in group}
        sequence = next((v for v in drawn if v in targets), None)
        if sequence is None:
            continue
        inside = [(e, r) for e in group for r in reads(e.value) if r.variable in targets]
        ahead = next(((e, r) for e, r in inside if _looks_ahead(e, r)), None)
        everything = next(((e, r) for e, r in inside if _takes_all(e, r)), None)
        same = next(((e, r) for e, r in inside if r.variable is sequence and _at_the_point(e, r)), None)
        equation, read = ahead or everything or same or inside[0]
        points: Literal["later", "same", "all"] = "later" if ahead else "same" if same and not everything else "all"
        name = equation.row if points == "same" else _shown(equation.target)
        return LookAhead(sequence, name, _shown(read.variable), points, equation.span)
    return None


def _circles(equations: Sequence[Equation]) -> list[list[Equation]]:
    writers: dict[Variable, list[int]] = {}
    for k, e in enumerate(equations):
        writers.setdefault(e.target, []).append(k)
    needs = [sorted({j for r in reads(e.value) for j in writers.get(r.variable, ())}) for e in equations]
    return [[equations[k] for k in c] for c in components(needs) if len(c) > 1]


def _looks_ahead(e: Equation, read: Read) -> bool:
    """Whether a read lies behind the point that is being computed."""
    for place in e.place:
        for other in read.indices:
            if isinstance(place, Affine) and isinstance(other, Affine) and place.plain is not None and other.plain is place.plain:
                d = difference(other.const, place.const)
                if d is not None and d > 0 and sample_lengths(place.plain.domain.hi):
                    return True
    return False


def _at_the_point(e: Equation, read: Read) -> bool:
    """Whether a read lies at the very point that is being computed."""
    return all(isinstance(p, Affine) and p in e.place for p in read.indices)


def _takes_all(e: Equation, read: Read) -> bool:
    """Whether a reduction or a normaliser without a condition takes all points of a length."""
    for x in walk(e.value):
        if isinstance(x, Reduce | Normalise) and x.condition is None and any(sample_lengths(i.domain.hi) for i in x.indices):
            return any(r.variable is read.variable for r in reads(x))
    return any(isinstance(p, Affine) and not p.terms and sample_lengths(p.const) for p in read.indices)


def _shown(v: Variable) -> str:
    return v.name.removesuffix(".border").removesuffix(".fed")
