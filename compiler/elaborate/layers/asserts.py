"""Decides the asserts of a net: sizes and constants, counts when they are known, lengths when samples are given."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.assertions import AssertFailed, AssertUndecided, SettingUnfit
from netc.compiler.diagnostics.problems.calls import NotApplicable
from netc.compiler.diagnostics.problems.domains import ReadBeyondSample
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.elaborate.layers.constants import Constants, NotConstant
from netc.compiler.elaborate.left import used_names
from netc.compiler.elaborate.misapplied import unfit
from netc.compiler.elaborate.model import Assertion, Counts, Elaborated
from netc.compiler.elaborate.ranges.planned import PlannedRead
from netc.compiler.elaborate.scope import Broken, Build, Scope, Silenced
from netc.compiler.elaborate.values import (
    Array,
    Builtin,
    Function,
    LayerName,
    LayerValue,
    Poison,
    Value,
    first,
    is_number,
    lifted,
    sort_text,
)
from netc.compiler.statements.domains import Extent, Length, value
from netc.compiler.statements.expressions import Affine
from netc.compiler.syntax import tree

_CLOSE = 1e-9


class LengthOpen(Exception):
    """An assert speaks of a length that is not given."""


def check_asserts(elaborated: Elaborated, counts: Counts, reporter: Reporter) -> None:
    """Report the asserts that do not hold. What speaks of a sample's length is decided when samples are given."""
    for assertion in elaborated.assertions:
        try:
            problem = assertion.decide(counts, {})
        except LengthOpen:
            continue
        except Silenced:
            reporter.give_up(assertion.statement)
            continue
        if problem is not None:
            reporter.report(problem)


def open_asserts(elaborated: Elaborated) -> tuple[Assertion, ...]:
    """The asserts that speak of a sample's length."""
    return tuple(a for a in elaborated.assertions if _is_open(a))


def _is_open(assertion: Assertion) -> bool:
    try:
        assertion.decide(None, {})
    except LengthOpen:
        return True
    except Silenced:
        return False
    return False


def broken_assert(asserts: Sequence[Assertion], lengths: Mapping[Length, int], sample: int) -> Problem | None:
    """The first of these asserts that does not hold for a sample of these lengths."""
    for assertion in asserts:
        problem = assertion.decide(None, lengths)
        if isinstance(problem, AssertFailed | ReadBeyondSample):
            spoken = " and ".join(f"{n.name} = {k}" for n, k in lengths.items())
            return replace(problem, sample=f"sample {sample} of the batch has {spoken}")
    return None


def assertions(b: Build, statement: tree.Assert, scope: Scope) -> Iterator[Assertion]:
    """The parts of an assert, to be decided later; their names are those of this scope."""
    for condition in _parts(statement.condition):
        yield Assertion(condition.span, statement.span, partial(_decide_guarded, b, statement.message or "", condition, scope))


def check_settings(b: Build, layer: LayerValue, inner: Scope) -> None:
    """What a layer of the library asks of its settings, as far as they are numbers. Raises Broken where it is not so."""
    for statement in (s for s in layer.declaration.body if isinstance(s, tree.Assert)):
        for condition in _parts(statement.condition):
            try:
                problem = _decide(b, statement.message or "", condition, inner, None, {})
            except Broken as broken:
                problem = broken.problem
            except LengthOpen:
                continue
            if isinstance(problem, AssertFailed | NotApplicable):
                raise Broken(_setting_unfit(layer, condition, statement.message or ""))


def _setting_unfit(layer: LayerValue, condition: tree.Expr, reason: str) -> SettingUnfit:
    settings = [p.name.name for p in layer.declaration.settings]
    name = next(s for s in settings if s in used_names(condition))
    given = next((a for k, a in enumerate(layer.call.arguments) if name == (a.name.name if a.name else settings[k])), None)
    span = given.value.span if given is not None else layer.call.span
    return SettingUnfit(span, layer.declaration.name.name, name, sort_text(layer.settings[name]).removeprefix("the number "), reason)


