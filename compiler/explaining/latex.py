"""Expressions as LaTeX, to be copied into a text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from netc.compiler.explaining import notation
from netc.compiler.explaining.notation import (
    ATOM,
    BINDING,
    COMPARISON,
    CONDITIONAL,
    POWER,
    PRODUCT,
    SIGN,
    SUM,
    Names,
    fraction,
)
from netc.compiler.statements.expressions import (
    Affine,
    Apply,
    Expr,
    IndexValue,
    Initialiser,
    Normalise,
    Number,
    Read,
    Reduce,
    Variable,
)

_SIGNS = {
    "<=": r"\leq", ">=": r"\geq", "!=": r"\neq", "==": "=", "<": "<", ">": ">", "and": r"\wedge", "or": r"\vee", "+": "+", "-": "-",
    "//": r"\mathbin{//}", "%": r"\bmod",
}  # fmt: skip
_NAMED = {"sigmoid": r"\sigma", "tanh": r"\tanh", "exp": r"\exp", "log": r"\log", "sin": r"\sin", "cos": r"\cos", "max": r"\max", "min": r"\min"}
_BIG = {"sum": r"\sum", "prod": r"\prod", "max": r"\max", "min": r"\min", "argmax": r"\arg\max", "argmin": r"\arg\min"}
_GREEK = dict(
    zip("αβγδεζηθικλμνξπρστυφχψω", [
        "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau",
        "upsilon", "phi", "chi", "psi", "omega",
    ], strict=True)
)  # fmt: skip


def equation(target: Variable, place: Sequence[Affine | Expr], value: Expr, names: Names, sign: str = "=") -> str:
    """`y_{i} = \\sum_{k} W_{i,k} \\, x_{k}`."""
    return f"{_read(Read(target, tuple(place)), names)} {sign} {latex(value, names)}"


def latex(e: Expr, names: Names, least: int = CONDITIONAL) -> str:
    """One expression; in parentheses where it binds less than `least`."""
    text, binds = _written(e, names)
    return rf"\left({text}\right)" if binds < least else text


def _written(e: Expr, names: Names) -> tuple[str, int]:
    match e:
        case Number():
            near = None if isinstance(e.value, bool) else fraction(e.value)
            if near is not None:
                return rf"{'-' if near < 0 else ''}\frac{{{abs(near.numerator)}}}{{{near.denominator}}}", ATOM if near > 0 else SUM
            text, binds = notation.number(e.value)
            return text.replace("inf", r"\infty"), binds
        case IndexValue():
            return _affine(e.affine, names), notation.affine(e.affine, names)[1]
        case Read(variable=Variable(init=Initialiser(rule="size" | "inverse size" as rule, expression=IndexValue(affine=size)))):
            text = _affine(size, names)
            return (text, SUM) if rule == "size" else (rf"\frac{{1}}{{{text}}}", ATOM)
        case Read():
            return _read(e, names), ATOM
        case Reduce() | Normalise():
            return _reduced(e, names)
        case Apply(function="where", arguments=(condition, then, otherwise)):
            a, b, c = (latex(x, names) for x in (then, condition, otherwise))
            return rf"\begin{{cases}} {a} & \text{{if }} {b} \\ {c} & \text{{else}} \end{{cases}}", ATOM
        case Apply(function="*", arguments=(a, b)) if a == b:
            return _raised(a, "2", names), POWER
        case Apply(function="*", arguments=(a, b)):
            left = SIGN if isinstance(a, Reduce) else PRODUCT  # a sum reaches over the factors behind it
            dot = r"\cdot" if isinstance(b, Number) else r"\,"
            return rf"{_factor(a, names, left)} {dot} {_factor(b, names, PRODUCT if isinstance(b, Reduce) else SIGN)}", PRODUCT
        case Apply(function="/", arguments=(a, b)):
            return rf"\frac{{{latex(a, names)}}}{{{latex(b, names)}}}", ATOM
        case Apply(function="^", arguments=(a, b)):
            return _raised(a, latex(b, names), names), POWER
        case Apply(function="+", arguments=(a, Apply(function="neg", arguments=(b,)))):
            return f"{latex(a, names, SUM)} - {latex(b, names, PRODUCT)}", SUM
        case Apply(function="neg", arguments=(a,)):
            return f"-{latex(a, names, SIGN)}", SIGN
        case Apply(function="not", arguments=(a,)):
            return rf"\neg {latex(a, names, COMPARISON)}", BINDING["not"]
        case Apply(function="sqrt" | "exp" | "abs" | "floor" as f, arguments=(a,)):
            inner = latex(a, names)
            return {
                "sqrt": rf"\sqrt{{{inner}}}", "exp": f"e^{{{inner}}}", "abs": rf"\left|{inner}\right|", "floor": rf"\left\lfloor {inner} \right\rfloor",
            }[f], POWER if f == "exp" else ATOM  # fmt: skip
        case Apply(function=f, arguments=(a, b)) if f in BINDING:
            binds = BINDING[f]
            return f"{latex(a, names, binds + (binds == COMPARISON))} {_SIGNS[f]} {latex(b, names, binds + 1)}", binds
        case Apply():
            inner = ", ".join(latex(a, names) for a in e.arguments)
            return f"{_NAMED.get(e.function) or _operator(e.function)}" + rf"\left({inner}\right)", ATOM


def _operator(name: str) -> str:
    return r"\operatorname{" + name.replace("_", r"\ ") + "}"


def _raised(base: Expr, exponent: str, names: Names) -> str:
    """`y_{i}^{2}`; what has primes or a superscript of its own stands in braces, as LaTeX takes one superscript alone."""
    text = latex(base, names, ATOM)
    own = isinstance(base, Read) and ("'" in text or "^" in text)
    return f"{{{text}}}^{{{exponent}}}" if own else f"{text}^{{{exponent}}}"


def _factor(e: Expr, names: Names, least: int) -> str:
    """A truth value among factors stands in the brackets of Iverson."""
    truth = isinstance(e, Apply) and BINDING.get(e.function, ATOM) in range(BINDING["or"], SUM)
    return rf"\left[{latex(e, names)}\right]" if truth else latex(e, names, least)


def _reduced(e: Reduce | Normalise, names: Names) -> tuple[str, int]:
    bound = [_name(names.of(i)) for i in e.indices]
    if e.condition is not None:
        condition = latex(e.condition, names)
        bound = [condition] if len(bound) == 1 and condition.startswith((f"{bound[0]} <", f"{bound[0]} >", rf"{bound[0]} \leq", rf"{bound[0]} \geq")) else [*bound, condition]
    below = ",".join(bound)
    if e.operation in ("sum", "prod"):
        return rf"{_BIG[e.operation]}_{{{below}}} {latex(e.body, names, PRODUCT)}", PRODUCT
    sign = _BIG.get(e.operation) or _operator(e.operation)
    return rf"{sign}_{{{below}}}\left({latex(e.body, names)}\right)", ATOM


def _read(e: Read, names: Names) -> str:
    name = _name(names.variable(e.variable))
    places = ",".join(_affine(p, names) if isinstance(p, Affine) else latex(p, names) for p in e.indices)
    return f"{name}_{{{places}}}" if places else name


def _affine(a: Affine, names: Names) -> str:
    text = notation.affine(a, names)[0]
    return re.sub(r"[^\W\d]\w*'*", lambda m: _name(m.group()), text).replace("*", r" \, ")


def _name(name: str) -> str:
    """`W` as it is, `Wxh` upright; primes stay primes, `delta` is a Greek letter."""
    if name.startswith("∂"):
        return r"\partial " + _name(name[1:])
    stem = name.rstrip("'")
    primes = name[len(stem) :]
    if stem.startswith("delta"):
        rest = stem.removeprefix("delta").lstrip("_")
        return r"\delta^{" + _upright(rest) + r"\prime" * len(primes) + "}" if rest else r"\delta" + primes
    if len(stem) == 1:
        return (f"\\{_GREEK[stem]}" if stem in _GREEK else stem) + primes
    return _upright(stem) + primes


def _upright(text: str) -> str:
    escaped = text.replace("_", r"\_").replace(" ", r"\ ")
    return rf"\mathrm{{{escaped}}}"
