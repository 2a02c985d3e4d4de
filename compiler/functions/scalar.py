"""Scalar functions: one row each, with range, derivative, reference value and cost. The table is the language's function list.

A derivative is given the arguments and the function's own value and returns one factor for each argument (None where it
is constant): the adjoint is multiplied by it. Subgradients at 0 are 0 and ties go to the first argument.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from netc.compiler.statements.expressions import Apply, Expr, Number

Interval = tuple[float, float]
INF = math.inf
ANY: Interval = (-INF, INF)
TRUTH: Interval = (0.0, 1.0)


def call(name: str, *arguments: Expr) -> Expr:
    return Apply(name, arguments)


@dataclass(frozen=True)
class ScalarFunction:
    """`public` names may be written in a spec; the others are operators or made by rewrites."""

    name: str
    arity: int
    value: Callable[..., float]
    derivative: Callable[[tuple[Expr, ...], Expr], tuple[Expr | None, ...]]
    interval: Callable[..., Interval]
    cost: int = 1  # in multiply-adds, roughly; 10 and more are worth saving for the reverse pass
    public: bool = True
    boolean: bool = False


def _constant(arguments: tuple[Expr, ...], value: Expr) -> tuple[Expr | None, ...]:
    return (None,) * len(arguments)


def _monotone(f: Callable[[float], float]) -> Callable[[Interval], Interval]:
    def interval(a: Interval) -> Interval:
        return (_safe(f, a[0]), _safe(f, a[1]))

    return interval


def _safe(f: Callable[[float], float], x: float) -> float:
    try:
        return f(x)
    except OverflowError:
        return INF if x > 0 else -INF
    except ValueError:
        return -INF if x <= 0 else INF


def _product(a: Interval, b: Interval) -> Interval:
    ends = [0.0 if 0 in (x, y) else x * y for x in a for y in b]
    return min(ends), max(ends)


def _quotient(a: Interval, b: Interval) -> Interval:
    if b[0] <= 0 <= b[1] and not (b[0] == 0 and a[0] >= 0):
        return ANY
    if b[0] == 0:
        return (0.0 if b[1] == INF else a[0] / b[1] if b[1] else 0.0, INF)
    ends = [0.0 if math.isinf(y) else x / y for x in a for y in b]
    return min(ends), max(ends)


def _power(a: Interval, b: Interval) -> Interval:
    if b[0] == b[1] and b[0] == int(b[0]) and b[0] >= 0:
        n = int(b[0])
        ends = [_safe(lambda v: v**n, x) for x in a]
        return (0.0 if n % 2 == 0 and a[0] < 0 < a[1] else min(ends), max(ends))
    return (0.0, INF) if a[0] >= 0 else ANY


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def softplus(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def _log(x: float) -> float:
    return math.log(x) if x > 0 else -INF


ONE = Number(1)

_ROWS = (
    ScalarFunction("+", 2, lambda a, b: a + b, lambda a, y: (ONE, ONE), lambda a, b: (a[0] + b[0], a[1] + b[1]), 1, False),
    ScalarFunction("-", 2, lambda a, b: a - b, lambda a, y: (ONE, Number(-1)), lambda a, b: (a[0] - b[1], a[1] - b[0]), 1, False),
    ScalarFunction("*", 2, lambda a, b: a * b, lambda a, y: (a[1], a[0]), _product, 1, False),
    ScalarFunction(
        "/", 2, lambda a, b: a / b,
        lambda a, y: (call("/", ONE, a[1]), call("neg", call("/", y, a[1]))), _quotient, 4, False,
    ),
    ScalarFunction("neg", 1, lambda a: -a, lambda a, y: (Number(-1),), lambda a: (-a[1], -a[0]), 1, False),
    ScalarFunction(
        "^", 2, lambda a, b: a**b,
        lambda a, y: (
            call("*", a[1], call("^", a[0], Number(a[1].value - 1) if isinstance(a[1], Number) else call("-", a[1], ONE))),
            None if isinstance(a[1], Number) else call("*", y, call("log", a[0])),
        ),
        _power, 20, False,
    ),
    ScalarFunction("exp", 1, lambda a: _safe(math.exp, a), lambda a, y: (y,), _monotone(math.exp), 10),
    ScalarFunction("log", 1, _log, lambda a, y: (call("/", ONE, a[0]),), _monotone(_log), 10),
    ScalarFunction(
        "sqrt", 1, lambda a: math.sqrt(a),
        lambda a, y: (call("where", call(">", y, Number(0)), call("/", Number(0.5), y), Number(0)),),
        lambda a: (math.sqrt(max(a[0], 0.0)), math.sqrt(max(a[1], 0.0))), 10,
    ),
    ScalarFunction("tanh", 1, math.tanh, lambda a, y: (call("-", ONE, call("*", y, y)),), _monotone(math.tanh), 10),
    ScalarFunction("sigmoid", 1, sigmoid, lambda a, y: (call("*", y, call("-", ONE, y)),), _monotone(sigmoid), 10),
    ScalarFunction("softplus", 1, softplus, lambda a, y: (call("sigmoid", a[0]),), _monotone(softplus), 20),
    ScalarFunction("sin", 1, math.sin, lambda a, y: (call("cos", a[0]),), lambda a: (-1.0, 1.0), 10),
    ScalarFunction("cos", 1, math.cos, lambda a, y: (call("neg", call("sin", a[0])),), lambda a: (-1.0, 1.0), 10),
    ScalarFunction(
        "erf", 1, math.erf,
        lambda a, y: (call("*", Number(2 / math.sqrt(math.pi)), call("exp", call("neg", call("*", a[0], a[0])))),),
        _monotone(math.erf), 20,
    ),
    ScalarFunction(
        "abs", 1, math.fabs, lambda a, y: (call("sign", a[0]),),
        lambda a: (0.0 if a[0] <= 0 <= a[1] else min(map(abs, a)), max(map(abs, a))),
    ),
    ScalarFunction("sign", 1, lambda a: float((a > 0) - (a < 0)), _constant, _monotone(lambda x: float((x > 0) - (x < 0)))),
    ScalarFunction("floor", 1, lambda a: float(math.floor(a)), _constant, lambda a: (a[0] - 1, a[1])),
    ScalarFunction("stop", 1, lambda a: a, _constant, lambda a: a, 0),
    ScalarFunction(
        "max", 2, lambda a, b: max(a, b),
        lambda a, y: (call(">", a[0], a[1]), call("<", a[0], a[1])) if isinstance(a[1], Number) and a[1].value == 0
        else (call(">=", a[0], a[1]), call("<", a[0], a[1])),
        lambda a, b: (max(a[0], b[0]), max(a[1], b[1])),
    ),
    ScalarFunction(
        "min", 2, lambda a, b: min(a, b),
        lambda a, y: (call("<=", a[0], a[1]), call(">", a[0], a[1])),
        lambda a, b: (min(a[0], b[0]), min(a[1], b[1])),
    ),
    ScalarFunction(
        "where", 3, lambda c, a, b: a if c else b,
        lambda a, y: (None, a[0], call("not", a[0])),
        lambda c, a, b: (min(a[0], b[0]), max(a[1], b[1])), 1, False,
    ),
    ScalarFunction("//", 2, lambda a, b: float(a // b), _constant, lambda a, b: ANY, 4, False),
    ScalarFunction("%", 2, lambda a, b: a % b, lambda a, y: (ONE, None), lambda a, b: (min(0.0, b[0]), max(0.0, b[1])), 4, False),
    ScalarFunction("<", 2, lambda a, b: a < b, _constant, lambda a, b: TRUTH, 1, False, True),
    ScalarFunction("<=", 2, lambda a, b: a <= b, _constant, lambda a, b: TRUTH, 1, False, True),
    ScalarFunction(">", 2, lambda a, b: a > b, _constant, lambda a, b: TRUTH, 1, False, True),
    ScalarFunction(">=", 2, lambda a, b: a >= b, _constant, lambda a, b: TRUTH, 1, False, True),
    ScalarFunction("==", 2, lambda a, b: a == b, _constant, lambda a, b: TRUTH, 1, False, True),
    ScalarFunction("!=", 2, lambda a, b: a != b, _constant, lambda a, b: TRUTH, 1, False, True),
    ScalarFunction("and", 2, lambda a, b: bool(a) and bool(b), _constant, lambda a, b: TRUTH, 1, False, True),
    ScalarFunction("or", 2, lambda a, b: bool(a) or bool(b), _constant, lambda a, b: TRUTH, 1, False, True),
    ScalarFunction("not", 1, lambda a: not a, _constant, lambda a: TRUTH, 1, False, True),
)  # fmt: skip

SCALAR: dict[str, ScalarFunction] = {row.name: row for row in _ROWS}
PUBLIC: frozenset[str] = frozenset(row.name for row in _ROWS if row.public)
