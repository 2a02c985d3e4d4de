"""Programs as text, for people and golden files."""

from __future__ import annotations

from collections.abc import Iterable

from netc.compiler.statements.expressions import Affine, Apply, Expr, Index, IndexValue, Normalise, Number, Read, Reduce
from netc.compiler.statements.program import Operation, Program, Statement
from netc.compiler.statements.rename import indices_of, with_indices

_INFIX = {"+", "-", "*", "/", "^", "<", "<=", ">", ">=", "==", "!=", "and", "or", "//", "%"}


def expression(e: Expr) -> str:
    """One expression on one line."""
    match e:
        case Number():
            return f"{e.value:.6g}" if isinstance(e.value, float) else str(e.value)
        case IndexValue():
            return repr(e.affine)
        case Read():
            return _read(e)
        case Apply() if e.function in _INFIX:
            left, right = (_operand(a) for a in e.arguments)
            return f"{left} {e.function} {right}"
        case Apply():
            return f"{e.function}({', '.join(map(expression, e.arguments))})"
        case Reduce() | Normalise():
            items = [repr(i) for i in e.indices] + ([] if e.condition is None else [expression(e.condition)])
            return f"{e.operation}[{', '.join(items)}]({expression(e.body)})"


def _operand(e: Expr) -> str:
    text = expression(e)
    infix = isinstance(e, Apply) and e.function in _INFIX
    affine = isinstance(e, IndexValue) and bool(e.affine.terms) and (e.affine.plain is None or e.affine.const != 0)
    return f"({text})" if infix or affine else text


def _read(e: Read) -> str:
    places = [repr(i) if isinstance(i, Affine) else expression(i) for i in e.indices]
    return f"{e.variable.name}[{', '.join(places)}]" if places else e.variable.name


def statement(s: Statement) -> str:
    """`y[i] += sum[k] W[i, k] * x[k]`; an index whose name is taken gets a number."""
    s = with_indices(s, _distinct(indices_of(s)))
    places = [repr(p) if isinstance(p, Affine) else expression(p) for p in s.place]
    left = f"{s.target.name}[{', '.join(places)}]" if places else s.target.name
    body = expression(s.body)
    if s.operation is not Operation.MAP:
        over = ", ".join(map(repr, s.over))
        body = f"{s.operation.value}[{over}] {body}" if over else f"{s.operation.value} {body}"
    condition = f" where {expression(s.condition)}" if s.condition is not None else ""
    source = f" at {' == '.join(map(expression, s.source))}" if s.source else ""
    return f"{left} {'+=' if s.accumulate else '='} {body}{condition}{source}"


def _distinct(indices: Iterable[Index]) -> dict[Index, Index]:
    """New indices for those that are not the first of their name."""
    taken: set[str] = set()
    renamed: dict[Index, Index] = {}
    for i in indices:
        name, k = i.name, 2
        while name in taken:
            name, k = f"{i.name}_{k}", k + 1
        taken.add(name)
        if name != i.name:
            renamed[i] = Index(name, i.domain)
    return renamed


def program(p: Program) -> str:
    """All statements, one on each line."""
    return "\n".join(statement(s) for s in p.statements)
