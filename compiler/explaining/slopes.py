"""The gradient of some equations, as equations: what arrives at what they give, and what each value read gets from it."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from netc.compiler.elaborate.model import Equation
from netc.compiler.explaining.subject import Subject
from netc.compiler.gradients import contributions
from netc.compiler.rewrites.lower import needed
from netc.compiler.rewrites.normal_form import Normaliser
from netc.compiler.rewrites.order_statements import in_groups
from netc.compiler.rewrites.write_directly import write_directly
from netc.compiler.statements.expressions import (
    BATCH,
    Affine,
    Apply,
    Expr,
    Index,
    Kind,
    Normalise,
    Number,
    Read,
    Reduce,
    Type,
    Variable,
    affine,
    children,
    map_reads,
    reads,
    rebuild,
    substitute,
    walk,
)
from netc.compiler.statements.program import Operation, Program, Statement

_SHORT = 6  # an expression of so few parts is written out where it is read, however often


@dataclass(frozen=True, eq=False)
class Slope:
    """`target[place] = value`, or `+=` where more may arrive from elsewhere."""

    target: Variable
    place: tuple[Affine | Expr, ...]
    value: Expr
    adds: bool


@dataclass(frozen=True, eq=False)
class Slopes:
    """Gradient equations; `adjoints` are the variables in them that stand for what the loss changes by with another one."""

    equations: tuple[Slope, ...]
    adjoints: Mapping[Variable, Variable]
    auxiliary: Mapping[Variable, Variable]  # a value made on the way -> the equation that it belongs to
    values: Collection[Variable] = ()  # those of the auxiliary ones that are values, not what arrives at them


def slopes(subject: Subject) -> Slopes:
    """The gradient equations of a subject, last to first; none where the loss does not depend on it."""
    equations = _towards_loss(subject)
    own = dict.fromkeys(e.target for e in equations)
    program, belongs = _program(equations, subject)
    elsewhere = subject.read_elsewhere
    arriving = [v for v in own if v in elsewhere and v.type is Type.REAL] or [v for v in list(own)[-1:] if v.type is Type.REAL]
    sources = dict.fromkeys(r.variable for e in equations for r in reads(e.value) if r.variable not in own)
    asked = list(sources) if subject.held is None else [v for v in sources if v is subject.held]
    wrt = [v for v in asked if v.type is Type.REAL and v.kind in (Kind.PARAMETER, Kind.INPUT, Kind.TEMPORARY)]
    done = contributions(program, arriving, wrt)
    adjoints = {d: v for d, v in done.primal.items() if v in own or v in wrt}
    for v, result in done.gradients.items():
        if result not in adjoints:  # the gradient inside a support: the whole one is on its way there
            adjoints = {d: p for d, p in adjoints.items() if p is not v} | {result: v}
    ends = set(subject.elaborated.losses.values()) | {subject.elaborated.loss}
    ones = {d for d, v in adjoints.items() if v in ends}  # what the loss changes by with itself
    kept = _needed(done.statements, adjoints, set(own))
    ordered = [s for group in in_groups(done.statements) for s in group if s.target in kept]
    found = _written_out(ordered, set(adjoints), ones)
    kept = {s.target for s in found}
    more = {*arriving, *elsewhere}
    return Slopes(
        tuple(replace(s, adds=s.adds or adjoints.get(s.target) in more) for s in found if s.value != Number(0)),
        adjoints,
        {v: _owner(v, {**done.primal, **belongs}, [*own, *sources]) for v in kept if v not in adjoints},
        {s.target for s in program.statements},
    )  # fmt: skip


def _towards_loss(subject: Subject) -> list[Equation]:
    loss = subject.elaborated.loss
    if loss is None:
        return list(subject.equations)
    targets = {e.target for e in needed(subject.elaborated, [loss])}
    targets |= {subject.renamed[v] for v in targets if v in subject.renamed}
    return [e for e in subject.equations if e.target in targets]


def _program(equations: Sequence[Equation], subject: Subject) -> tuple[Program, dict[Variable, Variable]]:
    """The equations in normal form, and which of them each value made on the way belongs to."""
    made: list[Statement] = []
    belongs: dict[Variable, Variable] = {}
    normaliser = Normaliser(made, set(subject.elaborated.variables))
    for e in equations:
        normaliser.hint, normaliser.order = e.target.name, e.indices
        known = len(made)
        body = normaliser.normal(_plain(e.value), root=True)
        belongs.update({s.target: e.target for s in made[known:]})
        made.append(Statement(e.target, e.place, e.indices, body, span=e.span))
    values = {e.target.name: e.target for e in equations}
    return write_directly(Program(tuple(made), values=values)), belongs


def _plain(e: Expr) -> Expr:
    """Without the functions that are one for the sake of accuracy: a formula shows better what they are."""
    e = rebuild(e, _plain)
    match e:
        case Reduce(operation="logsumexp"):
            return Apply("log", (Reduce("sum", e.indices, e.condition, Apply("exp", (e.body,))),))
        case Normalise(operation="log_softmax"):
            return Apply("log", (replace(e, operation="softmax"),))
        case _:
            return e


def _owner(v: Variable, belongs: Mapping[Variable, Variable], known: Iterable[Variable]) -> Variable:
    """On whose way a value is made. What the gradient makes itself is named after that, with a `d` in front."""
    if v in belongs:
        return _owner(belongs[v], belongs, known) if belongs[v] is not v else v
    named = [o for o in known if v.name.startswith(f"d{o.name}")]
    return max(named, key=lambda o: len(o.name), default=v)


# ---- statements as expressions -----------------------------------------------------------------------------------


def _written_out(statements: Sequence[Statement], shown: set[Variable], ones: set[Variable]) -> list[Slope]:
    """Each as `target[place] = expression`; values on the way are written out where they are read once, or are short."""
    pieces: dict[Variable, int] = {}
    uses: dict[Variable, int] = {}
    for s in statements:
        pieces[s.target] = pieces.get(s.target, 0) + 1
        for r in _once(s.expressions()):
            uses[r.variable] = uses.get(r.variable, 0) + 1
    inlined: dict[Variable, Slope] = {}
    found = []

    def at(r: Read) -> Expr:
        if r.variable in ones:
            return Number(1)
        made = inlined.get(r.variable)
        if made is None:
            return r
        plain = [p.plain for p in made.place if isinstance(p, Affine)]
        given = [i if isinstance(i, Affine) else None for i in r.indices]
        mapping = {i: g for i, g in zip(plain, given, strict=True) if i is not None and g is not None}
        return substitute(_fresh(made.value), mapping)

    for s in statements:
        body = simplified(_replaced(_expression(s), at))
        place = tuple(p if isinstance(p, Affine) else map_reads(p, at) for p in s.place)
        whole = Slope(s.target, place, body, s.accumulate)
        once = uses.get(s.target, 0) <= 1 or sum(1 for _ in walk(body)) <= _SHORT and not any(isinstance(x, Reduce | Normalise) for x in walk(body))
        if s.target not in shown and pieces[s.target] == 1 and not s.accumulate and _everywhere(s) and once:
            inlined[s.target] = whole
        else:
            found.append(whole)
    return found


def _replaced(e: Expr, at: Callable[[Read], Expr]) -> Expr:
    """With other expressions for reads; a square stays one."""
    if _is_square(e):
        base = _replaced(children(e)[0], at)
        return Apply("*", (base, base))
    return map_reads(e, at) if isinstance(e, Read) else rebuild(e, lambda x: _replaced(x, at))


def _once(expressions: Iterable[Expr]) -> list[Read]:
    """The reads, of a square only one."""
    found, stack = list[Read](), list(expressions)
    while stack:
        e = stack.pop()
        if isinstance(e, Read):
            found.append(e)
        stack += children(e)[:1] if _is_square(e) else children(e)
    return found


def _everywhere(s: Statement) -> bool:
    plain = [p.plain for p in s.place if isinstance(p, Affine) and p.const == 0]
    return len(plain) == len(s.place) and None not in plain and len(set(plain)) == len(plain)


def _expression(s: Statement) -> Expr:
    match s.operation:
        case Operation.SUM:
            return Reduce("sum", s.over, None, s.body)
        case Operation.MAX | Operation.MIN | Operation.ARGMAX | Operation.ARGMIN:
            return Reduce(s.operation.value, s.over, s.condition, s.body)
        case Operation.SOFTMAX | Operation.CUMSUM:
            return Normalise(s.operation.value, s.over, s.condition, s.body)
        case Operation.SELECT:
            return Apply("where", (Apply("==", s.source), s.body, Number(0)))
        case _:
            return s.body


def _fresh(e: Expr) -> Expr:
    """The expression with bound indices of its own, so that it can stand in another one that binds the same."""
    if isinstance(e, Reduce):
        own = {i: Index(i.name, i.domain) for i in e.indices if i is not BATCH}
        mapping = {i: affine(k) for i, k in own.items()}
        condition = None if e.condition is None else substitute(_fresh(e.condition), mapping)
        return Reduce(e.operation, tuple(own.get(i, i) for i in e.indices), condition, substitute(_fresh(e.body), mapping))
    if _is_square(e):
        base = _fresh(children(e)[0])
        return Apply("*", (base, base))
    return rebuild(e, _fresh)


def _is_square(e: Expr) -> bool:
    return isinstance(e, Apply) and e.function == "*" and e.arguments[0] == e.arguments[1]


def simplified(e: Expr) -> Expr:
    """Products with their numbers in front and without ones; sums within sums as one."""
    e = rebuild(e, simplified)
    if isinstance(e, Reduce) and e.operation == "sum" and e.condition is None and isinstance(e.body, Reduce):
        inner = e.body
        if inner.operation == "sum" and inner.condition is None:
            return Reduce("sum", (*e.indices, *inner.indices), None, inner.body)
    if isinstance(e, Apply) and e.function == "+" and e.arguments[0] == e.arguments[1]:
        return simplified(Apply("*", (Number(2), e.arguments[0])))
    if not isinstance(e, Apply) or e.function not in ("*", "neg"):
        return e
    negative, factors = _factors(e)
    numbers = _folded([f for f in factors if isinstance(f, Number) and f.value != 1])
    others = [f for f in factors if not isinstance(f, Number)]
    if Number(0) in numbers:
        return Number(0)
    made: Expr | None = None
    for f in _squared([*numbers, *others]):
        made = f if made is None else Apply("*", (made, f))
    made = Number(1) if made is None else made
    return Apply("neg", (made,)) if negative else made


def _factors(e: Expr) -> tuple[bool, list[Expr]]:
    """Whether a product is negated, and its factors from left to right."""
    negative, found, stack = False, list[Expr](), [e]
    while stack:
        x = stack.pop()
        if isinstance(x, Apply) and x.function == "*" and not _is_square(x):
            stack += x.arguments[::-1]
        elif isinstance(x, Apply) and x.function == "neg":
            negative = not negative
            stack.append(x.arguments[0])
        else:
            found.append(x)
    return negative, found


def _folded(numbers: list[Number]) -> list[Number]:
    """Whole numbers multiplied into the others; others stay as the equation has them."""
    whole = math.prod(n.value for n in numbers if n.value == int(n.value))
    others = [n for n in numbers if n.value != int(n.value)]
    if others:
        return [Number(whole * others[0].value), *others[1:]]
    return [Number(whole)] if numbers and whole != 1 else []


def _squared(factors: list[Expr]) -> list[Expr]:
    found: list[Expr] = []
    for f in factors:
        if f in found and not isinstance(f, Number):
            found[found.index(f)] = Apply("*", (f, f))
        else:
            found.append(f)
    return found


def _needed(statements: Iterable[Statement], adjoints: Iterable[Variable], known: set[Variable]) -> set[Variable]:
    """Adjoints, and what is made on the way to them beyond what is known."""
    by_target: dict[Variable, list[Statement]] = {}
    for s in statements:
        by_target.setdefault(s.target, []).append(s)
    found: set[Variable] = set()
    stack: list[Variable] = list(adjoints)
    while stack:
        v = stack.pop()
        if v in found or v in known or v not in by_target:
            continue
        found.add(v)
        stack += [r.variable for s in by_target[v] for r in s.reads()]
    return found
