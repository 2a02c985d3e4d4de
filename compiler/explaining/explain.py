"""The explanation of one name: everything that can be said of it, gathered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from netc.compiler.counting.count import Term, connection_terms, connections, multiply_adds, parameters, product_terms
from netc.compiler.counting.describe import describe
from netc.compiler.counting.points import evaluate, tied
from netc.compiler.counting.report import shape_text
from netc.compiler.elaborate.model import Equation
from netc.compiler.explaining import latex
from netc.compiler.explaining.model import Count, Factor, Grid, Part, Product, Size
from netc.compiler.explaining.naming import Naming, hints_of
from netc.compiler.explaining.notation import Names, bound, expression, places_text
from netc.compiler.explaining.page import Explanation
from netc.compiler.explaining.slopes import Slopes, slopes
from netc.compiler.explaining.subject import TABLE, Subject, parts
from netc.compiler.source.text import Span
from netc.compiler.statements.domains import Domain, Length
from netc.compiler.statements.expressions import (
    Affine,
    Expr,
    Index,
    Kind,
    Normalise,
    Read,
    Reduce,
    Variable,
    affine,
    free_indices,
    map_reads,
    reads,
    rebuild,
    walk,
)

_MOST = 16  # equations that are shown at once; a name with more is opened into its parts
_LONG = 44  # characters of what is counted
_GRID = 64  # rows and columns of a table that is drawn
_HOLDS = (Kind.PARAMETER, Kind.STATE, Kind.CONSTANT)
Lengths = Mapping[Length, int]


def explain(subject: Subject, lengths: Lengths) -> Explanation:
    """The name worked out; connections and multiply-adds are those of a sample of these lengths."""
    several = len(subject.equations) > _MOST
    found = Slopes((), {}, {}) if several else slopes(subject)
    naming = naming_of(subject, found)
    shown = () if several else subject.equations
    span = _place(subject)
    return Explanation(
        subject.elaborated.name,
        subject.name,
        _what(subject),
        f"{span.source.name}:{span.line}",
        span.source.line(span.line).strip(),
        tuple(_left_and_right(e.target, e.place, e.value, naming, "=") for e in shown),
        _ranges(shown, naming),
        tuple(_sizes(subject, naming, several)),
        _counts(subject, naming, lengths, several),
        tuple(_grids(subject, naming, lengths)),
        tuple(_left_and_right(s.target, s.place, s.value, naming, "+=" if s.adds else "=") for s in found.equations),
        _latex(subject, found, naming) if shown else (),
        tuple(_parts(subject, lengths)) if several else (),
        {n.name: k for n, k in lengths.items()},
    )


def naming_of(subject: Subject, found: Slopes = Slopes((), {}, {})) -> Naming:
    """What the variables of a subject, and of its gradient, are called."""
    made = {*found.adjoints, *found.auxiliary}
    touched = [r.variable for e in subject.equations for r in reads(e.value)]
    touched += [r.variable for s in found.equations for r in reads(s.value) if r.variable not in made]
    held = [subject.held] if subject.held is not None else []
    supports = [r.variable for v in touched if v.support is not None for r in reads(v.support.condition)]
    hints = hints_of((e.target, e.place, e.value) for e in subject.equations)
    naming = Naming([*held, *subject.targets, *touched, *supports], hints, found.adjoints)
    deltas = [v for v in found.auxiliary if v not in found.values]
    for kind in (deltas, [v for v in found.auxiliary if v in found.values]):
        for k, v in enumerate(kind):
            name = naming.variable(found.auxiliary[v])
            alike = [o for o in kind[:k] if found.auxiliary[o] is found.auxiliary[v]]
            stem = f"{name}_in" if kind is not deltas else "delta" if len(deltas) == 1 else f"delta_{name}"
            naming.short[v] = stem + "'" * len(alike)
    naming.short.update({d: f"d{naming.variable(v)}" for d, v in found.adjoints.items()})
    return naming


def _place(subject: Subject) -> Span:
    rows = [r.span for r in subject.elaborated.rows if r.name == subject.name]
    held = subject.held.span if subject.held is not None else None
    own = [e.span for e in subject.covered if e.target.name == subject.name] or [e.span for e in subject.covered]
    return held or (rows[-1] if rows else own[0])


def _what(subject: Subject) -> str:
    if subject.held is not None:
        return described(subject.held)
    rows = [r for r in subject.elaborated.rows if r.name == subject.name and r.kind not in ("input", "equation")]
    return ", ".join(t for t in (describe(subject.covered), *(r.kind for r in rows)) if t)


def described(v: Variable) -> str:
    """`param init lecun98`, `const`, `table`."""
    words = {Kind.PARAMETER: "param", Kind.CONSTANT: "const"}
    if v.name.startswith(TABLE):
        return "table"
    if v.init is None or v.init.expression is not None or v.init.rule in ("values", "load", "open"):
        return words.get(v.kind, v.kind.value)
    given = ", ".join(f"{a:g}" if isinstance(a, int | float) else a for a in v.init.arguments)
    rule = given if v.init.rule == "fill" else f"{v.init.rule}({given})" if given else v.init.rule
    return f"{words.get(v.kind, v.kind.value)} init {rule}"


# ---- equations ---------------------------------------------------------------------------------------------------


def _left_and_right(target: Variable, place: Sequence[Affine | Expr], value: Expr, naming: Naming, sign: str) -> str:
    names = naming.names(target, place, value)
    inside = places_text(place, names)
    return f"{names.variable(target)}{f'[{inside}]' if inside else ''} {sign} {expression(value, names)}"


def _latex(subject: Subject, found: Slopes, naming: Naming) -> tuple[str, ...]:
    lines = [latex.equation(e.target, e.place, e.value, naming.names(e.target, e.place, e.value)) for e in subject.equations]
    partial = {d: f"∂{naming.variable(v)}" for d, v in found.adjoints.items()}
    for s in found.equations:
        names = naming.names(s.target, s.place, s.value)
        marked = Names(lambda v: partial.get(v) or naming.variable(v), names.index)
        lines.append(latex.equation(s.target, s.place, s.value, marked, r"\mathrel{+}=" if s.adds else "="))
    return tuple(lines)


def _ranges(equations: Iterable[Equation], naming: Naming) -> tuple[tuple[str, str], ...]:
    """Each index with what it runs over; those that run over the same stand together."""
    found: dict[str, dict[str, None]] = {}
    for e in equations:
        names = naming.names(e.target, e.place, e.value)
        inner = [i for x in walk(e.value) if isinstance(x, Reduce | Normalise) for i in x.indices]
        for i in (*e.indices, *inner):
            if i in names.index:
                found.setdefault(names.of(i), {})[_range(i.domain)] = None
    together: dict[str, list[str]] = {}
    for name, ranges in found.items():
        together.setdefault(" or ".join(ranges), []).append(name)
    return tuple((", ".join(names), text) for text, names in together.items())


def _range(domain: Domain) -> str:
    return f"{bound(domain.lo)}..{bound(domain.hi)}"


# ---- sizes and counts --------------------------------------------------------------------------------------------


def _sizes(subject: Subject, naming: Naming, several: bool) -> Iterable[Size]:
    own = subject.targets
    touched = dict.fromkeys(r.variable for e in subject.equations for r in reads(e.value) if r.variable not in own)
    for v in touched:
        if v.kind not in (*_HOLDS, Kind.LENGTH) and not (several and v.kind is Kind.RANDOM):
            what = v.kind.value if v.kind in (Kind.INPUT, Kind.RANDOM) else "" if naming.variable(v) == v.name else v.name
            yield Size(naming.variable(v), shape_text(v), what, "reads")
    for v in dict.fromkeys((*((subject.held,) if subject.held else ()), *touched)):
        if v.kind in _HOLDS and not several:
            yield Size(naming.variable(v), shape_text(v), described(v) + support_text(v, naming), "holds")
        elif v is subject.held:
            yield Size(v.name, shape_text(v), v.kind.value, "is")
    elsewhere = subject.read_elsewhere
    for v in own:
        if not several or v in elsewhere:
            yield Size(naming.variable(v), shape_text(v), "", "gives")


def support_text(v: Variable, naming: Naming | None = None) -> str:
    """` where C3[c, o]`; an empty text for what exists everywhere."""
    if v.support is None:
        return ""
    naming = naming or Naming([v, *(r.variable for r in reads(_support(v)))], {})
    return f" where {expression(_support(v), naming.names(v, _places(v), _support(v)))}"


def _places(v: Variable) -> tuple[Affine, ...]:
    return tuple(affine(i) for i in v.support.indices) if v.support is not None else tuple(affine(Index("i0", a)) for a in v.axes)


def _support(v: Variable) -> Expr:
    assert v.support is not None
    return v.support.condition


def _counts(subject: Subject, naming: Naming, lengths: Lengths, several: bool) -> tuple[Count, ...]:
    """As `check` counts: a loss or a metric has no connections, and what has none has no multiply-adds."""
    held, products = list(_held(subject, naming, lengths)), list[Count]()
    judged = subject.held is not None or any(r.name == subject.name and r.kind in ("loss", "metric") for r in subject.elaborated.rows)
    for name, of in (("connections", connection_terms), ("multiply-adds", product_terms)):
        terms = [] if judged or products and not products[0].total else [(e, t) for e in subject.covered for t in of(e)]
        products.append(Count(name, () if several else tuple(_product(t, e, subject, naming, lengths) for e, t in terms), sum(t.points(lengths) for _, t in terms)))
    found = (Count("parameters", () if several else tuple(p for p, _ in held), sum(p.points for p, counted in held if counted)), *products)
    return tuple(c for c in found if c.total or c.products)


def _held(subject: Subject, naming: Naming, lengths: Lengths) -> Iterable[tuple[Product, bool]]:
    """The parameters, and whether they are counted here: one that an earlier row reads belongs to that."""
    owner: dict[Variable, Equation] = {}
    for e in subject.elaborated.equations:
        for r in e.reads:
            owner.setdefault(r.variable, e)
    touched = [r.variable for e in subject.equations for r in reads(e.value)] if subject.held is None else [subject.held]
    for v in dict.fromkeys(v for v in touched if v.kind is Kind.PARAMETER):
        first = owner.get(v)
        counted = first is None or first in subject.covered or subject.held is not None
        indices = tuple(v.support.indices if v.support is not None else (Index("i0", a) for a in v.axes))
        conditions = () if v.support is None else (v.support.condition,)
        names = naming.names(v, tuple(map(affine, indices)), _support(v) if v.support is not None else Read(v, tuple(map(affine, indices))))
        factors = _factors(Term(Read(v), indices, conditions), names, lengths)
        elsewhere = "" if counted or first is None else f" (counted with `{first.row}`)"
        yield Product(naming.variable(v) + elsewhere, factors, parameters(v, lengths)), counted


def _product(term: Term, e: Equation, subject: Subject, naming: Naming, lengths: Lengths) -> Product:
    names = naming.names(e.target, e.place, e.value)
    what = map_reads(term.what, lambda r: Read(subject.renamed.get(r.variable, r.variable), r.indices))
    text = expression(what, names)
    return Product(text if len(text) <= _LONG else expression(_cut(what), names), _factors(term, names, lengths), term.points(lengths))


def _cut(e: Expr) -> Expr:
    """With dots for what reductions are taken of."""
    if isinstance(e, Reduce | Normalise):
        return replace(e, condition=None, body=Read(Variable("…", ())))
    return rebuild(e, _cut)


def _factors(term: Term, names: Names, lengths: Lengths) -> tuple[Factor, ...]:
    """Indices that conditions tie together are one factor; each other one is its own."""
    together, conditions = tied(term.indices, term.conditions)
    found = [Factor(i.domain.points(lengths), names.of(i)) for i in term.indices if i not in together]
    if together:
        group = Term(term.what, tuple(together), tuple(conditions)).points(lengths)
        told = " and ".join(dict.fromkeys(expression(c, names) for c in conditions))
        found.insert(0, Factor(group, f"{', '.join(map(names.of, together))} where {told}"))
    return tuple(found)


# ---- tables and parts --------------------------------------------------------------------------------------------


def _grids(subject: Subject, naming: Naming, lengths: Lengths) -> Iterable[Grid]:
    """What exists of each parameter with a support over two axes; a table is drawn as it stands."""
    drawn: set[str] = set()
    touched = [r.variable for e in subject.equations for r in reads(e.value) if r.variable.kind is Kind.PARAMETER]
    for v in dict.fromkeys(touched if subject.held is None else [subject.held]):
        condition = v.support.condition if v.support is not None else None
        places = _places(v)
        if condition is None and v.name.startswith(TABLE):
            own = tuple(Index(n, a) for n, a in zip("ij", v.axes, strict=False))
            places = tuple(map(affine, own))
            condition = Read(v, places)
        if condition is None:
            continue
        indices = [i for r in reads(condition) for p in r.indices if isinstance(p, Affine) for i in p.indices] or list(free_indices(condition))
        axes = list(dict.fromkeys(indices))
        if len(axes) != 2 or any(not i.domain.known or i.domain.points() > _GRID for i in axes):
            continue
        names = naming.names(v, places, condition)
        rows = tuple(
            tuple(bool(evaluate(condition, {axes[0]: a, axes[1]: b}, lengths)) for b in _points(axes[1].domain)) for a in _points(axes[0].domain)
        )
        told = expression(condition, names)
        if told not in drawn:
            drawn.add(told)
            yield Grid(told, names.of(axes[0]), names.of(axes[1]), rows)


def _points(domain: Domain) -> range:
    assert isinstance(domain.lo, int) and isinstance(domain.hi, int)
    return range(domain.lo, domain.hi + 1)


def _parts(subject: Subject, lengths: Lengths) -> Iterable[Part]:
    for name, equations in parts(subject).items():
        if name == subject.name:
            continue  # what joins the parts
        held = {r.variable for e in equations for r in reads(e.value) if r.variable.kind is Kind.PARAMETER}
        yield Part(
            name, describe(equations), shape_text(equations[-1].target), sum(parameters(v, lengths) for v in held),
            sum(connections(e, lengths) for e in equations), sum(multiply_adds(e, lengths) for e in equations),
        )  # fmt: skip
