"""A key of an expression that does not depend on which indices it names: equal keys compute the same numbers."""

from __future__ import annotations

from collections.abc import Hashable

from netc.compiler.statements.expressions import Affine, Apply, Expr, Index, IndexValue, Number, Read

Numbering = dict[Index, int]


def canonical(e: Expr, numbers: Numbering) -> Hashable:
    """The key of a normal-form expression; indices are numbered as they appear, on top of those given."""
    match e:
        case Number():
            return ("number", type(e.value).__name__, e.value)
        case IndexValue():
            return ("index", place_key(e.affine, numbers))
        case Apply():
            return (e.function, *(canonical(a, numbers) for a in e.arguments))
        case Read():
            return (
                "read",
                id(e.variable),
                *(place_key(i, numbers) if isinstance(i, Affine) else canonical(i, numbers) for i in e.indices),
            )
        case _:
            raise TypeError(f"not in normal form: {type(e).__name__}")


def place_key(a: Affine, numbers: Numbering) -> Hashable:
    terms = sorted(((numbers.setdefault(i, len(numbers)), c, i.domain) for i, c in _ordered(a, numbers)), key=lambda t: t[0])
    return (a.const, tuple((n, c, d.lo, d.hi) for n, c, d in terms))


def _ordered(a: Affine, numbers: Numbering) -> list[tuple[Index, int]]:
    """Known indices first, so that the numbers of new ones do not depend on when indices were made."""
    return sorted(a.terms, key=lambda t: (numbers.get(t[0], 1 << 30), t[0].serial))


