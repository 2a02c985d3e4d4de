"""What a picture shows: the rows that `check` shows, and which of them reads which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from netc.compiler.counting.count import parameters
from netc.compiler.counting.describe import describe
from netc.compiler.counting.model import Report, ReportRow
from netc.compiler.counting.report import shape_text
from netc.compiler.drawing.late import When, late, when
from netc.compiler.elaborate.model import Elaborated, Equation
from netc.compiler.statements.expressions import Kind, Read, Variable, reads


@dataclass(frozen=True)
class Node:
    """One box. `params` is None where the row holds none of its own."""

    name: str
    kind: str  # input, equation, likelihood, loss or metric
    what: str
    output: str
    params: int | None

    @property
    def lines(self) -> tuple[str, ...]:
        """What stands in the box below the name."""
        held = f"{self.params:,} parameters" if self.params else ""
        facts = " · ".join(t for t in (self.output, held) if t)
        return tuple(t for t in (self.what, facts) if t)


@dataclass(frozen=True, order=True)
class Edge:
    """The node `end` reads the node `start`; `back` says that it reads what came earlier (a recurrence)."""

    start: int
    end: int
    back: bool = False


@dataclass(frozen=True)
class Graph:
    """A net to be drawn."""

    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def make_graph(elaborated: Elaborated, report: Report, depth: int = 0) -> Graph:
    """The graph of a checked net. `depth` opens each row into the layers that it applies, so many levels down."""
    inputs = {f"{v.name}.border": f"input {v.name}" for v in elaborated.leaves(Kind.INPUT)}  # given points and those beyond
    equations = [e for e in elaborated.equations if e.target.name not in inputs and not (depth and e.target in elaborated.predictions.values())]
    group_of = _grouping(equations, depth)
    groups: dict[str, list[Equation]] = {}
    for equation in equations:
        groups.setdefault(group_of[equation], []).append(equation)
    held = _held(group_of)
    home = {e.target: group_of[e] for e in equations} | {e.target: inputs[e.target.name] for e in elaborated.equations if e.target.name in inputs}
    together = _together(elaborated)
    given = {r.variable for e in equations for r in reads(e.value) if home.get(r.variable) != group_of[e]}
    nodes: list[Node] = []
    drawn: dict[str, int] = {}  # the node of a group
    for row, shown in zip(elaborated.rows, report.rows, strict=True):
        if row.name in together and row.kind == "equation":
            continue
        shown = replace(shown, name=", ".join([shown.name, *(n for n, first in together.items() if first == row.name and row.kind != "input")]))
        keys = [k for k, es in groups.items() if es[0].row == row.name] if row.kind != "input" else []
        if len(keys) <= 1:
            drawn[f"input {row.name}" if row.kind == "input" else keys[0] if keys else f"nothing {row.name}"] = len(nodes)
            nodes.append(Node(shown.name, row.kind, shown.what, shown.output, shown.params))
            continue
        for key in keys:
            if not all(_copies(e) for e in groups[key]):
                drawn[key] = len(nodes)
                target = next((e.target for e in reversed(groups[key]) if e.target in given), groups[key][-1].target)
                nodes.append(_opened(key, shown, row.kind, describe(groups[key]), target, held.get(key)))
    pairs = _pairs(elaborated, groups, home, drawn)
    back = late(len(nodes), pairs) | {(k, k) for key, k in drawn.items() if key in groups and _recurs(groups[key])}
    return Graph(report.net, tuple(nodes), tuple(sorted(Edge(a, b, (a, b) in back) for a, b in pairs.keys() | back)))


def _together(elaborated: Elaborated) -> dict[str, str]:
    """Rows that have no equations of their own, as `c` in `(h, c) = LSTMCell(...)`, with the row that has them."""
    owner = {e.target: e.row for e in elaborated.equations}
    return {
        r.name: owner[r.variable] for r in elaborated.rows
        if r.kind == "equation" and r.variable is not None and owner.get(r.variable, r.name) not in (r.name, "")
    }  # fmt: skip


def _grouping(equations: Sequence[Equation], depth: int) -> dict[Equation, str]:
    """The row of each equation, or the layer in it, down to `depth`; what joins layers stands for itself.

    `v.Features.y.Stem.z` is `z` of a layer `Stem` two levels down: layers and their variables alternate.
    """
    parts = {e: e.target.name.split(".") for e in equations}
    opened = {".".join(p[: 2 * k]) for p in parts.values() for k in range((len(p) - 1) // 2)}
    found = {}
    for e, p in parts.items():
        layer = ".".join(p[: 2 * min(depth, (len(p) - 1) // 2)])
        inside = len(p) > 2 * depth or layer not in opened
        found[e] = e.row if not depth or p[0] != e.row else layer if layer and inside else e.target.name
    return found


def _held(group_of: Mapping[Equation, str]) -> dict[str, int]:
    """How many parameters each group holds; one that is read twice belongs to its first reader."""
    owner: dict[Variable, str] = {}
    for equation, group in group_of.items():
        for read in reads(equation.value):
            if read.variable.kind is Kind.PARAMETER:
                owner.setdefault(read.variable, group)
    found: dict[str, int] = {}
    for variable, group in owner.items():
        found[group] = found.get(group, 0) + parameters(variable)
    return found


def _copies(equation: Equation) -> bool:
    """Whether the equation only hands on what another one gives."""
    return isinstance(equation.value, Read) and equation.value.variable.kind is Kind.TEMPORARY


def _opened(key: str, shown: ReportRow, kind: str, what: str, target: Variable, held: int | None) -> Node:
    row, *inner = key.split(".")
    if not inner and kind != "equation":
        return Node(row, kind, kind, shown.output, held)
    name = f"{row} · {'.'.join(inner[-2:] if len(inner) % 2 == 0 else inner[-1:])}" if inner else row
    return Node(name, "equation", what, shape_text(target), held)


# ---- who reads whom --------------------------------------------------------------------------------------------------


def _pairs(
    elaborated: Elaborated, groups: Mapping[str, list[Equation]], home: Mapping[Variable, str], drawn: Mapping[str, int]
) -> dict[tuple[int, int], When]:
    """Nodes that read each other, directly or through equations that are not drawn, and the nearest point that is read."""
    home = {**home, **{v: f"input {v.name}" for v in elaborated.leaves(Kind.INPUT)}}
    sources = {
        key: {(home[r.variable], when(e, r)): None for e in equations for r in reads(e.value) if home.get(r.variable, key) != key}
        for key, equations in groups.items()
    }
    pairs: dict[tuple[int, int], When] = {}
    for key in drawn:
        seen, stack = {(key, point) for point in When}, list(sources.get(key, ()))
        while stack:
            source, point = stack.pop()
            if (source, point) in seen:
                continue
            seen.add((source, point))
            if source not in drawn:
                stack.extend((further, max(point, before)) for further, before in sources.get(source, ()))
                continue
            pair = (drawn[source], drawn[key])
            pairs[pair] = min(point, pairs.get(pair, point))
    return pairs


def _recurs(equations: Sequence[Equation]) -> bool:
    """Whether the equations of one group read each other in a circle."""
    targets = {e.target for e in equations}
    sources: dict[Variable, set[Variable]] = {t: set() for t in targets}
    for e in equations:
        sources[e.target] |= {r.variable for r in reads(e.value) if r.variable in targets}
    while free := {t for t in sources if not sources[t]}:
        sources = {t: s - free for t, s in sources.items() if t not in free}
    return bool(sources)
