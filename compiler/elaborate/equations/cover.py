"""Whether the pieces of a variable give each of its points, and none of them twice.

A piece is a box: its place along each axis, from the first point to the last. Ends may speak of lengths: what may happen
for some lengths counts.
"""

from __future__ import annotations

from collections.abc import Sequence

from netc.compiler.diagnostics.problems.pieces import PointGivenTwice, PointsMissing
from netc.compiler.diagnostics.problems.sizes import DeclaredSizeDiffers
from netc.compiler.elaborate.left import Defining, target_names
from netc.compiler.elaborate.model import Equation
from netc.compiler.elaborate.scope import Broken, Build, Scope
from netc.compiler.elaborate.values import Array, shape_text, type_text
from netc.compiler.statements.domains import Domain, less, may_reach
from netc.compiler.statements.expressions import Affine, Number

Box = tuple[Domain, ...]


def check_pieces(b: Build, group: Sequence[Defining], before: int, scope: Scope) -> None:
    """Every variable that the group has given in pieces; equations made before `before` are not of the group. Raises Broken."""
    for name in dict.fromkeys(n.name for s in group for n in target_names(s)):
        array = scope.names.get(name)
        variable = array.variable if isinstance(array, Array) else None
        pieces = [e for e in b.equations[before:] if e.target is variable]
        if variable is None or not all(isinstance(p, Affine) for e in pieces for p in e.place):
            continue
        skipped = len(scope.context)
        boxes = [_box(e, skipped) for e in pieces]
        axes = variable.axes[skipped:]
        _check_once(name, axes, pieces, boxes)
        if variable.fill is None and variable not in b.extended and not variable.name.endswith(".border"):
            _check_all(name, axes, pieces, boxes)


def _box(piece: Equation, skipped: int) -> Box:
    return tuple(Domain(*p.range()) for p in piece.place[skipped:] if isinstance(p, Affine))


def _check_once(name: str, axes: Box, pieces: Sequence[Equation], boxes: Sequence[Box]) -> None:
    for k, (piece, box) in enumerate(zip(pieces, boxes, strict=True)):
        for other, reached in zip(pieces[:k], boxes[:k], strict=True):
            if not _meet(box, reached) or _same_number(piece, other):
                continue
            shared = tuple(a if may_reach(b.lo, a.lo) else b for a, b in zip(box, reached, strict=True))
            first, again = sorted((other, piece), key=lambda e: e.span.start)
            rest = _rest(name, axes, (piece, box), (other, reached)) or _rest(name, axes, (other, reached), (piece, box))
            raise Broken(PointGivenTwice(again.span, name, _first_point(name, shared, axes), first.span, _always_meet(box, reached), rest))


def _rest(name: str, axes: Box, wide: tuple[Equation, Box], narrow: tuple[Equation, Box]) -> str:
    """The left side of a piece without the points of another, where these stand at one end of it; the type says the whole."""
    (piece, box), (_, taken) = wide, narrow
    left = _without(box, taken)
    places = [p.plain for p in piece.place[len(piece.place) - len(axes) :] if isinstance(p, Affine)]
    if len(left) != 1 or len(places) != len(axes):
        return ""
    cut = next(k for k, (mine, whole) in enumerate(zip(left[0], box, strict=True)) if mine != whole)
    if places[cut] is None or any(not _meet((a,), (b,)) or a != b for a, b in zip(box[:cut], taken[:cut], strict=True)):
        return ""
    written = [p.name if p is not None else str(d.lo) for p, d in zip(places, box, strict=True)][: cut + 1]
    written[cut] = f"{written[cut]} in {left[0][cut].lo}..{left[0][cut].hi}"
    return f"{name}[{', '.join(written)}]: {type_text(axes, piece.target.type, piece.target.classes)}"


def _check_all(name: str, axes: Box, pieces: Sequence[Equation], boxes: Sequence[Box]) -> None:
    left = [axes]
    for piece, box in zip(pieces, boxes, strict=True):
        if not _meet(box, axes):
            continue  # a boundary beside the axes
        if any(less(mine.lo, axis.lo) or less(axis.hi, mine.hi) for mine, axis in zip(box, axes, strict=True)):
            raise Broken(DeclaredSizeDiffers(piece.span, name, shape_text(axes), shape_text(box), None))
        left = [part for one in left for part in _without(one, box)]
    if left:
        raise Broken(PointsMissing(pieces[0].span, name, shape_text(axes), _first_point(name, left[0], axes)))


def _first_point(name: str, box: Box, axes: Box) -> str:
    """`h[1]`: the first point of a box, as far as it is narrower than the axes."""
    last = max((k for k, (mine, axis) in enumerate(zip(box, axes, strict=True)) if mine != axis), default=0)
    return f"{name}[{', '.join(str(mine.lo) for mine in box[: last + 1])}]"


def _same_number(one: Equation, other: Equation) -> bool:
    return isinstance(one.value, Number) and one.value == other.value


# ---- boxes whose ends speak of lengths -------------------------------------------------------------------------------


def _meet(one: Box, other: Box) -> bool:
    """Whether two boxes share a point for some lengths."""
    return all(may_reach(a.lo, b.hi) and may_reach(b.lo, a.hi) for a, b in zip(one, other, strict=True))


def _always_meet(one: Box, other: Box) -> bool:
    return not any(may_reach(a.hi + 1, b.lo) or may_reach(b.hi + 1, a.lo) for a, b in zip(one, other, strict=True))


def _without(box: Box, taken: Box) -> list[Box]:
    """What may be left of a box when another is taken out of it."""
    if not _meet(box, taken):
        return [box]
    parts: list[Box] = []
    rest = list(box)
    for k, (mine, other) in enumerate(zip(box, taken, strict=True)):
        if may_reach(mine.lo, other.lo - 1):
            parts.append((*rest[:k], Domain(mine.lo, other.lo - 1), *rest[k + 1 :]))
        if may_reach(other.hi + 1, mine.hi):
            parts.append((*rest[:k], Domain(other.hi + 1, mine.hi), *rest[k + 1 :]))
        lo = other.lo if less(mine.lo, other.lo) else mine.lo
        rest[k] = Domain(lo, other.hi if less(other.hi, mine.hi) else mine.hi)
    return parts
