"""Where a native training step spends its time: by the equations whose loops take it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from netc.runtime.backends.choose import Choice
from netc.runtime.backends.native.timed import TimedBackend, Work
from netc.runtime.model.spec import Spec
from netc.runtime.train.timing import time_steps

_KINDS = ("loss ", "count ", "metric ", "length of ")  # what stands in front of a statement's name where a spec's name follows


@dataclass(frozen=True)
class Share:
    """Equations that share loops, forward or backward, and their part of a step. Without equations: `waiting`, `update`, `rest`."""

    equations: tuple[str, ...]
    way: str  # `forward`, `backward`, or empty
    seconds: float  # in a step
    share: float

    @property
    def title(self) -> str:
        return " ".join(self.equations)


def time_equations(
    spec: Spec, threads: int | None, batch: int, lengths: Mapping[str, int], dtype: str, seconds: float, strict: bool = False
) -> list[Share]:
    """Shares of a training step on random samples, the greatest first. Nests that do the same equations count together.

    The first thread's time is taken; a recurrence whose equations run in one loop over time is one share.
    """
    backend = TimedBackend(threads, strict)
    net = spec.build(Choice(backend, "cpu", "timed"), dtype=dtype)
    steps = 1 + len(time_steps(net, batch, lengths, seconds).steps)
    names = [r.name for r in spec.check(batch, lengths).rows] + [p.partition(".")[0] for p in net.params]
    spent: dict[tuple[tuple[str, ...], str], int] = {}
    for work in backend.works():
        key = _equations(work, names)
        spent[key] = spent.get(key, 0) + work.spent
    total = max(sum(spent.values()), 1)
    found = [Share(equations, way, n / steps / 1e9, n / total) for (equations, way), n in spent.items() if n]
    return sorted(found, key=lambda s: -s.seconds)


def _equations(work: Work, names: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """The spec's names of what a nest computes, in the order of its statements, and the way it goes."""
    if work.statements in (("waiting",), ("update",)):
        return work.statements, ""
    found: dict[str, str] = {}
    for statement in work.statements:
        name, way = _equation(statement, names)
        found.setdefault(name, way)
    named = [n for n in found if n not in ("loss", "dloss")] or list(found)
    ways = {found[n] for n in named}
    return (tuple(named), ways.pop() if len(ways) == 1 else "both") if named else (("rest",), "")


def _equation(statement: str, names: Sequence[str]) -> tuple[str, str]:
    """`dc1.Conv.K[o, c] = ...` belongs to `c1`, backward: a temporary is named after its equation, an adjoint has a `d` in front."""
    target = re.split(r"\[| \+?= ", statement, maxsplit=1)[0]
    target = re.sub(rf"^(d?)(?:{'|'.join(_KINDS)})", r"\1", target)
    for name, way in ((target, "forward"), (target[1:], "backward")):
        whole = max((n for n in names if re.match(rf"{re.escape(n)}(?![^\W_])", name)), key=len, default="")
        if whole and (way == "forward" or target.startswith("d")):
            return whole, way
    return target.partition("'")[0], "backward" if target.startswith("d") and target != "d" else "forward"
