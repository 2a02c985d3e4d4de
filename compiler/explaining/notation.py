"""Expressions in the language's own notation, as a user would write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from netc.compiler.statements.domains import Bound, Extent
from netc.compiler.statements.expressions import (
    BATCH,
    Affine,
    Apply,
    Expr,
    Index,
    IndexValue,
    Initialiser,
    Normalise,
    Number,
    Read,
    Reduce,
    Variable,
)

# How tightly an operator binds its operands: a higher number binds tighter.
CONDITIONAL, OR, AND, NOT, COMPARISON, SUM, PRODUCT, SIGN, POWER, ATOM = range(10)
BINDING = {
    "where": CONDITIONAL, "or": OR, "and": AND, "not": NOT, "<": COMPARISON, "<=": COMPARISON, ">": COMPARISON, ">=": COMPARISON,
    "==": COMPARISON, "!=": COMPARISON, "+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "//": PRODUCT, "%": PRODUCT, "neg": SIGN, "^": POWER,
}  # fmt: skip
_LARGEST_DENOMINATOR = 1000


@dataclass(frozen=True)
class Names:
    """How variables and indices are called in what is shown."""

    variable: Callable[[Variable], str]
    index: Mapping[Index, str]

    def of(self, index: Index) -> str:
        return "batch" if index is BATCH else self.index.get(index, index.name)


def expression(e: Expr, names: Names, least: int = CONDITIONAL) -> str:
    """One expression on one line; in parentheses where it binds less than `least`."""
    return _parted(*_written(e, names), least)


def _written(e: Expr, names: Names) -> tuple[str, int]:
    match e:
        case Number():
            return number(e.value)
        case IndexValue():
            return affine(e.affine, names)
        case Read(variable=Variable(init=Initialiser(rule="size" | "inverse size" as rule, expression=IndexValue(affine=size)))):
            text, binds = affine(size, names)
            return (text, binds) if rule == "size" else (f"1/{_parted(text, binds, ATOM)}", PRODUCT)
        case Read():
            return read(e, names), ATOM
        case Reduce() | Normalise():
            return f"{e.operation}[{', '.join(brackets(e, names))}]({expression(e.body, names)})", ATOM
        case Apply(function="where", arguments=(condition, then, otherwise)):
            parts = (expression(then, names, OR), expression(condition, names, OR), expression(otherwise, names, OR))
            return f"{parts[0]} if {parts[1]} else {parts[2]}", CONDITIONAL
        case Apply(function="*", arguments=(a, b)) if a == b:
            return f"{expression(a, names, ATOM)}^2", POWER
        case Apply(function="*", arguments=(a, b)) if _divides(b):
            text, _ = _written(b, names)
            return f"{expression(a, names, PRODUCT)} / {text.removeprefix('1/')}", PRODUCT
        case Apply(function="*", arguments=(a, Number() as b)):
            return f"{expression(a, names, PRODUCT)} * {expression(b, names, PRODUCT)}", PRODUCT  # a * (2/3) is a * 2 / 3
        case Apply(function="+", arguments=(a, Apply(function="neg", arguments=(b,)))):
            return f"{expression(a, names, SUM)} - {expression(b, names, PRODUCT)}", SUM
        case Apply(function="neg", arguments=(a,)):
            return f"-{expression(a, names, SIGN)}", SIGN
        case Apply(function="not", arguments=(a,)):
            return f"not {expression(a, names, COMPARISON)}", NOT
        case Apply(function=f, arguments=(a, b)) if f in BINDING:
            binds = BINDING[f]
            left, right = expression(a, names, binds + (binds in (COMPARISON, POWER))), expression(b, names, binds + 1)
            return (f"{left}^{right}", binds) if f == "^" else (f"{left} {f} {right}", binds)
        case Apply():
            return f"{e.function}({', '.join(expression(a, names) for a in e.arguments)})", ATOM


def _divides(e: Expr) -> bool:
    return isinstance(e, Read) and e.variable.init is not None and e.variable.init.rule == "inverse size"


def _parted(text: str, binds: int, least: int) -> str:
    return f"({text})" if binds < least else text


def read(e: Read, names: Names) -> str:
    """`K[o, c, u, v]`."""
    places = places_text(e.indices, names)
    return f"{names.variable(e.variable)}[{places}]" if places else names.variable(e.variable)


def places_text(places: Sequence[Affine | Expr], names: Names) -> str:
    """What stands between brackets."""
    return ", ".join(affine(p, names)[0] if isinstance(p, Affine) else expression(p, names) for p in places)


def brackets(e: Reduce | Normalise, names: Names) -> list[str]:
    """`s <= t` where a comparison binds the only index, else the indices and then the condition."""
    bound = [names.of(i) for i in e.indices]
    if e.condition is None:
        return bound
    condition = expression(e.condition, names)
    return [condition] if len(bound) == 1 and condition.startswith((f"{bound[0]} <", f"{bound[0]} >")) else [*bound, condition]


def affine(a: Affine, names: Names) -> tuple[str, int]:
    """`2*i + u`: without blanks, as in a bracket; and how tightly it binds."""
    text = ""
    for i, c in a.terms:
        sign = "-" if c < 0 else "+" if text else ""
        text += f"{sign}{'' if abs(c) == 1 else f'{abs(c)}*'}{names.of(i)}"
    if a.const != 0 or not text:
        const = bound(a.const)
        text += const if not text or const.startswith("-") else f"+{const}"
    several = len(a.terms) + (a.const != 0) > 1 or isinstance(a.const, Extent) and (a.const.const != 0 or len(a.const.terms) > 1)
    return text, SUM if several or text.startswith("-") else PRODUCT if "*" in text else ATOM


def bound(b: Bound) -> str:
    """`T-1`, `2*L`, `T//2`."""
    if not isinstance(b, Extent):
        return str(b)
    text = ""
    for length, c in b.terms:
        sign = "-" if c < 0 else "+" if text else ""
        name = length.name if length.whole is None else f"({bound(length.whole)})//{length.divisor}"
        text += f"{sign}{'' if abs(c) == 1 else f'{abs(c)}*'}{name}"
    return text + (f"{b.const:+d}" if b.const else "")


def number(value: float | int | bool) -> tuple[str, int]:
    """A number as a user would write it, `2/3` where it is a small fraction; and how tightly it binds."""
    if isinstance(value, bool):
        return str(value).lower(), ATOM
    near = fraction(value)
    if near is not None:
        return f"{near.numerator}/{near.denominator}", PRODUCT if near > 0 else SUM
    text = f"{value:.6g}"
    return text, SIGN if value < 0 else ATOM


def fraction(value: float | int) -> Fraction | None:
    """The small fraction that a number with endless digits is, else None."""
    if isinstance(value, int) or value != value or value in (float("inf"), float("-inf")) or len(repr(value)) < 7:
        return None
    near = Fraction(value).limit_denominator(_LARGEST_DENOMINATOR)
    return near if near and near.numerator / near.denominator == value else None
