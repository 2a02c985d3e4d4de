"""What depends on a symbol alone is computed once for each symbol, and looked up.

before: e[t, k] = E[w[t], k];  q[t, i] = sum[k] W[i, k] * e[t, k]
after:  Q[v, i] = sum[k] W[i, k] * E[v, k];  q[t, i] = Q[w[t], i]

That is less work where there are fewer symbols than tokens in a batch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from netc.compiler.rewrites.order_statements import in_groups
from netc.compiler.statements.domains import Domain
from netc.compiler.statements.expressions import (
    BATCH,
    Affine,
    Expr,
    Index,
    IndexValue,
    Kind,
    Read,
    Type,
    Variable,
    affine,
    free_indices,
    map_reads,
    walk,
)
from netc.compiler.statements.fresh import primed
from netc.compiler.statements.program import Operation, Program, Statement

MOST_SYMBOLS = 1024  # a batch is taken to hold about so many tokens


@dataclass(frozen=True, eq=False)
class _Looked:
    """A variable that is looked up: `target[...] = table[word[...], rest...]`."""

    table: Variable
    word: Variable
    along: tuple[int, ...]  # the axes of the target that are the word's own
    rest: tuple[int, ...]  # the others, in the order of the table's axes behind the symbol


def fold_symbols(program: Program) -> Program:
    roots = set(program.roots())
    pieces = program.pieces()
    names = {v.name for v in program.variables()}
    looked: dict[Variable, _Looked] = {}
    tables: list[Statement] = []
    changed: dict[int, Statement] = {}
    for group in in_groups(program.statements):
        s = group[0]
        if len(group) > 1 or len(pieces[s.target]) > 1 or s.accumulate or not s.covers_target or s.target.fill is not None:
            continue
        if s.operation is Operation.GATHER:
            found = _lookup(s, names) if s.target not in program.kept else None
            if found is not None:
                looked[s.target], copy = found
                tables.append(copy)
        elif s.operation in (Operation.SUM, Operation.MAP) and s.target not in roots and s.target.type is Type.REAL:
            made = _folded(s, looked, names)
            if made is not None:
                looked[s.target], table, changed[id(s)] = made
                tables.append(table)
    if not changed:
        return program
    done = replace(program, statements=(*tables, *(changed.get(id(s), s) for s in program.statements)))
    return done.noting("once for each symbol, then looked up at each point", (s.target for s in changed.values()))


def _lookup(s: Statement, names: set[str]) -> tuple[_Looked, Statement] | None:
    """A gather from a table that all samples share, by one word."""
    table = s.read.variable
    data = [k for k, p in enumerate(s.read.indices) if not isinstance(p, Affine)]
    if table.per_sample or len(data) != 1 or table.type is not s.target.type:
        return None
    word = s.read.indices[data[0]]
    axis = table.axes[data[0]]
    if not isinstance(word, Read) or word.variable.kind is not Kind.INPUT or not axis.known or axis.points() > MOST_SYMBOLS:
        return None
    own = [p.plain for p in word.indices if isinstance(p, Affine) and p.const == 0]
    others = [p.plain for k, p in enumerate(s.read.indices) if k != data[0] and isinstance(p, Affine)]
    if None in own or len(own) != len(word.indices) or None in others or set(own) & set(others):
        return None
    places = [p.plain for p in s.place if isinstance(p, Affine)]
    along = tuple(places.index(i) for i in own if i in places)
    rest = tuple(k for k, i in enumerate(places) if i not in own)
    if len(along) != len(own) or set(others) != {places[k] for k in rest}:
        return None
    v = Index("v", axis)
    indices = (v, *(s.indices[_at(s, k)] for k in rest))
    made = _table(s, axis, rest, names)
    body = Read(table, tuple(affine(v) if k == data[0] else p for k, p in enumerate(s.read.indices)))
    return _Looked(made, word.variable, along, rest), Statement(made, tuple(map(affine, indices)), indices, body, span=s.span)


def _at(s: Statement, axis: int) -> int:
    place = s.place[axis]
    assert isinstance(place, Affine) and place.plain is not None
    return s.indices.index(place.plain)


def _table(s: Statement, symbols: Domain, rest: tuple[int, ...], names: set[str]) -> Variable:
    return Variable(primed(f"{s.target.name} by symbol", names), (symbols, *(s.target.axes[k] for k in rest)), Kind.TEMPORARY)


def _folded(s: Statement, looked: dict[Variable, _Looked], names: set[str]) -> tuple[_Looked, Statement, Statement] | None:
    """The statement over symbols, where all that differs between samples is looked up by the same word at the same place."""
    per_sample = [r for r in s.reads() if r.variable.per_sample]
    if not per_sample or BATCH in s.over or s.condition is not None or any(r.variable not in looked for r in per_sample):
        return None
    first = looked[per_sample[0].variable]
    own: list[Index] | None = None
    for r in per_sample:
        found = looked[r.variable]
        here = [p.plain if isinstance(p, Affine) and p.const == 0 else None for p in (r.indices[k] for k in found.along)]
        if found.word is not first.word or None in here or own is not None and here != own:
            return None
        own = [i for i in here if i is not None]
    assert own is not None
    if any(i in s.over or i not in s.indices for i in own) or _uses(s, own, looked):
        return None
    places = [p.plain for p in s.place if isinstance(p, Affine)]
    along = tuple(places.index(i) for i in own)
    rest = tuple(k for k in range(len(places)) if k not in along)
    symbols = first.table.axes[0]
    v = Index("v", symbols)

    def by_symbol(r: Read) -> Expr:
        found = looked.get(r.variable)
        return r if found is None else Read(found.table, (affine(v), *(r.indices[k] for k in found.rest)))

    made = _table(s, symbols, rest, names)
    indices = (v, *(s.indices[_at(s, k)] for k in rest))
    table = Statement(made, tuple(map(affine, indices)), indices, map_reads(s.body, by_symbol), s.operation, s.over, span=s.span)
    word = Read(first.word, tuple(map(affine, own)))
    gather = replace(s, body=Read(made, (word, *(s.place[k] for k in rest))), operation=Operation.GATHER, over=())
    return _Looked(made, first.word, along, rest), table, gather


def _uses(s: Statement, own: list[Index], looked: dict[Variable, _Looked]) -> bool:
    """Whether the word's own indices matter in any other way."""
    for x in walk(s.body):
        if isinstance(x, IndexValue) and set(x.affine.indices) & set(own):
            return True
        if isinstance(x, Read):
            free = x.indices if x.variable not in looked else [x.indices[k] for k in looked[x.variable].rest]
            if any(set(p.indices if isinstance(p, Affine) else free_indices(p)) & set(own) for p in free):
                return True
    return False
