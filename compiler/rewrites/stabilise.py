"""Formulas that overflow or cancel are replaced by equal ones that do not.

before: log(sum[k](exp(z[k])))          after: logsumexp[k](z[k])
before: log(a + sum[k](exp(z[k])))      after: L + softplus(log(a) - L) with L = logsumexp[k](z[k])   (LeNet's equation 9)
before: log(sigmoid(x))                 after: -softplus(-x)
before: log(1 - sigmoid(x))             after: -softplus(x)
before: log(1 + exp(x))                 after: softplus(x)
before: log(softmax[k](z[k]))           after: log_softmax[k](z[k])
"""

from __future__ import annotations

import math

from netc.compiler.statements.expressions import Apply, Expr, Normalise, Number, Reduce, rebuild


def stabilise(e: Expr) -> Expr:
    """The expression with every such formula replaced, innermost first."""
    e = rebuild(e, stabilise)
    if isinstance(e, Apply) and e.function == "log":
        return _logarithm(e.arguments[0]) or e
    return e


def _logarithm(x: Expr) -> Expr | None:
    if isinstance(x, Normalise) and x.operation == "softmax" and x.condition is None:
        return Normalise("log_softmax", x.indices, None, x.body)
    total = _sum_of_exponentials(x)
    if total is not None:
        return total
    if not isinstance(x, Apply):
        return None
    match x.function:
        case "sigmoid":
            return Apply("neg", (Apply("softplus", (Apply("neg", x.arguments),)),))
        case "exp":
            return x.arguments[0]
        case "-":
            left, right = x.arguments
            if left == Number(1) and isinstance(right, Apply) and right.function == "sigmoid":
                return Apply("neg", (Apply("softplus", right.arguments),))
        case "+":
            return _log_of_sum(*x.arguments) or _log_of_sum(*x.arguments[::-1])
    return None


def _sum_of_exponentials(x: Expr) -> Expr | None:
    if isinstance(x, Reduce) and x.operation == "sum" and isinstance(x.body, Apply) and x.body.function == "exp":
        return Reduce("logsumexp", x.indices, x.condition, x.body.arguments[0])
    return None


def _log_of_sum(a: Expr, rest: Expr) -> Expr | None:
    """log(a + rest), where a is a positive number or an exponential, and rest a sum of exponentials or one."""
    if isinstance(a, Number) and a.value > 0:
        log_a: Expr = Number(math.log(a.value))
    elif isinstance(a, Apply) and a.function == "exp":
        log_a = a.arguments[0]
    else:
        return None
    total = _sum_of_exponentials(rest)
    if total is None and isinstance(rest, Apply) and rest.function == "exp":
        if log_a == Number(0.0):
            return Apply("softplus", rest.arguments)
        total = rest.arguments[0]
    if total is None:
        return None
    return Apply("+", (total, Apply("softplus", (Apply("-", (log_a, total)),))))