def limits(reads: Sequence[PlannedRead]) -> Iterator[Assertion]:
    """What reads such as `x[5]` of a sequence ask of its length: the same as an assert."""
    seen: set[tuple[object, ...]] = set()
    for read in reads:
        key = (read.span, read.place.range(), read.domain.lo, read.domain.hi)
        if key not in seen:
            seen.add(key)
            yield Assertion(read.span, read.span, partial(_stays_inside, read))


def _stays_inside(read: PlannedRead, counts: Counts | None, lengths: Mapping[Length, int]) -> Problem | None:
    if not lengths:
        raise LengthOpen
    at = read.leaves(lengths)
    if at is None:
        return None
    ends = [value(b, lengths) for b in (read.domain.lo, read.domain.hi)]
    return ReadBeyondSample(read.span, read.variable, at, f"{read.domain.lo}..{read.domain.hi}", f"{ends[0]}..{ends[1]}")


def _parts(condition: tree.Expr) -> Iterator[tree.Expr]:
    if isinstance(condition, tree.Logic) and condition.operator == "and":
        yield from _parts(condition.left)
        yield from _parts(condition.right)
    else:
        yield condition


def _decide_guarded(
    b: Build, reason: str, condition: tree.Expr, scope: Scope, counts: Counts | None, lengths: Mapping[Length, int]
) -> Problem | None:
    if _counted(condition):
        if counts is None:
            return None  # decided by `check`, which counts
        lengths = counts.lengths
    try:
        return _decide(b, reason, condition, scope, counts, lengths)
    except Broken as broken:
        return broken.problem


def _decide(
    b: Build, reason: str, condition: tree.Expr, scope: Scope, counts: Counts | None, lengths: Mapping[Length, int]
) -> Problem | None:
    text = condition.span.text
    if isinstance(condition, tree.Compare):
        sides = [_side(b, side, scope, counts) for side in (condition.left, condition.right)]
        try:
            left, right = _sized([_worked_out(b, side) for side in sides], lengths)
            if _compare(condition.operator, left, right):
                return None
            return AssertFailed(condition.span, text, _shown(left), _shown(right), reason)
        except NotConstant as unknown:
            return AssertUndecided(condition.span, text, unknown.name)
    value = _side(b, condition, scope, counts)
    try:
        holds = _worked_out(b, value)
    except NotConstant as unknown:
        return AssertUndecided(condition.span, text, unknown.name)
    return None if holds else AssertFailed(condition.span, text, reason=reason)


def _sized(sides: list[object], lengths: Mapping[Length, int]) -> list[object]:
    """Both sides with lengths as numbers. What is the same for all lengths needs none: `[T, 3]` is `[T, 3]`."""
    if sides[0] == sides[1]:
        return sides
    return [_at(side, lengths) for side in sides]


def _at(side: object, lengths: Mapping[Length, int]) -> object:
    if isinstance(side, list):
        return [_at(x, lengths) for x in side]
    if not isinstance(side, Extent):
        return side
    try:
        return value(side, lengths)
    except KeyError:
        raise LengthOpen from None


def _counted(node: object) -> bool:
    """Whether a condition asks for counts."""
    return bool({"params", "connections"} & used_names(node))


