"""What of a plan has no fast form: sums that are no matrix products, points picked by data one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netc.compiler.plan.model import Draw, Einsum, Gather, Loop, Operand, Plan, Scatter, Step


def general_path(plan: Plan) -> dict[str, tuple[str, ...]]:
    """For each reason the names of the equations, their gradients among them."""
    found: dict[str, dict[str, None]] = {}
    for step in _steps(plan.steps):
        why = _why(step)
        if why is not None and not isinstance(step, Draw | Loop) and step.origin is not None:
            found.setdefault(why, {})[step.origin.name.split("'")[0]] = None
    return {why: tuple(names) for why, names in found.items()}


def _steps(steps: Sequence[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        if isinstance(step, Loop):
            yield from _steps(step.steps)


def _why(step: Step) -> str | None:
    match step:
        case Einsum():
            return "a sum that is no matrix product"
        case Gather() if sum(isinstance(p.place, Operand) for p in step.picks) > 1:
            return "points picked by several data at once"
        case Scatter() if not step.unique and not _rows(step):
            return "added one by one to points that data pick"
        case _:
            return None


def _rows(step: Scatter) -> bool:
    """Whether whole rows are picked, by one number each."""
    row, *rest = step.picks
    return isinstance(row.place, Operand) and all(isinstance(p.place, range) for p in rest)
