"""Expressions to statements: each reduction, gather and costly function gets a statement of its own.

before: y[i] = tanh(b[i] + sum[k](W[i, k] * x[k]))
after:  y'[i] = sum[k] W[i, k] * x[k];   y[i] = tanh(b[i] + y'[i])

Sums are products of at most two reads: factors that do not move are pulled out, others that are no reads are named, and
three or more are contracted pairwise, cheapest first.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache

from netc.compiler.functions.scalar import SCALAR
from netc.compiler.statements.canonical import canonical
from netc.compiler.statements.domains import BATCH_LENGTH, Bound, Domain, Length, value
from netc.compiler.statements.expressions import (
    BATCH,
    Affine,
    Apply,
    Expr,
    Index,
    IndexValue,
    Initialiser,
    Kind,
    Normalise,
    Number,
    Read,
    Reduce,
    Type,
    Variable,
    affine,
    free_indices,
    substitute,
    walk,
)
from netc.compiler.statements.fresh import numbered
from netc.compiler.statements.program import Operation, Statement

_WORTH_NAMING = 10  # the cost from which a function's value is kept
_UNROLLED = 64
_OPERATIONS = {o.value: o for o in Operation}


class _Typical(dict[Length, int]):
    """Lengths to weigh costs by, before any is known."""

    def __missing__(self, length: Length) -> int:
        return 32


_TYPICAL = _Typical({BATCH_LENGTH: 32})


@lru_cache(maxsize=4096)
def _size_constant(size: Bound, inverse: bool) -> Variable:
    name = f"1/({size})" if inverse else f"{size}"
    init = Initialiser("inverse size" if inverse else "size", expression=IndexValue(Affine(size)))
    return Variable(name, (), Kind.CONSTANT, init=init)


def size_number(size: Bound, inverse: bool = False) -> Expr:
    """How many points a domain has (or one divided by that): a number, or a constant that the plan knows."""
    if isinstance(size, int):
        return Number((1 / size if size > 0 else 0) if inverse else max(size, 0))
    return Read(_size_constant(size, inverse))


def carries_batch(e: Expr) -> bool:
    """Whether the value differs between samples."""
    return any(isinstance(x, Read) and x.variable.per_sample for x in walk(e))


def product(a: Expr, b: Expr) -> Expr:
    """a * b without units, zeros stay."""
    if isinstance(a, Number) and isinstance(b, Number):
        return Number(a.value * b.value)
    for x, y in ((a, b), (b, a)):
        if isinstance(x, Number):
            if x.value == 1:
                return y
            if x.value == -1:
                return negated(y)
    if isinstance(a, Apply) and a.function == "neg":
        return negated(product(a.arguments[0], b))
    return Apply("*", (a, b))


def negated(e: Expr) -> Expr:
    if isinstance(e, Apply) and e.function == "neg":
        return e.arguments[0]
    return Number(-e.value) if isinstance(e, Number) else Apply("neg", (e,))


def _one_through(e: Expr) -> Expr:
    return Number(1 / e.value) if isinstance(e, Number) and e.value else Apply("/", (Number(1), e))


class Normaliser:
    """Collects statements; equal expressions share one variable."""

    def __init__(self, statements: list[Statement], names: set[str]) -> None:
        self.statements = statements
        self.names = names
        self.known: dict[Hashable, Variable] = {}
        self.hint = "t"
        self.order: Sequence[Index] = ()

    # ---- making statements ---------------------------------------------------------------------------------------

    def fresh_name(self, hint: str) -> str:
        return numbered(hint, self.names)

    def temporary(
        self, operation: Operation, body: Expr, over: tuple[Index, ...] = (), condition: Expr | None = None,
        type: Type = Type.REAL, kept: tuple[Index, ...] = (), classes: Domain | None = None,
    ) -> Read:  # fmt: skip
        """The value of a new statement, or of an equal one that exists."""
        found = dict(free_indices(body))
        if condition is not None:
            found.update(free_indices(condition))
        removed = set(over) - set(kept)
        indices = tuple(i for i in self.order if i in found and i not in removed)
        indices += tuple(i for i in found if i not in indices and i not in removed)
        numbers = {i: n for n, i in enumerate(indices)}
        key = (
            operation, canonical(body, numbers), tuple(-1 if i is BATCH else numbers.setdefault(i, len(numbers)) for i in over),
            None if condition is None else canonical(condition, numbers), tuple((i.domain.lo, i.domain.hi) for i in indices),
        )  # fmt: skip
        variable = self.known.get(key)
        if variable is None:
            per_sample = (carries_batch(body) or condition is not None and carries_batch(condition)) and BATCH not in over
            name = self.fresh_name(f"{self.hint}'")
            axes = tuple(i.domain for i in indices)
            variable = Variable(name, axes, Kind.TEMPORARY, type, per_sample, classes=classes)
            place = tuple(affine(i) for i in indices)
            self.statements.append(Statement(variable, place, indices, body, operation, over, condition=condition))
            self.known[key] = variable
        return Read(variable, tuple(affine(i) for i in indices))

    def named(self, e: Expr) -> Read:
        """The expression as a read."""
        return e if isinstance(e, Read) else self.temporary(Operation.MAP, e)

    # ---- expressions ---------------------------------------------------------------------------------------------

    def normal(self, e: Expr, root: bool = False) -> Expr:
        """The expression with only pointwise functions of reads left; the rest became statements."""
        match e:
            case Number() | IndexValue():
                return e
            case Read():
                return self._read(e)
            case Apply():
                return self._apply(e, root)
            case Normalise():
                return self._normalise(e)
            case Reduce():
                return self._reduce(e)

    def _read(self, e: Read) -> Expr:
        places = tuple(i if isinstance(i, Affine) else self._data_index(i) for i in e.indices)
        read = Read(e.variable, places)
        if all(isinstance(p, Affine) for p in places):
            return read
        return self.temporary(Operation.GATHER, read, type=e.variable.type, classes=e.variable.classes)

    def _data_index(self, e: Expr) -> Affine | Expr:
        n = self.normal(e)
        if isinstance(n, IndexValue):
            return n.affine
        return n if isinstance(n, Read) else self.temporary(Operation.MAP, n, type=Type.INTEGER)

    def _apply(self, e: Apply, root: bool) -> Expr:
        arguments = tuple(self.normal(a) for a in e.arguments)
        if all(isinstance(a, Number) for a in arguments) and e.function != "stop":
            return Number(SCALAR[e.function].value(*(a.value for a in arguments if isinstance(a, Number))))
        if e.function == "*":
            return product(*arguments)
        if e.function == "neg":
            return negated(arguments[0])
        if e.function == "^" and arguments[1] == Number(2):
            base = self.named(arguments[0]) if not isinstance(arguments[0], Read) else arguments[0]
            return Apply("*", (base, base))
        done = Apply(e.function, arguments)
        if SCALAR[e.function].cost >= _WORTH_NAMING and not root:
            return self.temporary(Operation.MAP, done)
        return done

    def _normalise(self, e: Normalise) -> Expr:
        if e.operation == "cumsum":
            (i,) = e.indices
            k = Index(i.name, i.domain)
            upto: Expr = Apply("<=", (IndexValue(affine(k)), IndexValue(affine(i))))
            body = substitute(e.body, {i: affine(k)})
            if e.condition is not None:
                upto = Apply("and", (upto, substitute(e.condition, {i: affine(k)})))
            return self._reduce(Reduce("sum", (k,), upto, body))
        z = self.named(self.normal(e.body))
        condition = None if e.condition is None else self.normal(e.condition)
        if e.operation == "log_softmax":
            renamed = {i: Index(i.name, i.domain) for i in e.indices}
            mapping = {i: affine(k) for i, k in renamed.items()}
            inner = Reduce(
                "logsumexp", tuple(renamed.values()), None if condition is None else substitute(condition, mapping), substitute(z, mapping)
            )
            return Apply("-", (z, self._reduce(inner)))
        return self.temporary(Operation.SOFTMAX, z, e.indices, condition, kept=e.indices)

    def _reduce(self, e: Reduce) -> Expr:
        if e.operation in ("sum", "mean"):
            return self._sum(e)
        if e.operation == "prod":
            return self._prod(e)
        z = self.named(self.normal(e.body))
        condition = None if e.condition is None else self.normal(e.condition)
        if e.operation == "logsumexp":
            return self._logsumexp(z, e.indices, condition)
        name = "max" if e.operation == "any" else e.operation
        kind = Type.INTEGER if name.startswith("arg") else Type.REAL
        classes = e.indices[0].domain if name.startswith("arg") else None
        return self.temporary(_OPERATIONS[name], z, e.indices, condition, kind, classes=classes)

    def _logsumexp(self, z: Read, indices: tuple[Index, ...], condition: Expr | None) -> Expr:
        """m + log(sum(exp(z - m))); m is held constant, for its own derivative cancels."""
        m = Apply("stop", (self.temporary(Operation.MAX, z, indices, condition),))
        exponentials: Expr = self.temporary(Operation.MAP, Apply("exp", (Apply("-", (z, m)),)))
        if condition is not None:
            exponentials = Apply("where", (condition, exponentials, Number(0)))
        total = self.product_sum(indices, [exponentials])
        return Apply("+", (m, self.temporary(Operation.MAP, Apply("log", (total,)))))

    def _prod(self, e: Reduce) -> Expr:
        total = math.prod(i.domain.points() for i in e.indices)
        if total > _UNROLLED:
            raise ValueError(f"a product of {total} factors is not supported")
        result: Expr = Number(1)
        points: list[dict[Index, Affine]] = [{}]
        for i in e.indices:
            lo, hi = value(i.domain.lo, {}), value(i.domain.hi, {})
            points = [{**p, i: Affine(k)} for p in points for k in range(lo, hi + 1)]
        for p in points:
            factor: Expr = substitute(e.body, p)
            if e.condition is not None:
                factor = Apply("where", (substitute(e.condition, p), factor, Number(1)))
            result = product(result, self.normal(factor))
        return result

    # ---- sums ----------------------------------------------------------------------------------------------------

    def _sum(self, e: Reduce) -> Expr:
        body, indices = e.body, list(e.indices)
        conditions = [] if e.condition is None else [e.condition]
        while e.operation == "sum" and isinstance(body, Reduce) and body.operation == "sum":
            indices += body.indices
            conditions += [] if body.condition is None else [body.condition]
            body = body.body
        factors = [self.normal(body)] + [self.normal(c) for c in conditions]
        total = self.product_sum(indices, factors)
        if e.operation == "sum":
            return total
        if conditions:
            count = self.product_sum(indices, [self.normal(c) for c in conditions])
            return Apply("/", (total, Apply("max", (count, Number(1)))))
        return product(total, self._one_over(indices))

    def _one_over(self, indices: Iterable[Index]) -> Expr:
        points = math.prod(i.domain.points() for i in indices if i.domain.known)
        result: Expr = Number(1 / points) if points else Number(0)
        for i in indices:
            if not i.domain.known:
                result = product(result, size_number(i.domain.size, inverse=True))
        return result

    def moving(self, e: Expr) -> set[Index]:
        """The indices a value depends on, the batch among them."""
        found = set(free_indices(e))
        return found | {BATCH} if carries_batch(e) else found

    def product_sum(self, indices: Iterable[Index], factors: Iterable[Expr]) -> Expr:
        """The sum over indices of a product."""
        over = list(indices)
        inner, outer = self._split(over, list(factors))
        moving = [self.moving(f) for f in inner]
        for i in list(over):
            if not any(i in m for m in moving):
                outer.append(size_number(i.domain.size))
                over.remove(i)
        result = self._contract(over, [f if isinstance(f, Read) else self.named(f) for f in inner])
        for factor in outer:
            result = product(result, factor)
        return result

    def _split(self, over: list[Index], factors: list[Expr]) -> tuple[list[Expr], list[Expr]]:
        """Factors that depend on the summed indices, and those that are pulled out."""
        inner: list[Expr] = []
        outer: list[Expr] = []
        stack = factors[::-1]
        while stack:
            x = stack.pop()
            if not any(i in self.moving(x) for i in over):
                outer.append(x)
            elif isinstance(x, Apply) and x.function == "*":
                stack += x.arguments[::-1]
            elif isinstance(x, Apply) and x.function == "neg":
                stack.append(x.arguments[0])
                outer.append(Number(-1))
            elif isinstance(x, Apply) and x.function == "/" and not any(i in self.moving(x.arguments[1]) for i in over):
                stack.append(x.arguments[0])
                outer.append(_one_through(x.arguments[1]))
            else:
                inner.append(x)
        return inner, outer

    def _contract(self, over: list[Index], operands: list[Read]) -> Expr:
        """Pairwise, the cheapest result first."""
        if not operands:
            return Number(1)
        while len(operands) > 2:
            best: tuple[float, int, int, list[Index]] | None = None
            for a in range(len(operands)):
                for b in range(a):
                    rest = set().union(*(self.moving(x) for k, x in enumerate(operands) if k not in (a, b)))
                    pair = self.moving(operands[a]) | self.moving(operands[b])
                    reduced = [i for i in over if i in pair and i not in rest]
                    cost = math.prod(max(1, i.domain.points(_TYPICAL)) for i in pair)
                    if best is None or cost < best[0]:
                        best = (cost, a, b, reduced)
            assert best is not None
            _, a, b, reduced = best
            pair_body = Apply("*", (operands[b], operands[a]))
            made = self.temporary(Operation.SUM if reduced else Operation.MAP, pair_body, tuple(reduced))
            over = [i for i in over if i not in reduced]
            operands = [x for k, x in enumerate(operands) if k not in (a, b)] + [made]
        body: Expr = operands[0] if len(operands) == 1 else Apply("*", (operands[0], operands[1]))
        return self.temporary(Operation.SUM, body, tuple(over)) if over else body
