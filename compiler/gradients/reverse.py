"""Reverse mode on statements.

One rule: for `T[L] = sum_r body` and each read `V[M]` in body, `dV[M] += sum over the indices not in M of dT[L] * dbody/dV[M]`.
Softmax, max and gathers have a rule each. What comes out are statements again: convolution's backward pass, weight
gradients and reverse scans need no rule of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from netc.compiler.functions.scalar import SCALAR
from netc.compiler.rewrites.lower import simplify
from netc.compiler.rewrites.normal_form import Normaliser, carries_batch, negated, product
from netc.compiler.rewrites.order_statements import in_groups
from netc.compiler.statements.domains import Domain
from netc.compiler.statements.expressions import (
    BATCH,
    Affine,
    Apply,
    Expr,
    Index,
    Kind,
    Number,
    Read,
    Type,
    Variable,
    affine,
    free_indices,
    reads,
    substitute,
)
from netc.compiler.statements.program import Operation, Program, Statement


def differentiate(program: Program, wrt: Sequence[Variable]) -> Program:
    """The program with the gradient of its loss with respect to parameters or inputs.

    A variable that the loss does not depend on gets a gradient of 0. Raises ValueError where there is no loss.
    """
    if program.loss is None:
        raise ValueError("a gradient needs a loss")
    done = _Reverse(program, wrt).run()
    return simplify(done)


def contributions(program: Program, arriving: Sequence[Variable], wrt: Sequence[Variable]) -> Program:
    """What a program without a loss adds to the adjoints of what it reads, when something arrives at these of its values.

    As each rule gives it, not simplified: to be shown. `primal` tells whose adjoint a variable is.
    """
    return _Reverse(program, wrt, arriving).run()


class _Reverse:
    def __init__(self, program: Program, wrt: Sequence[Variable], arriving: Sequence[Variable] = ()) -> None:
        self.program, self.wrt, self.arriving = program, wrt, arriving
        self.pieces = program.pieces()
        self.forward = list(program.statements)
        self.backward: list[Statement] = []
        self.adjoints: dict[Variable, Variable] = {}
        names = {v.name for v in program.variables()}
        self.normaliser = Normaliser(self.backward, names)
        self.active = self._active()

    def _active(self) -> set[Variable]:
        """Variables on a path from what is asked for to the loss."""
        uses: dict[Variable, set[Variable]] = {}
        needs: dict[Variable, set[Variable]] = {}
        for s in self.forward:
            if s.target.type is not Type.REAL:
                continue
            found = {r.variable for r in reads(s.body)}
            needs.setdefault(s.target, set()).update(found)
            for v in found:
                uses.setdefault(v, set()).add(s.target)
        ends = [self.program.loss] if self.program.loss is not None else self.arriving
        return _reach(self.wrt, uses) & _reach(ends, needs)

    def adjoint(self, variable: Variable) -> Variable:
        if variable not in self.adjoints:
            name = self.normaliser.fresh_name(f"d{variable.name}")
            self.adjoints[variable] = Variable(name, variable.axes, Kind.TEMPORARY, per_sample=variable.per_sample)
        return self.adjoints[variable]

    def run(self) -> Program:
        for variable in self.arriving:
            self.adjoint(variable)
        for group in reversed(in_groups(self.forward)):
            for statement in group if len(group) > 1 else ():
                if statement.target in self.active:
                    self.adjoint(statement.target)  # in a circle something arrives everywhere
            for statement in reversed(group):
                if statement.target in self.active:
                    self._step(statement)
        self._nothing_arrived()
        gradients = {v: self._result(v) for v in self.wrt}
        merged = _merge(self.backward)
        primal = {**self.program.primal, **{d: v for v, d in self.adjoints.items()}}
        return replace(
            self.program, statements=(*self.forward, *merged), gradients={**self.program.gradients, **gradients}, primal=primal
        )

    def _nothing_arrived(self) -> None:
        """Adjoints that are read and that nothing contributes to are zero."""
        written = {s.target for s in self.backward} | {self.adjoints[v] for v in self.arriving}
        for made in list(self.adjoints.values()):
            if made not in written:
                self._zero(made)

    def _zero(self, made: Variable) -> None:
        indices = tuple(Index(f"z{k}", axis) for k, axis in enumerate(made.axes))
        self.backward.append(Statement(made, tuple(map(affine, indices)), indices, Number(0.0)))

    def _result(self, variable: Variable) -> Variable:
        """The gradient, zero where the loss does not depend on it, and zero outside a support."""
        if variable not in self.adjoints:
            self._zero(self.adjoint(variable))
        raw = self.adjoints[variable]
        if variable.support is None:
            return raw
        indices = tuple(Index(i.name, i.domain) for i in variable.support.indices)
        mapping = {i: affine(k) for i, k in zip(variable.support.indices, indices, strict=True)}
        place = tuple(map(affine, indices))
        inside = Variable(self.normaliser.fresh_name(f"{raw.name} inside"), variable.axes, Kind.TEMPORARY)
        body = Apply("where", (substitute(variable.support.condition, mapping), Read(raw, place), Number(0.0)))
        self.backward.append(Statement(inside, place, indices, body))
        return inside

    # ---- one statement -------------------------------------------------------------------------------------------

    def _step(self, s: Statement) -> None:
        if s.target is not self.program.loss and s.target not in self.adjoints:
            return  # nothing arrives here: it is read only where its derivative is zero
        arrived: Expr = Number(1.0) if s.target is self.program.loss else Read(self.adjoints[s.target], s.place)
        self.normaliser.order = s.indices
        self.normaliser.hint = f"d{s.target.name}"
        match s.operation:
            case Operation.MAP:
                self._back(s, s.body, arrived, Read(s.target, s.place))
            case Operation.SUM:
                self._back(s, s.body, arrived, None)
            case Operation.GATHER:
                self._contribute(s, s.read, arrived)
            case Operation.SOFTMAX:
                self._softmax(s, arrived)
            case Operation.MAX | Operation.MIN:
                self._select(s, arrived)
            case Operation.SCATTER:
                self._contribute(s, s.read, self.normaliser.normal(arrived))
            case Operation.SELECT:
                self._select_again(s)
            case Operation.ARGMAX | Operation.ARGMIN | Operation.CUMSUM:
                pass

    def _softmax(self, s: Statement, arrived: Expr) -> None:
        """dz = y * (dy - sum(y * dy))"""
        y = Read(s.target, s.place)
        renamed = {i: affine(Index(i.name, i.domain)) for i in s.over}
        inner = [substitute(e, renamed) for e in (y, arrived)]
        over = tuple(r.plain for r in renamed.values() if r.plain is not None)
        mean = self.normaliser.product_sum(over, inner)
        self._contribute(s, s.read, product(y, Apply("-", (arrived, mean))))

    def _select(self, s: Statement, arrived: Expr) -> None:
        """The gradient of a maximum goes to the first point that attains it."""
        if s.read.variable not in self.active:
            return
        value = arrived if isinstance(arrived, Read) else self.normaliser.named(arrived)
        made = self.adjoint(s.read.variable)
        place = tuple(p for p in s.read.indices if isinstance(p, Affine))
        found = (s.read, Read(s.target, s.place))
        self.backward.append(
            Statement(made, place, (*s.indices, *s.over), value, Operation.SELECT, s.over, True, s.condition, found)
        )

    def _select_again(self, s: Statement) -> None:
        """The adjoint of a selection picks what arrives at the first point that attains the maximum."""
        arrived = Read(self.adjoint(s.target), s.place)
        where, top = s.source
        chosen = Apply("*", (arrived, Apply("==", (where, top))))
        self._contribute(replace(s, source=()), s.read, chosen)

    def _back(self, s: Statement, e: Expr, arrived: Expr, value: Expr | None) -> None:
        """Walk a pointwise expression down to its reads; `value` is the root's value, which is stored already."""
        touched = [r for r in reads(e) if r.variable in self.active]
        if not touched:
            return
        if isinstance(e, Read):
            self._contribute(s, e, arrived)
            return
        if not isinstance(e, Apply):
            return
        if len(touched) > 1 and s.operation is Operation.MAP and not _simple(arrived):
            arrived = self.normaliser.named(arrived)
        factors = SCALAR[e.function].derivative(e.arguments, e if value is None else value)
        for argument, factor in zip(e.arguments, factors, strict=True):
            if factor is None or not any(r.variable in self.active for r in reads(argument)):
                continue
            self._back(s, argument, scaled(arrived, factor), None)

    def _contribute(self, s: Statement, read: Read, term: Expr) -> None:
        """`dV[M] += sum of term` over the indices that M does not hold."""
        variable = read.variable
        if variable not in self.active or variable.type is not Type.REAL:
            return
        kept: set[Index] = set()
        by_sample = False
        for place in read.indices:
            if isinstance(place, Affine):
                kept |= set(place.indices)
            else:
                kept |= set(free_indices(place))
                by_sample = by_sample or carries_batch(place)
        everything = tuple(dict.fromkeys((*s.indices, *(i for i in s.over if i is not BATCH))))
        summed = [i for i in everything if i not in kept]
        if not variable.per_sample and (carries_batch(term) or BATCH in s.over) and not by_sample:
            summed.append(BATCH)
        self.normaliser.order = tuple(i for i in everything if i in kept)
        self.normaliser.hint = f"d{variable.name}"
        body = self.normaliser.product_sum(summed, [self.normaliser.normal(term)]) if summed else self.normaliser.normal(term, True)
        indices = tuple(i for i in everything if i in kept)
        made = self.adjoint(variable)
        if not all(isinstance(p, Affine) for p in read.indices):
            value = self.normaliser.named(body)
            places = tuple(p if isinstance(p, Affine | Read) else self.normaliser.named(p) for p in read.indices)
            self.backward.append(Statement(made, places, indices, value, Operation.SCATTER, accumulate=True))
            return
        plain = tuple(p for p in read.indices if isinstance(p, Affine))
        self.backward.append(_unshifted(Statement(made, plain, indices, body, accumulate=True)))


