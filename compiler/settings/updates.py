"""What an optimiser does to each parameter, as assignments of scalar expressions: one form for all backends.

A constant that is 0 takes its terms with it, so that what is not asked for costs nothing. Numbers that all parameters share
are worked out once a step; so a text made from the assignments serves all constants.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property

from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.functions.scalar import SCALAR
from netc.compiler.settings.model import Optimiser
from netc.compiler.settings.rules import RULES
from netc.compiler.source.text import Source
from netc.compiler.statements.expressions import Apply, Expr, Number, Read, Variable, reads, rebuild
from netc.compiler.statements.print import expression
from netc.compiler.syntax import tree
from netc.compiler.syntax.parser import parse


@dataclass(frozen=True)
class Assignment:
    """`target = value`, for one parameter."""

    target: str
    value: Expr


@dataclass(frozen=True, eq=False)
class Update:
    """Assignments in order. They read what they have assigned, `p`, `g`, `rate`, the slots, and the shared numbers by name."""

    assignments: tuple[Assignment, ...]
    shared: dict[str, Expr]  # in terms of the constants and `t`
    slots: tuple[str, ...]  # those that are read before they are written, which have to be kept
    constants: Mapping[str, float]

    def numbers(self, t: int) -> list[float]:
        """The shared numbers at step t, in order."""
        changing, found = self._begun
        for k, e in changing:
            found[k] = _value(e, {**self.constants, "t": t})
        return found

    @cached_property
    def _begun(self) -> tuple[list[tuple[int, Expr]], list[float]]:
        """Which numbers change from step to step, and all of them at the first."""
        changing = [(k, e) for k, e in enumerate(self.shared.values()) if "t" in _names(e)]
        return changing, [_value(e, {**self.constants, "t": 1}) for e in self.shared.values()]


@cache
def symbol(name: str) -> Read:
    """A number by its name: equal names are the same."""
    return Read(Variable(name, ()))


def update_of(o: Optimiser) -> Update:
    """The update that an optimiser's rule comes to with its constants."""
    rule = RULES[o.rule]
    constants = {**rule.constants, **dict(o.constants)}
    assignments = [Assignment(name, _folded(value, constants)) for name, value in _parsed(rule.lines)]
    assignments = [a for a in assignments if a.value != symbol(a.target)]
    kept = tuple(s for s in rule.slots if _read_first(assignments, s))
    assignments = _without_names(assignments, kept)
    shared: dict[str, Expr] = {}
    own = {"p", "g", "rate", *kept, *(a.target for a in assignments)}
    lifted = tuple(replace(a, value=_lifted(a.value, own, shared)) for a in assignments)
    return Update(lifted, shared, kept, constants)


@cache
def _parsed(lines: tuple[str, ...]) -> list[tuple[str, tree.Expr]]:
    source = Source("rule", "train:\n" + "".join(f"    {line}\n" for line in lines))
    block = parse(source, Reporter()).items[0]
    assert isinstance(block, tree.Block)
    return [(s.target.name, s.value) for s in block.body if isinstance(s, tree.Equation) and isinstance(s.target, tree.Name)]


def _folded(node: tree.Expr, constants: Mapping[str, float]) -> Expr:
    """The expression without the terms that a constant of 0 leaves out."""
    match node:
        case tree.Number():
            return Number(node.value)
        case tree.Name():
            return Number(0) if constants.get(node.name) == 0 else symbol(node.name)
        case tree.Call(function=tree.Name(name=name), arguments=arguments):
            return Apply(name, tuple(_folded(a.value, constants) for a in arguments))
        case tree.Conditional(condition=tree.Name(name=name)):
            return _folded(node.then if constants[name] else node.otherwise, constants)
        case tree.Binary():
            return _simple(node.operator, _folded(node.left, constants), _folded(node.right, constants))
        case _:
            raise TypeError(f"not in a rule: {node.span.text}")


def _simple(operator: str, a: Expr, b: Expr) -> Expr:
    zero = Number(0)
    match operator:
        case "*" if zero in (a, b):
            return zero
        case "*" if a == Number(1):
            return b
        case "+" if a == zero:
            return b
        case "+" | "-" if b == zero:
            return a
        case _:
            return Apply(operator, (a, b))


def _names(e: Expr) -> set[str]:
    return {r.variable.name for r in reads(e)}


def _read_first(assignments: list[Assignment], name: str) -> bool:
    """Whether a name is read before it is assigned."""
    for a in assignments:
        if name in _names(a.value):
            return True
        if a.target == name:
            return False
    return False


def _without_names(assignments: list[Assignment], kept: tuple[str, ...]) -> list[Assignment]:
    """What is only another name for something is not assigned: it is read as that."""
    found: list[Assignment] = []
    same: dict[Expr, Expr] = {}

    def renamed(e: Expr) -> Expr:
        return same.get(e) or rebuild(e, renamed) if isinstance(e, Apply) else same.get(e, e)

    for a in assignments:
        value = renamed(a.value)
        if isinstance(value, Read) and a.target not in ("p", "g", *kept):
            same[symbol(a.target)] = value
        else:
            found.append(Assignment(a.target, value))
    return found


def _lifted(e: Expr, own: set[str], shared: dict[str, Expr]) -> Expr:
    """The expression with its largest parts that are the same for all parameters as names."""
    names = _names(e)
    if names and not names & own:
        name = next((n for n, known in shared.items() if known == e), f"c{len(shared)}")
        shared[name] = e
        return symbol(name)
    return rebuild(e, lambda x: _lifted(x, own, shared))


def _value(e: Expr, given: Mapping[str, float]) -> float:
    match e:
        case Number():
            return float(e.value)
        case Read():
            return given[e.variable.name]
        case Apply():
            return float(SCALAR[e.function].value(*(_value(a, given) for a in e.arguments)))
        case _:
            raise TypeError(f"not in a rule: {expression(e)}")
