"""A long sequence is taken in chunks: what a chunk's recurrence starts from is what the chunk before it came to.

before: h[0] = e                        after: h[0] = carried h[0] unless the sequence begins here, then e
                                               next h[0] = h[T]         what the following chunk is handed

`carried h[0]` and `begins here` are inputs, so gradients end at the chunk's first point. Where a likelihood looks ahead
(`x[t+1] ~`), chunks share one point: the last symbol of a chunk is the first of the next, and `next h[0] = h[T-1]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.causality import ChunksUnfit, SeesItsChunk
from netc.compiler.elaborate.model import Elaborated, Equation
from netc.compiler.source.text import Span
from netc.compiler.statements.domains import Bound, Domain, Extent, Length, difference, sample_lengths
from netc.compiler.statements.expressions import (
    BATCH,
    Affine,
    Apply,
    Index,
    Kind,
    Normalise,
    Read,
    Reduce,
    Type,
    Variable,
    affine,
    walk,
)

FRESH = "begins here"  # a name that no spec can give


@dataclass(frozen=True)
class Carried:
    """One value that goes from chunk to chunk: the input that brings it, and the value that the next chunk is handed."""

    arrives: Variable
    leaves: Variable


def carry_state(elaborated: Elaborated) -> tuple[Elaborated, tuple[Carried, ...]]:
    """The net for chunks of sequences. It must have no `refusals`."""
    length = _length(elaborated)
    assert length is not None, "a net without a length is refused"
    shift = Extent.of(length) - overlap(elaborated)
    fresh = Variable(FRESH, (), Kind.INPUT, Type.BOOLEAN, per_sample=True)
    variables = {**elaborated.variables, FRESH: fresh}
    equations = list(elaborated.equations)
    carried: list[Carried] = []
    for k, e in enumerate(elaborated.equations):
        axis = _starting(e)
        if axis is None:
            continue
        name = _name(e, variables)
        arrives = Variable(f"carried {name}", tuple(i.domain for i in e.indices), Kind.INPUT, e.target.type, True, classes=e.target.classes, span=e.span)
        value = Apply("where", (Read(fresh), e.value, Read(arrives, tuple(map(affine, e.indices)))))
        equations[k] = replace(e, value=value)
        leaves = replace(arrives, name=f"next {name}", kind=Kind.TEMPORARY)
        equations.append(_handed_on(e, axis, shift, leaves))
        variables |= {arrives.name: arrives, leaves.name: leaves}
        carried.append(Carried(arrives, leaves))
    if not carried:
        return elaborated, ()
    return replace(elaborated, equations=tuple(equations), variables=variables), tuple(carried)


def overlap(elaborated: Elaborated) -> int:
    """How many points two chunks share: as many as a likelihood cannot predict, since it looks ahead."""
    return max(_lookaheads(elaborated).values(), default=0)


def refusals(elaborated: Elaborated, span: Span) -> tuple[Problem, ...]:
    """Why a net cannot be run in chunks; `span` is the setting that asks for it."""
    length = _length(elaborated)
    if length is None:
        if not elaborated.lengths:
            return (ChunksUnfit(span, "no input has a length of its own", "leave `bptt` out: it cuts sequences such as `input x: real[1..T, 3]`"),)
        return (ChunksUnfit(span, "its inputs have several lengths, or lengths that follow from others", "leave `bptt` out: it cuts all inputs at the same points"),)
    found: list[Problem] = [ChunksUnfit(e.span, why, mend, span) for e, why, mend in _unfit(elaborated, length)]
    if not found and all(_starting(e) is None for e in elaborated.equations):
        why = "no recurrence carries anything from a chunk into the next"
        return (ChunksUnfit(span, why, "leave `bptt` out; how long the samples are is a setting of the data"),)
    for v in elaborated.observed:
        if not _open(v):
            why = f"`{v.name}` is observed once for a whole sequence"
            found.append(ChunksUnfit(v.span or span, why, "leave `bptt` out, or observe one value at each point", span))
    ahead = _lookaheads(elaborated)
    if len(set(ahead.values())) > 1:
        parts = ", ".join(f"`{n}` by {k}" for n, k in ahead.items())
        found.append(ChunksUnfit(span, f"its likelihoods look ahead differently far: {parts}", "let them look ahead equally far"))
    return tuple(dict.fromkeys(found))


def begun_anew(elaborated: Elaborated, span: Span) -> tuple[SeesItsChunk, ...]:
    """Equations that go over a whole sequence: in chunks they see only their own; `span` is the setting that asks for it.

    A sum of what attention weighs is said with the attention: what it sees was decided there.
    """
    found: dict[str, SeesItsChunk] = {}
    weights: set[Variable] = set()
    for e in elaborated.equations:
        over = [x for x in walk(e.value) if isinstance(x, Reduce | Normalise) and any(sample_lengths(i.domain.hi) for i in x.indices if i is not BATCH)]
        if any(isinstance(x, Normalise) for x in over):
            weights.add(e.target)
        elif all(any(isinstance(r, Read) and r.variable in weights for r in walk(x)) for x in over):
            continue
        if e.row and e.target.per_sample:
            found.setdefault(e.row, SeesItsChunk(e.span, span, e.row))
    return tuple(found.values())


def _unfit(elaborated: Elaborated, length: Length) -> Iterator[tuple[Equation, str, str]]:
    shift = Extent.of(length) - overlap(elaborated)
    for e in elaborated.equations:
        if e.target.fill is not None and _open(e.target):
            yield e, f"`{_plain(e.target)}` goes on beyond its ends, and a chunk's ends are not the sequence's", "leave `bptt` out"
        for place, domain in zip(e.place, e.target.axes, strict=True):
            if not isinstance(place, Affine) or place.terms or not sample_lengths(domain.hi):
                continue
            behind = difference(place.const, domain.hi)
            if behind is not None and behind > 0:
                yield e, "this is computed from the end of the sequence, which a chunk does not see", "leave `bptt` out: chunks serve recurrences that run forward"
        axis = _starting(e)
        if axis is None:
            continue
        if not e.target.per_sample:
            yield e, "this is the same for all samples, and what is carried belongs to each", "let it depend on an input"
        elif any(not i.domain.known for i in e.indices):
            yield e, "what this would carry has itself the length of the sequence", "leave `bptt` out"
        else:
            short = difference(_at(e.place[axis]) + shift, e.target.axes[axis].hi)
            if short is None or short > 0:
                yield e, f"the next chunk would go on from a point that `{_plain(e.target)}` does not have", "leave `bptt` out"


def _length(elaborated: Elaborated) -> Length | None:
    """The length that all sequences share, where each input that has one has it alone and as its first axis."""
    found: set[Bound] = set()
    for v in elaborated.leaves(Kind.INPUT):
        if _open(v) not in ((), (0,)):
            return None
        found |= {v.axes[k].size for k in _open(v)}
    size = found.pop() if len(found) == 1 else None
    plain = isinstance(size, Extent) and size.const == 0 and len(size.terms) == 1 and size.terms[0][1] == 1
    return size.terms[0][0] if plain and isinstance(size, Extent) and size.terms[0][0].whole is None else None


def _open(v: Variable) -> tuple[int, ...]:
    return tuple(k for k, a in enumerate(v.axes) if sample_lengths(a.hi))


def _lookaheads(elaborated: Elaborated) -> dict[str, int]:
    """For each observed sequence, how many of its points are not predicted."""
    found: dict[str, int] = {}
    for v in elaborated.observed:
        predicted = elaborated.predictions.get(v.name)
        if predicted is None or not _open(v) or not predicted.axes:
            continue
        left = difference(v.axes[0].size, predicted.axes[0].size)
        if left is not None:
            found[v.name] = max(left, 0)
    return found


def _starting(e: Equation) -> int | None:
    """The axis below whose first point an equation stands, where that axis has the length of the sequence."""
    if e.target.kind is not Kind.TEMPORARY:
        return None
    for k, (place, axis) in enumerate(zip(e.place, e.target.axes, strict=True)):
        if isinstance(place, Affine) and not place.terms and sample_lengths(axis.hi) and _below(place.const, axis):
            return k
    return None


def _below(point: Bound, axis: Domain) -> bool:
    under = difference(axis.lo, point)
    return under is not None and under > 0


def _handed_on(e: Equation, axis: int, shift: Bound, leaves: Variable) -> Equation:
    """The variable at the point where the next chunk's boundary lies."""
    own = {i: Index(i.name, i.domain) for i in e.indices}
    mapping = {i: affine(o) for i, o in own.items()}
    places = [p.substitute(mapping) if isinstance(p, Affine) else p for p in e.place]
    places[axis] = Affine(_at(e.place[axis]) + shift)
    indices = tuple(own.values())
    return Equation(leaves, tuple(map(affine, indices)), indices, Read(e.target, tuple(places)), e.span, e.row)


def _at(place: object) -> Bound:
    assert isinstance(place, Affine)
    return place.const


def _name(e: Equation, taken: dict[str, Variable]) -> str:
    """`h[0]`; `f[l, 0]` of several layers."""
    kept = list(e.place)
    while kept and isinstance(kept[-1], Affine) and kept[-1].plain is not None and kept[-1].const == 0:
        kept.pop()
    name = f"{_plain(e.target)}[{', '.join(map(repr, kept))}]"
    while f"carried {name}" in taken:
        name += "'"
    return name


def _plain(v: Variable) -> str:
    return v.name.removesuffix(".border")