def _reach(start: Iterable[Variable], edges: dict[Variable, set[Variable]]) -> set[Variable]:
    seen: set[Variable] = set()
    stack = list(start)
    while stack:
        v = stack.pop()
        if v not in seen:
            seen.add(v)
            stack += edges.get(v, ())
    return seen


def _simple(e: Expr) -> bool:
    return isinstance(e, Read | Number) or isinstance(e, Apply) and e.function == "neg" and isinstance(e.arguments[0], Read)


def scaled(arrived: Expr, factor: Expr) -> Expr:
    """arrived * factor; a truth value selects instead, so that nothing infinite meets a zero."""
    if isinstance(factor, Apply) and SCALAR[factor.function].boolean or isinstance(factor, Read) and factor.variable.type is Type.BOOLEAN:
        return Apply("where", (factor, arrived, Number(0.0)))
    if isinstance(factor, Apply) and factor.function == "neg":
        return negated(scaled(arrived, factor.arguments[0]))
    if isinstance(factor, Apply) and factor.function == "/" and factor.arguments[0] == Number(1):
        return Apply("/", (arrived, factor.arguments[1]))
    return product(arrived, factor)


def _unshifted(s: Statement) -> Statement:
    """`dV[i+c] += e(i)` as `dV[i] += e(i-c)`: a plain place over a moved domain."""
    mapping: dict[Index, Affine] = {}
    for k, p in enumerate(s.place):
        assert isinstance(p, Affine)
        i = p.plain
        elsewhere = any(isinstance(q, Affine) and i in q.indices for j, q in enumerate(s.place) if j != k)
        if i is None or p.const == 0 or elsewhere:
            continue
        moved = Index(i.name, Domain(i.domain.lo + p.const, i.domain.hi + p.const))
        mapping[i] = affine(moved) - p.const
    if not mapping:
        return s
    place = tuple(p.substitute(mapping) for p in s.place if isinstance(p, Affine))
    indices = tuple(mapping[i].indices[0] if i in mapping else i for i in s.indices)
    return replace(s, place=place, indices=indices, body=substitute(s.body, mapping))


def _merge(statements: list[Statement]) -> list[Statement]:
    """Plain contributions to the whole of a variable become one map; a single one writes instead of adding."""
    by_target: dict[Variable, list[Statement]] = {}
    for s in statements:
        by_target.setdefault(s.target, []).append(s)
    dropped: set[int] = set()
    changed: dict[int, Statement] = {}
    for group in by_target.values():
        plain = [s for s in group if s.accumulate and s.operation is Operation.MAP and s.covers_target]
        if not plain:
            continue
        first = plain[0]
        body = first.body
        for other in plain[1:]:
            mapping = {
                q.plain: p
                for p, q in zip(first.place, other.place, strict=True)
                if isinstance(q, Affine) and isinstance(p, Affine) and q.plain is not None
            }
            body = Apply("+", (body, substitute(other.body, mapping)))
            dropped.add(id(other))
        last = plain[-1]
        # the merged map stands where its last part stood: all that it reads is there by then
        if last is not first:
            dropped.discard(id(last))
            dropped.add(id(first))
        changed[id(last)] = replace(first, body=body, accumulate=len(plain) < len(group))
    return [changed.get(id(s), s) for s in statements if id(s) not in dropped]
