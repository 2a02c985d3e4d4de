"""What a name stands for: a row of the net, a layer applied in it, one equation, a parameter or an input."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from netc.compiler.diagnostics.suggest import suggest
from netc.compiler.elaborate.model import Elaborated, Equation
from netc.compiler.rewrites.lower import needed
from netc.compiler.statements.expressions import Affine, Kind, Read, Variable, map_reads

TABLE = "table "  # how a table that is drawn in the file is called among variables


@dataclass(frozen=True, eq=False)
class Subject:
    """A name with the equations behind it, copies left out.

    `held` is the parameter, state, constant or input of this name, if there is one; then the equations are its readers.
    """

    name: str
    elaborated: Elaborated
    equations: tuple[Equation, ...]
    covered: tuple[Equation, ...]  # the same as the net has them
    renamed: Mapping[Variable, Variable]  # a variable of the net -> the one that is shown in its place
    held: Variable | None = None

    @property
    def targets(self) -> dict[Variable, None]:
        """What the equations define, in their order."""
        return dict.fromkeys(e.target for e in self.equations)

    @property
    def prefix(self) -> str:
        """What all names of a layer begin with, a dot at its end."""
        return f"{self.name}."

    @property
    def read_elsewhere(self) -> set[Variable]:
        """What other equations read of all that the loss (or, without one, anything) depends on."""
        loss = self.elaborated.loss
        others = needed(self.elaborated, [loss]) if loss is not None else self.elaborated.equations
        return {self.renamed.get(r.variable, r.variable) for e in others if e not in self.covered for r in e.reads}


def find(elaborated: Elaborated, name: str) -> Subject | None:
    """The subject of this name; None where the net has none."""
    held = elaborated.variables.get(name) or elaborated.variables.get(TABLE + name)
    if held is not None and held.kind is not Kind.TEMPORARY and not _rows(elaborated, name):
        readers = [e for e in elaborated.equations if any(r.variable is held for r in e.reads)]
        return _subject(name, elaborated, readers, held)
    found = _rows(elaborated, name) or [e for e in elaborated.equations if e.target.name == name or e.target.name.startswith(f"{name}.")]
    if not found and held is None:
        return None
    return _subject(name, elaborated, found, None)


def _subject(name: str, elaborated: Elaborated, covered: Sequence[Equation], held: Variable | None) -> Subject:
    covered = _shown(elaborated, covered)
    instead = _copied(covered, elaborated)
    return Subject(name, elaborated, _without_copies(covered, instead), tuple(covered), instead, held)


def names(elaborated: Elaborated) -> list[str]:
    """Everything that can be explained: rows, layers at any depth, equations, parameters, tables."""
    found: dict[str, None] = dict.fromkeys(r.name for r in elaborated.rows)
    for name, v in elaborated.variables.items():
        if v.kind in (Kind.LENGTH, Kind.RANDOM) or " " in name.removeprefix(TABLE):
            continue
        parts = name.removeprefix(TABLE).split(".")
        found.update(dict.fromkeys(".".join(parts[:k]) for k in range(1, len(parts) + 1)))
    return list(found)


def meant(elaborated: Elaborated, name: str) -> tuple[str, ...]:
    """What was meant by a name that the net does not have: that of something within a layer without its path, else one mistyped."""
    known, rows = names(elaborated), [r.name for r in elaborated.rows]
    *path, last = name.split(".")
    inside = [n for n in known if _called(n) == last and n.split(".")[: len(path)] == path and n != name]
    if inside:
        return tuple(inside)
    near = suggest(name, rows) or suggest(name, known)
    if near is not None:
        return (near,)
    mistyped = suggest(last, map(_called, known))
    return tuple(n for n in known if _called(n) == mistyped and n.split(".")[: len(path)] == path)


def listed(elaborated: Elaborated, name: str) -> tuple[str, ...]:
    """What there is beside a name that the net does not have: what its row holds, where it begins with one, else the rows."""
    rows = tuple(dict.fromkeys(r.name for r in elaborated.rows))
    head = name.partition(".")[0]
    inside = tuple(n for n in names(elaborated) if n.startswith(f"{head}.")) if head in rows and head != name else ()
    return inside or rows


def _called(path: str) -> str:
    """The last word of a path: `Block` of `y.Block[0]`."""
    return path.rpartition(".")[2].partition("[")[0]


def parts(subject: Subject) -> dict[str, list[Equation]]:
    """The equations by what stands below the name, layers and values, at the first level that has several of them."""
    prefix, found = subject.prefix, dict[str, list[Equation]]()
    while len(found) <= 1:
        found = {}
        for e in subject.equations:
            inner = e.target.name.removeprefix(prefix).split(".") if e.target.name.startswith(prefix) else []
            found.setdefault(f"{prefix}{inner[0]}" if inner else e.target.name, []).append(e)
        inside = [name for name in found if name.startswith(prefix)]
        if len(inside) != 1 or all(e.target.name == inside[0] for e in found[inside[0]]):
            break
        prefix, found = f"{inside[0]}.", {}
    return found


def _rows(elaborated: Elaborated, name: str) -> list[Equation]:
    return [e for e in elaborated.equations if e.row == name]


def _shown(elaborated: Elaborated, equations: Iterable[Equation]) -> list[Equation]:
    """Without what only measures: counts of elements and metrics that likelihoods bring along."""
    hidden = set(elaborated.counts.values()) | {v for v in elaborated.metrics.values() if v.name.startswith("metric ")}
    return [e for e in equations if e.target not in hidden]


# ---- copies ------------------------------------------------------------------------------------------------------


def _copied(equations: Sequence[Equation], elaborated: Elaborated) -> dict[Variable, Variable]:
    """Variables that only hand on the value of another one, with that.

    Of a layer's result and the name that the net gives it, the net's name stays; so does that of a state with its boundary.
    """
    pieces: dict[Variable, int] = {}
    for e in elaborated.equations:
        pieces[e.target] = pieces.get(e.target, 0) + 1
    own = {e.target for e in equations}
    instead: dict[Variable, Variable] = {}
    for e in equations:
        if not _copies(e) or not isinstance(e.value, Read):
            continue
        source = _followed(e.value.variable, instead)
        several = pieces[e.target] > 1
        if several and (source not in own or pieces[source] > 1):
            continue
        if source in own and (several or source.name.startswith(f"{e.target.name}.")):
            instead[source] = e.target
        elif e.target is not source:
            instead[e.target] = source
    return {v: _followed(v, instead) for v in instead}


def _without_copies(equations: Sequence[Equation], instead: Mapping[Variable, Variable]) -> tuple[Equation, ...]:
    def read(r: Read) -> Read:
        return Read(instead.get(r.variable, r.variable), r.indices)

    found = []
    for e in equations:
        target, value = instead.get(e.target, e.target), map_reads(e.value, read)
        if not (isinstance(value, Read) and value.variable is target):
            place = tuple(p if isinstance(p, Affine) else _as_read(map_reads(p, read)) for p in e.place)
            found.append(replace(e, target=target, place=place, value=value))
    return tuple(found)


def _as_read(e: object) -> Read:
    assert isinstance(e, Read)
    return e


def _copies(e: Equation) -> bool:
    """Whether every point is that of another variable, which has the same axes and is not an input of other type."""
    if not isinstance(e.value, Read) or e.value.variable.axes != e.target.axes or e.value.indices != e.place:
        return False
    plain = [p.plain for p in e.place if isinstance(p, Affine) and p.const == 0]
    return len(plain) == len(e.place) and None not in plain and len(set(plain)) == len(plain)


def _followed(v: Variable, instead: Mapping[Variable, Variable]) -> Variable:
    while v in instead:
        v = instead[v]
    return v
