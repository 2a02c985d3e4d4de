"""`real[C, H, W]`, `class(V)[1..T]`, `bool`: types written out, and headers matched against values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from netc.compiler.diagnostics.problems.calls import ExtraArgument, NotApplicable
from netc.compiler.diagnostics.problems.names import UnknownName
from netc.compiler.diagnostics.problems.sizes import NotASize
from netc.compiler.diagnostics.suggest import suggest
from netc.compiler.elaborate.scope import Broken, Build, Scope
from netc.compiler.elaborate.values import Array, Value, sort_text
from netc.compiler.statements.domains import Domain, Extent, Length, sized
from netc.compiler.statements.expressions import Kind, Type, Variable
from netc.compiler.syntax import tree

_TYPES = "types are `real[...]`, `class(n)[...]`, `bool[...]`"
_KINDS = {"real": Type.REAL, "class": Type.INTEGER, "index": Type.INTEGER, "bool": Type.BOOLEAN}


@dataclass(frozen=True)
class Declared:
    """A type with its axes and classes settled."""

    type: Type
    axes: tuple[Domain, ...]
    classes: Domain | None


def _split(node: tree.Expr) -> tuple[tree.Name, tree.Call | None, tuple[tree.Expr, ...]]:
    """The word, the bracket of `class(...)`, and the axes."""
    axes: tuple[tree.Expr, ...] = ()
    if isinstance(node, tree.Index):
        axes, node = node.items, node.base
    call = node if isinstance(node, tree.Call) else None
    head = node.function if isinstance(node, tree.Call) else node
    if not isinstance(head, tree.Name):
        raise Broken(NotApplicable(node.span, "a type", f"`{node.span.text}`", _in_one_bracket(head, axes) or _TYPES))
    if head.name not in _KINDS:
        guess = suggest(head.name, _KINDS)
        raise Broken(UnknownName(head.span, head.name, guess, instead="" if guess else _TYPES))
    if call is not None and head.name in ("real", "bool"):
        written = ", ".join(a.span.text for a in call.arguments)
        raise Broken(NotApplicable(node.span, "a type", f"`{node.span.text}`", f"sizes stand in square brackets: `{head.name}[{written}]`"))
    return head, call, axes


def _in_one_bracket(inner: tree.Expr, outer: tuple[tree.Expr, ...]) -> str:
    """What to say of `real[N][1..T]` and of `class[2][1..T]`."""
    if not isinstance(inner, tree.Index) or not isinstance(inner.base, tree.Name) or inner.base.name not in _KINDS:
        return ""
    word, behind = inner.base.name, ", ".join(i.span.text for i in outer)
    if word == "class" and len(inner.items) == 1 and not isinstance(inner.items[0], tree.Range):
        return f"the number of classes stands in round brackets: `class({inner.items[0].span.text})[{behind}]`"
    swapped = any(isinstance(i, tree.Range) for i in outer)
    axes = ", ".join(i.span.text for i in ((*outer, *inner.items) if swapped else (*inner.items, *outer)))
    return f"all axes stand in one bracket: `{word}[{axes}]`"


def _classes_written(items: tuple[tree.Expr, ...]) -> str:
    """What to say of `class`, and of `class[2]`."""
    sizes, ranges = [i for i in items if not isinstance(i, tree.Range)], [i for i in items if isinstance(i, tree.Range)]
    behind = f"[{', '.join(i.span.text for i in (ranges if len(sizes) == 1 else items))}]" if ranges or len(sizes) > 1 else ""
    if len(sizes) != 1:
        return f"say how many: `class(10){behind}`"
    return f"the number of classes stands in round brackets: `class({sizes[0].span.text}){behind}`"


def _of_each_sample(problem: UnknownName, node: tree.Expr, items: tuple[tree.Expr, ...]) -> UnknownName:
    """The problem of a size that nothing declares; as the first of an input, it may be meant as a length."""
    if not items or problem.span != items[0].span or problem.guess:
        return problem
    first, last = items[0].span, node.span
    ranged = f"{last.text[: first.start - last.start]}1..{first.text}{last.text[first.end - last.start :]}"
    return replace(problem, instead=f"a length that differs from sample to sample is written `{ranged}`; a size that does not is declared: `dim {problem.name} = 10`")


def declared_input(b: Build, node: tree.Expr, scope: Scope) -> Declared:
    """The type of an input, which may bring lengths along."""
    take_lengths(b, node, scope)
    try:
        return declared(b, node, scope)
    except Broken as broken:
        if isinstance(broken.problem, UnknownName):
            broken.problem = _of_each_sample(broken.problem, node, _split(node)[2])
        raise


def size_of(b: Build, node: tree.Expr, scope: Scope) -> Domain:
    """The domain of one axis: a size `N`, a range `1..T`, or a named domain."""
    if isinstance(node, tree.AxisName):
        return size_of(b, node.size, scope)
    value = b.evaluate(node, scope, {})
    if isinstance(value, Domain):
        if value.known and value.points() < 1:
            raise Broken(NotASize(node.span, f"the empty range {value}", applied=scope.applied))
        return value
    if isinstance(value, Extent):
        return sized(value)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise Broken(NotASize(node.span, _shown(value), applied=scope.applied))
    return sized(value, node.name if isinstance(node, tree.Name) else None)


def take_lengths(b: Build, node: tree.Expr, scope: Scope) -> None:
    """An end of a range that nothing declares (`1..T` in an input's type) is a length that each sample brings along."""
    for item in _bracketed(node):
        if isinstance(item, tree.Range) and isinstance(item.high, tree.Name) and _unknown(b, item.high, scope):
            length = Length(item.high.name)
            scope.names[item.high.name] = Extent.of(length)
            b.lengths[length] = Variable(f"length of {length.name}", (), Kind.LENGTH, Type.INTEGER, per_sample=True, span=item.high.span)
            scope.spans[item.high.name] = item.high.span


def _bracketed(node: tree.Expr) -> Iterator[tree.Expr]:
    """What stands in the brackets of a type, also where there are more of them than there may be."""
    while isinstance(node, tree.Index):
        yield from node.items
        node = node.base


def _shown(value: Value) -> str:
    return str(value) if isinstance(value, int | float) else sort_text(value)


def _unknown(b: Build, node: tree.Name, scope: Scope) -> bool:
    return node.name not in scope.names and node.name not in b.seen(scope)


def axes_of(b: Build, items: tuple[tree.Expr, ...], scope: Scope) -> tuple[Domain, ...]:
    """The axes of a declaration; `*S` stands for those that a header bound."""
    found: list[Domain] = []
    for item in items:
        if isinstance(item, tree.Star):
            bound = scope.names.get(f"*{item.name}")
            if not isinstance(bound, tuple):
                raise Broken(UnknownName(item.span, f"*{item.name}", None))
            found += [d for d in bound if isinstance(d, Domain)]
        else:
            found.append(size_of(b, item, scope))
    return tuple(found)


def declared(b: Build, node: tree.Expr, scope: Scope) -> Declared:
    """A type with all sizes known."""
    head, call, items = _split(node)
    axes = axes_of(b, items, scope)
    classes: Domain | None = None
    if head.name in ("class", "index"):
        if call is None or not call.arguments:
            written = node if items else head
            raise Broken(NotApplicable(written.span, "a type", f"`{written.span.text}`{'' if items else ' alone'}", _classes_written(items)))
        count, *further = call.arguments
        if further:
            raise Broken(ExtraArgument(further[0].span, f"`{head.name}`", 1, len(call.arguments)))
        classes = size_of(b, count.value, scope)
    return Declared(_KINDS[head.name], axes, classes)


def declared_axes(b: Build, node: tree.Expr, scope: Scope) -> tuple[Domain, ...] | None:
    """The axes of an output's type where the header's names settle them, else None."""
    _, _, items = _split(node)
    for item in items:
        if any(isinstance(n, tree.Name) and _unknown(b, n, scope) for n in _names(item)):
            return None
        if isinstance(item, tree.Star) and f"*{item.name}" not in scope.names:
            return None
    return axes_of(b, items, scope)


def _names(node: tree.Expr) -> list[tree.Expr]:
    match node:
        case tree.Binary():
            return [*_names(node.left), *_names(node.right)]
        case tree.Range():
            return [*_names(node.low), *_names(node.high)]
        case tree.AxisName():
            return _names(node.size)
        case _:
            return [node]


def bind_type(b: Build, node: tree.Expr, array: Array, scope: Scope) -> str | None:
    """Match a value against a header's type and bind the sizes it names; what is wrong, in a few words, or None."""
    head, call, items = _split(node)
    kind = _KINDS[head.name]
    if kind is not array.type and not (kind is Type.REAL and array.classes is None):
        return ""
    if call is not None and array.classes is not None:
        name = call.arguments[0].value if call.arguments else None
        if isinstance(name, tree.Name) and _unknown(b, name, scope):
            scope.names[name.name] = array.classes.points()
    axes = list(array.axes)
    for k, item in enumerate(items):
        if isinstance(item, tree.Star):
            count = len(axes) - (len(items) - k - 1)
            if count < 0:
                return ""
            scope.names[f"*{item.name}"] = tuple(axes[:count])
            axes = axes[count:]
            continue
        if not axes:
            return ""
        wrong = _bind_axis(b, item, axes.pop(0), scope)
        if wrong is not None:
            return wrong
    return "" if axes else None


def _bind_axis(b: Build, item: tree.Expr, axis: Domain, scope: Scope) -> str | None:
    end = item.high if isinstance(item, tree.Range) else item
    found = axis.hi if isinstance(item, tree.Range) else axis.size
    if isinstance(item, tree.Range):
        low = b.evaluate(item.low, scope, {})
        if low != axis.lo:
            return f", which begins at {_shown(low)}"
    if isinstance(end, tree.Name) and _unknown(b, end, scope):
        scope.names[end.name] = found
        return None
    wanted = b.evaluate(end, scope, {})
    if wanted == found:
        return None
    return f" with `{end.span.text}` = {_shown(wanted)}" if isinstance(end, tree.Name) else ""
