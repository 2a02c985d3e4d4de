"""Two nets compared: sizes, rows with their counts, equations, parameters and settings that differ.

Equations are compared by what they compute: layers opened, comments, formatting and the names of indices aside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from netc.compiler.counting.model import Report, ReportRow
from netc.compiler.counting.report import shape_text
from netc.compiler.elaborate.model import Elaborated, Equation
from netc.compiler.explaining.explain import described, naming_of, support_text
from netc.compiler.explaining.naming import Naming, indices_in_order
from netc.compiler.explaining.notation import Names, bound, expression, places_text
from netc.compiler.explaining.subject import TABLE, Subject, find
from netc.compiler.statements.domains import Domain
from netc.compiler.statements.expressions import Index, Kind, Variable, reads


@dataclass(frozen=True, eq=False)
class Side:
    """A net to be compared: what it is called in the result, its equations, its report, and its settings by name."""

    title: str
    elaborated: Elaborated
    report: Report
    settings: Mapping[str, str]


@dataclass(frozen=True)
class Change:
    """Something that differs: `before` or `after` is None where the other net alone has it."""

    section: str  # net, sizes, rows, equations, parameters or settings
    name: str
    what: str  # of rows: what, output, params, connections or MACs; else empty
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Comparison:
    """What differs between two nets, section by section."""

    before: str
    after: str
    changes: tuple[Change, ...]

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not self.changes

    def to_dict(self) -> dict[str, Any]:
        """What `--json` prints."""
        return {"same": self.same, **asdict(self)}


def compare(a: Side, b: Side) -> Comparison:
    """All that differs."""
    found = [
        *_values("net", {"name": a.report.net}, {"name": b.report.net}),
        *_values("sizes", {n: str(v) for n, v in a.elaborated.dims.items()}, {n: str(v) for n, v in b.elaborated.dims.items()}),
        *_rows(a.report, b.report),
        *_equations(a, b),
        *_values("parameters", _parameters(a.elaborated), _parameters(b.elaborated)),
        *_values("settings", a.settings, b.settings),
    ]
    return Comparison(a.title, b.title, tuple(found))


def _values(section: str, a: Mapping[str, str], b: Mapping[str, str], what: str = "") -> Iterator[Change]:
    for name in dict.fromkeys((*a, *b)):
        if a.get(name) != b.get(name):
            yield Change(section, name, what, a.get(name), b.get(name))


# ---- rows --------------------------------------------------------------------------------------------------------


def _rows(a: Report, b: Report) -> Iterator[Change]:
    rows_a, rows_b = ({(r.name, r.what == "input"): r for r in report.rows} for report in (a, b))
    for key in dict.fromkeys((*rows_a, *rows_b)):
        before, after = rows_a.get(key), rows_b.get(key)
        if before is None or after is None:
            yield Change("rows", key[0], "", _whole(before), _whole(after))
            continue
        for what, x, y in zip(("what", "output", "params", "connections", "MACs"), _cells(before), _cells(after), strict=True):
            if x != y:
                yield Change("rows", key[0], what, x, y)
    for what, m, n in (("params", a.params, b.params), ("connections", a.connections, b.connections), ("MACs", a.macs, b.macs)):
        if m != n:
            yield Change("rows", "total", what, f"{m:,}", f"{n:,}")


def _cells(row: ReportRow) -> tuple[str, ...]:
    return (row.what, row.output, *("–" if n is None else f"{n:,}" for n in (row.params, row.connections, row.macs)))


def _whole(row: ReportRow | None) -> str | None:
    if row is None:
        return None
    held = f"{row.params:,} parameters" if row.params else ""
    return " · ".join(t for t in (row.what, row.output, held) if t)


# ---- equations ---------------------------------------------------------------------------------------------------


def _equations(a: Side, b: Side) -> Iterator[Change]:
    """Equations that one net alone has. Those over other ranges show in the sizes of their row; where they do not, here."""
    counted = {(r.name, r.what != "input"): _cells(r) for r in a.report.rows}
    alike = {r.name for r in b.report.rows if counted.get((r.name, r.what != "input")) == _cells(r)}
    for row in dict.fromkeys(r.name for r in (*a.elaborated.rows, *b.elaborated.rows) if r.kind != "input"):
        one, other = (_lines(find(side.elaborated, row)) for side in (a, b))
        for key, line in one.items():
            found = other.get(key)
            if found is None:
                yield Change("equations", row, "", line.text, None)
            elif found.domains != line.domains and row in alike:
                yield Change("equations", row, "", f"{line.text}   for {line.ranges}", None)
                yield Change("equations", row, "", None, f"{found.text}   for {found.ranges}")
        yield from (Change("equations", row, "", None, line.text) for key, line in other.items() if key not in one)


@dataclass(frozen=True)
class _Line:
    """An equation as it is shown, and what its indices run over."""

    text: str
    ranges: str
    domains: tuple[Domain, ...]


def _lines(subject: Subject | None) -> dict[str, _Line]:
    """The equations, by a key that does not depend on what their indices are called."""
    if subject is None or subject.held is not None:
        return {}
    naming, found = naming_of(subject), {}
    for e in subject.equations:
        names, order = naming.names(e.target, e.place, e.value), indices_in_order(e.place, e.value)
        ranges = ", ".join(f"{names.of(i)} in {bound(i.domain.lo)}..{bound(i.domain.hi)}" for i in order)
        found[_keyed(e, naming, order)] = _Line(_written(e, names), ranges, tuple(i.domain for i in order))
    return found


def _written(e: Equation, names: Names) -> str:
    places = places_text(e.place, names)
    return f"{names.variable(e.target)}{f'[{places}]' if places else ''} = {expression(e.value, names)}"


def _keyed(e: Equation, naming: Naming, order: Sequence[Index]) -> str:
    """With indices numbered, and with the whole path of what is read."""
    names = Names(naming.variable, {i: f"#{k}" for k, i in enumerate(order)})
    outside = sorted({r.variable.name for r in reads(e.value) if r.variable.kind in (Kind.INPUT, Kind.TEMPORARY)})
    return f"{_written(e, names)} of {outside}"


# ---- parameters --------------------------------------------------------------------------------------------------


def _parameters(elaborated: Elaborated) -> dict[str, str]:
    """What is held, by its path: sizes, first values, where it exists."""
    found = {}
    for name, v in elaborated.variables.items():
        if v.kind in (Kind.PARAMETER, Kind.STATE, Kind.CONSTANT):
            found[name.removeprefix(TABLE)] = f"{shape_text(v)} {described(v)}{support_text(v)}{_drawn(v)}"
    return found


def _drawn(v: Variable) -> str:
    """Of numbers that stand in the spec: as many as fit a line."""
    if v.init is None or v.init.rule != "values":
        return ""
    numbers: Sequence[float | str] = v.init.arguments
    if v.name.startswith(TABLE):
        return f" with {sum(bool(x) for x in numbers)} of {len(numbers)}: {''.join('X' if x else '.' for x in numbers)}"
    return f" = [{', '.join(f'{x:g}' if isinstance(x, int | float) else x for x in numbers[:16])}{', …' if len(numbers) > 16 else ''}]"
