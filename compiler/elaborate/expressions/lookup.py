"""What a name stands for, and what is said of one that nothing defines."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Collection
from dataclasses import replace

from netc.compiler.diagnostics import foreign
from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.calls import NotApplicable
from netc.compiler.diagnostics.problems.names import UnknownName
from netc.compiler.diagnostics.suggest import is_slip, suggest
from netc.compiler.elaborate.expressions.calls import BUILTINS
from netc.compiler.elaborate.expressions.reductions import REDUCTIONS
from netc.compiler.elaborate.scope import Broken, Build, Environment, Scope, Silenced, reading
from netc.compiler.elaborate.values import Array, Builtin, Everywhere, Function, LayerName, Poison, Value, first
from netc.compiler.statements.domains import sized
from netc.compiler.statements.expressions import Affine, Index, Initialiser, Kind, Type, affine
from netc.compiler.syntax import tree

CONSTANTS: dict[str, Value] = {"PI": math.pi, "inf": math.inf, "true": True, "false": False, "all": Everywhere()}


def lookup(b: Build, node: tree.Name, scope: Scope, env: Environment) -> Value:
    """What a name stands for: index, name of the scope, of the file and the prelude, of the language."""
    name = node.name
    bound = env.get(name)
    if isinstance(bound, Index):
        return affine(bound)
    if isinstance(bound, int | Array | Affine):
        return bound
    if name in scope.names:
        value = scope.names[name]
        if isinstance(value, Poison):
            if value.sized is None or not b.judging:
                raise Silenced
            return value.sized
        return value
    if name in scope.defined:
        raise Silenced  # its equation failed, or stands in a cycle that was reported
    if name == "training":
        b.moded = True
        return b.options.training
    of_the_file = b.seen(scope)
    if name in of_the_file:
        found = of_the_file[name]
        if isinstance(found, Poison):
            raise Silenced
        return found
    declaration = b.module.names.get(name)
    match declaration:
        case tree.Layer():
            return LayerName(declaration)
        case tree.Def():
            return Function(declaration)
        case tree.Table():
            return table_value(b, declaration)
        case None:
            pass
    if name in CONSTANTS:
        return CONSTANTS[name]
    if name in BUILTINS:
        return Builtin(name)
    guess = suggest(name, {*env, *scope.names, *scope.defined, *of_the_file, *b.module.names, *CONSTANTS, *BUILTINS})
    if not b.module.whole and not is_slip(name, guess):
        raise Silenced  # it may stand in the file that is not there
    same = guess is not None and guess.lower() == name.lower()
    instead = "" if same else foreign.name(name) or _with_index(name, {*scope.names, *scope.defined})
    known = _valued(scope) if len(name) <= 2 and not guess else ()
    raise Broken(UnknownName(node.span, name, guess, known=known, instead=instead))


def _valued(scope: Scope) -> tuple[str, ...]:
    """The names that have values here, but for what is being defined."""
    return tuple(n for n, v in scope.names.items() if isinstance(first(v), Array) and n != scope.owner)


def _with_index(name: str, known: Collection[str]) -> str:
    """What to say of `h_t`, which may mean `h[t]`, and of `W'`, which may mean `W.T`."""
    word, index = _parts(name)
    if index and (word in known or word in REDUCTIONS):
        return f"an index stands in brackets: `{word}[{index}]`" if word in known else f"a reduction has its index in brackets: `{word}[{index}](...)`"
    word = name.rstrip("'")
    return f"did you mean `{word}`, or, transposed, `{word}.T`?" if word != name and word in known and word[0].isupper() else ""


def _parts(name: str) -> tuple[str, str]:
    """What a name such as `h_t` or `hₜ` may mean an element of, and which; the second is empty for a name like any other."""
    word, _, index = name.rpartition("_")
    if not word:
        small = next((k for k, c in enumerate(name) if unicodedata.normalize("NFKC", c) != c), len(name))
        word, index = name[:small], unicodedata.normalize("NFKC", name[small:])
    return (word, index) if len(index) == 1 and index.islower() or index.isdigit() else (name, "")


def table_value(b: Build, table: tree.Table) -> Array:
    """A drawn table as a constant array of 0 and 1."""
    path = f"table {table.name.name}"
    variable = b.variables.get(path)
    if variable is None:
        cells = tuple(float(cell) for row in table.rows for cell in row)
        axes = (sized(len(table.rows)), sized(len(table.rows[0]) if table.rows else 0))
        init = Initialiser("values", cells)
        variable = b.variable(path, axes, Kind.CONSTANT, Type.BOOLEAN, span=table.span, init=init)
        b.tables[variable] = table
    return reading(variable)


def without_library(b: Build, problem: Problem, node: tree.Attribute) -> Problem:
    """What is not known of `np.tanh`, with how it is written without the library that other languages need."""
    base: tree.Expr = node.base
    words = [node.name.name]
    while isinstance(base, tree.Attribute):
        words.insert(0, base.name.name)
        base = base.base
    if not isinstance(problem, UnknownName) or not isinstance(base, tree.Name) or problem.span != base.span or base.name not in foreign.LIBRARIES:
        return problem
    written = foreign.path(words, (*b.module.names, *BUILTINS, *CONSTANTS), own=base.name in ("self", "this"))
    return replace(problem, instead=written) if written else problem


def transposed(b: Build, base: tree.Expr, exponent: tree.Name, scope: Scope, env: Environment) -> Problem:
    """The problem of `W^T`, whether or not there is a `T`."""
    said = f"`^` is a power, element by element; transposed it is `{base.span.text}.T`"
    try:
        lookup(b, exponent, scope, env)
    except Broken as broken:
        return replace(broken.problem, instead=said) if isinstance(broken.problem, UnknownName) else broken.problem
    return NotApplicable(base.span.to(exponent.span), "transposed with `^T`", f"`{base.span.text}`", said)
