"""Boundary equations: what a variable is at points beside its axes (`h[0]`, `b[T+1]`) and beyond a whole side (`x[t <= 0]`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from netc.compiler.diagnostics.problems.calls import NotApplicable
from netc.compiler.diagnostics.problems.causality import NotYet
from netc.compiler.diagnostics.problems.pieces import BoundaryUnread, LeftSideUnfit, PointGivenTwice
from netc.compiler.diagnostics.problems.sizes import DeclaredSizeDiffers, NumberForVector
from netc.compiler.elaborate.arrays.products import product_of
from netc.compiler.elaborate.left import Defining, Left, read_left, take_axes, targets
from netc.compiler.elaborate.ranges.edges import Edge
from netc.compiler.elaborate.scope import Broken, Build, Environment, Scope, Silenced, reading
from netc.compiler.elaborate.values import Array, Outputs, Poison, Value, first, lifted, shape_text, sort_text
from netc.compiler.source.text import Span
from netc.compiler.statements.domains import Bound, Domain, difference, may_reach
from netc.compiler.statements.expressions import Affine, Index, Kind, Number, Variable, affine


def define_boundary(b: Build, statement: Defining, scope: Scope) -> None:
    """One boundary equation: a piece of its variable, or the value that reads beyond a side give."""
    env: Environment = {}
    lefts = [read_left(b, t, scope, env) for t in targets(statement)]
    assert statement.value is not None
    for left in lefts:
        array = _extended(b, left, statement, scope)
        take_axes(b, left, array.axes, left.span)
        _note_edges(left, array, scope)
    value = b.evaluate(statement.value, scope, env)
    values: list[Value] = list(value.values.values()) if isinstance(value, Outputs) else [value]
    if len(lefts) > 1 and len(values) != len(lefts):
        raise Broken(NotApplicable(statement.span, f"split into {len(lefts)} names", sort_text(value)))
    for left, part in zip(lefts, values, strict=False):
        bounded = scope.names[left.name]
        assert isinstance(bounded, Array) and bounded.variable is not None
        if left.regions:
            _fill(left, bounded.variable, part, statement, scope.edges[bounded.variable])
        else:
            _points(b, left, bounded, part, statement, scope)
        _check_beyond(b, bounded.variable, len(scope.context), scope.edges[bounded.variable])


def prepare_edges(b: Build, boundaries: Sequence[Defining], scope: Scope) -> None:
    """Note where boundary equations reach, before anything reads there."""
    for statement in boundaries:
        for target in targets(statement):
            with b.trial():
                left = read_left(b, target, scope, {})
            array = scope.names.get(left.name)
            if isinstance(array, Array):
                _note_edges(left, array, scope)


def _extended(b: Build, left: Left, statement: Defining, scope: Scope) -> Array:
    """The variable that takes the boundary: a computed one itself, a copy of an input or a parameter."""
    known = scope.names.get(left.name)
    if known is None and left.name in scope.declared:  # pieces alone, on declared axes
        axes = scope.declared[left.name]
        made = b.variable(scope.qualified(left.name), (*(i.domain for i in scope.context), *axes), Kind.TEMPORARY, span=statement.span)
        scope.names[left.name] = reading(made, scope.context)
        scope.spans[left.name] = left.span
        return reading(made, scope.context)
    if isinstance(known, Poison):
        raise Silenced
    if not isinstance(known, Array):
        raise Broken(LeftSideUnfit(left.span, f"`{left.name}` has no values inside its range yet", "define the variable itself too"))
    own = known.variable
    if own is not None and own.kind is Kind.TEMPORARY and own.name.removesuffix(".border") == scope.qualified(left.name):
        return known
    path = scope.qualified(left.name) + ".border"
    copy = b.variable(path, (*(i.domain for i in scope.context), *known.axes), Kind.TEMPORARY, known.type, span=statement.span, classes=known.classes)
    rest = tuple(Index(f"r{k}", axis) for k, axis in enumerate(known.axes))
    b.emit(copy, (*map(affine, scope.context), *map(affine, rest)), (*scope.context, *rest), known, rest, statement.span, "")
    if own is not None and own.kind is Kind.INPUT:
        b.extended[copy] = own
    scope.names[left.name] = reading(copy, scope.context)
    return reading(copy, scope.context)


def _note_edges(left: Left, array: Array, scope: Scope) -> None:
    assert array.variable is not None
    edges = scope.edges.setdefault(array.variable, {})
    for k, item in enumerate(left.items):
        if isinstance(item, Affine) and not item.terms:
            edges.setdefault(k, Edge()).points.setdefault(item.const, left.span)
    for k, region in left.regions.items():
        axis = array.axes[k]
        end = axis.lo if region.side == "low" else axis.hi
        edges.setdefault(k, Edge()).sides.add(region.side)
        if difference(region.inside, end) != 0:
            side, beyond = ("begins", "<") if region.side == "low" else ("ends", ">")
            fitting = f"a boundary takes up where the axis ends: `{region.index} {beyond} {end}`"
            raise Broken(LeftSideUnfit(left.span, f"this boundary leaves off at {region.inside}, and the axis {side} at {end}", fitting))


def _fill(left: Left, variable: Variable, value: Value, statement: Defining, edges: Mapping[int, Edge]) -> None:
    literal = first(value)
    if not isinstance(literal, int | float):
        raise Broken(NotYet(statement.span, "boundaries of a whole side with values that are computed"))
    differs = variable.fill is not None and variable.fill != float(literal)
    for axis, region in left.regions.items():
        before = edges[axis].filled.setdefault(region.side, statement.span)
        if differs and before is not statement.span:
            raise Broken(PointGivenTwice(statement.span, left.name, targets(statement)[0].span.text, before))
    if differs:
        raise Broken(NotYet(statement.span, "boundaries with different values on the two sides"))
    variable.fill = float(literal)


def _check_beyond(b: Build, variable: Variable, skipped: int, edges: Mapping[int, Edge]) -> None:
    """Points beyond a side that is given as a whole: what both say is the same number. Raises Broken."""
    for axis, edge in edges.items():
        domain = variable.axes[skipped + axis]
        for e in (e for e in b.equations if e.target is variable and edge.filled):
            place = e.place[skipped + axis]
            if not isinstance(place, Affine) or place.terms or e.value == Number(variable.fill or 0):
                continue
            below, above = difference(domain.lo, place.const), difference(place.const, domain.hi)
            side = "low" if below is not None and below > 0 else "high" if above is not None and above > 0 else ""
            if side in edge.filled:
                first_given, again = sorted((e.span, edge.filled[side]), key=lambda s: s.start)
                name = variable.name.rpartition(".")[2]
                raise Broken(PointGivenTwice(again, name, f"{name}[{place.const}]", first_given))


def _points(b: Build, left: Left, array: Array, value: Value, statement: Defining, scope: Scope) -> None:
    assert statement.value is not None
    given = lifted(first(value))
    if given is None:
        raise Broken(NotApplicable(statement.value.span, "the value of an equation", sort_text(value)))
    places = left.places()
    own = tuple(dict.fromkeys(i for p in places for i in p.indices))
    b.resolve(own, statement.span)
    axes = array.axes[len(places) :]
    product = product_of(left.name, scope)
    if given.axes and not axes and product is not None:
        raise Broken(NumberForVector(product.span, left.name, statement.value.span))
    if given.axes and given.axes != axes:
        raise Broken(DeclaredSizeDiffers(statement.value.span, left.name, shape_text(axes), shape_text(given.axes), scope.spans.get(left.name)))
    rest = tuple(Index(f"r{k}", axis) for k, axis in enumerate(axes))
    filled = given if given.axes else Array(axes, lambda _: given.at(()), given.type)
    place = (*map(affine, scope.context), *places, *map(affine, rest))
    assert array.variable is not None
    b.emit(array.variable, place, (*scope.context, *own, *rest), filled, rest, statement.span, scope.row)
    b.resolve((), statement.span)


def check_tiles(place: Affine, span: Span) -> None:
    """`y[2*i + u] = ...` must reach every point from the first to the last, each once."""
    if place.plain is not None or not all(i.domain.known for i in place.indices):
        return
    reach, points = 1, 1
    for i, c in sorted(place.terms, key=lambda t: abs(t[1])):
        if abs(c) != reach and i.domain.points() > 1:
            what = "leaves gaps between its points" if abs(c) > reach else "writes some points twice"
            raise Broken(LeftSideUnfit(span, f"this left side {what}", "an axis may be made of several indices, as in `y[3*i + j]` with j in 0..2"))
        points *= i.domain.points()
        reach = points


def unread_boundaries(b: Build, scope: Scope) -> None:
    """Warn of boundaries that no read reaches; where equations failed, it is not known what they read."""
    if b.reporter.failed:
        return
    for variable, edges in scope.edges.items():
        axes = variable.axes[len(scope.context) :]
        beyond = any(not _on(axes[k], p) for k, edge in edges.items() for p in edge.points)
        if not beyond and not any(e.sides for e in edges.values()):
            continue  # pieces that lie on the axis
        outside = any(
            _leaves(variable, read.indices) for equation in b.equations for read in equation.reads if read.variable is variable
        )
        span = next((s for k, edge in edges.items() for s in _given_outside(axes[k], edge)), variable.span)
        if not outside and span is not None:
            b.report(BoundaryUnread(span, variable.name.removesuffix(".border")), scope)


def _given_outside(axis: Domain, edge: Edge) -> list[Span]:
    """Where the points and the sides beyond an axis are given."""
    return [*(span for p, span in edge.points.items() if not _on(axis, p)), *edge.filled.values()]


def _on(axis: Domain, point: Bound) -> bool:
    return may_reach(axis.lo, point) and may_reach(point, axis.hi)


def _leaves(variable: Variable, places: tuple[object, ...]) -> bool:
    return any(_beyond(axis, place) for axis, place in zip(variable.axes, places, strict=True))


def _beyond(axis: Domain, place: object) -> bool:
    if not isinstance(place, Affine):
        return True  # it may
    lo, hi = place.range()
    below, above = difference(axis.lo, lo), difference(hi, axis.hi)
    return below is not None and below > 0 or above is not None and above > 0