def _side(b: Build, node: tree.Expr, scope: Scope, counts: Counts | None) -> Value:
    """The value of one side, with counts asked for by name."""
    if isinstance(node, tree.Binary):
        left, right = _side(b, node.left, scope, counts), _side(b, node.right, scope, counts)
        if isinstance(left, Extent) and isinstance(right, int) or isinstance(right, Extent) and isinstance(left, int | Extent):
            affine: dict[str, Callable[..., Value]] = {"+": lambda x, y: x + y, "-": lambda x, y: x - y, "*": lambda x, y: x * y}
            operate = affine.get(node.operator)
            if operate is not None and (node.operator != "*" or isinstance(left, int) or isinstance(right, int)):
                return operate(left, right)
        if is_number(left) and is_number(right):
            operations: dict[str, Callable[..., Value]] = {
                "+": lambda x, y: x + y, "-": lambda x, y: x - y, "*": lambda x, y: x * y, "//": lambda x, y: x // y,
                "/": lambda x, y: x / y, "%": lambda x, y: x % y, "^": lambda x, y: x**y,
            }  # fmt: skip
            if node.operator in operations:
                try:
                    return operations[node.operator](left, right)
                except ZeroDivisionError:
                    raise Broken(NotApplicable(node.span, "divided by", "the number 0")) from None
    if isinstance(node, tree.Call) and isinstance(node.function, tree.Name) and node.function.name in ("params", "connections"):
        assert counts is not None, "counts are asked for by `check`"
        path = _path(b, node, scope)
        if not counts.known(path):
            raise Silenced
        return counts.parameters(path) if node.function.name == "params" else counts.connections(path)
    value = first(b.evaluate(node, scope, {}))
    if isinstance(value, Builtin | Function | LayerName | LayerValue):
        whole = node.span.text in ("params", "connections")
        hint = f"write `{node.span.text}{'()' if whole else '(...)'}`" if isinstance(value, Builtin | Function) else ""
        raise Broken(unfit(node.span, "used as a number", value, hint))
    return value


def _path(b: Build, node: tree.Call, scope: Scope) -> str:
    """`params(c3)`, `params(m.h)`: the path of what is counted. Raises Silenced where that has a mistake."""
    if not node.arguments:
        if any(isinstance(v, Poison) for v in scope.names.values()):
            raise Silenced
        return scope.path
    target = node.arguments[0].value
    if isinstance(target, tree.String):
        return scope.qualified(target.value)
    parts: list[str] = []
    while isinstance(target, tree.Attribute):
        parts.insert(0, target.name.name)
        target = target.base
    if not isinstance(target, tree.Name):
        raise Broken(NotApplicable(target.span, "counted", f"`{target.span.text}`", "give the name of an equation or a layer"))
    value = b.evaluate(target, scope, {})
    if isinstance(value, LayerValue) and not any(name.startswith(f"{value.path}.") for name in b.variables):
        raise Broken(unfit(target.span, "counted", value))
    return scope.qualified(".".join([target.name, *parts]))


def _worked_out(b: Build, value: Value) -> object:
    """Numbers, lists of numbers, and arrays of constants as nested lists."""
    if isinstance(value, list):
        return [_worked_out(b, v) for v in value]
    if isinstance(value, Affine):
        raise NotConstant("an index")
    array = lifted(value) if isinstance(value, Array) else None
    if array is None:
        return value
    return _grid(Constants(b.equations), array, 0, [])


def _grid(constants: Constants, array: Array, axis: int, point: list[Affine]) -> object:
    if axis == array.rank:
        return constants.value(array.at(point), {})
    domain = array.axes[axis]
    if not isinstance(domain.lo, int) or not isinstance(domain.hi, int):
        raise NotConstant("a length")
    return [_grid(constants, array, axis + 1, [*point, Affine(k)]) for k in range(domain.lo, domain.hi + 1)]


def _compare(operator: str, left: object, right: object) -> bool:
    if operator in ("==", "!="):
        return _equal(left, right) is (operator == "==")
    if not isinstance(left, int | float) or not isinstance(right, int | float):
        return False
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}.get(operator, False)


def _equal(left: object, right: object) -> bool:
    """Whole numbers exactly; others to nine digits."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(itertools.starmap(_equal, zip(left, right, strict=True)))
    if isinstance(left, list) != isinstance(right, list):
        return False
    if isinstance(left, float) or isinstance(right, float):
        return is_number(left) and is_number(right) and math.isclose(left, right, rel_tol=_CLOSE, abs_tol=_CLOSE)
    return left == right


def _shown(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_shown(v) for v in value) + "]"
    if isinstance(value, float):
        return f"{value:.10g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
