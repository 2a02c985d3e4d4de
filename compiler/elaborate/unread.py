"""Parameters whose values lead nowhere: to no loss, metric, output or state. Often one was copied and its neighbour's name left, or an
equation that was to be used is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from netc.compiler.diagnostics.model import LIBRARY
from netc.compiler.diagnostics.problems.unread import LeadsNowhere, ParameterUnread
from netc.compiler.elaborate.model import Elaborated, Equation
from netc.compiler.elaborate.module import Module
from netc.compiler.source.text import Span
from netc.compiler.statements.expressions import Kind, Read
from netc.compiler.syntax import tree

_COPY = re.compile(r"(_\d+)?(\[\d+\])?$")  # of a part of a path: which of several applications of a layer it is


def unread_parameters(modes: Sequence[Elaborated], module: Module) -> tuple[ParameterUnread | LeadsNowhere, ...]:
    """Each that nothing reads at its declaration, the others at the equation where their way ends; once for a layer that is applied several times.

    `modes` are the net in training and at test time. In a net without a loss every equation is one of its results.
    """
    equations = [e for mode in modes for e in mode.equations]
    reached = _reached(equations, _goals(modes) if modes[0].loss is not None else {e.target.name for e in equations})
    readers: dict[str, list[Equation]] = {}
    for e in equations:
        for name in _read_by(e):
            readers.setdefault(name, []).append(e)
    unread: dict[Span, ParameterUnread] = {}
    ended: dict[Span, tuple[Equation, dict[str, Span]]] = {}
    for path in (v.name for v in modes[0].leaves(Kind.PARAMETER) if v.name not in reached):
        item = _declaration(path, modes[0].name, module)
        if item is None:
            continue
        if path not in readers:
            unread.setdefault(item.span, ParameterUnread(item.span, item.name.name))
            continue
        end = _end(path, readers)
        if end.span.source.name != LIBRARY:
            called = path if item.span.source.name == LIBRARY else item.name.name
            ended.setdefault(end.span, (end, {}))[1].setdefault(called, item.span)
    statements = [s.span for s in module.nets[modes[0].name].body]
    return *unread.values(), *(_nowhere(end, lost, end.target.name in readers, end.span in statements) for end, lost in ended.values())


def _goals(modes: Iterable[Elaborated]) -> set[str]:
    """What a net is for: its losses, metrics and outputs, what its likelihoods predict, and the next values of its states."""
    return {v.name for m in modes for part in (m.losses, m.metrics, m.outputs, m.updates, m.predictions) for v in part.values()} | {
        m.loss.name for m in modes if m.loss is not None
    }


def _read_by(e: Equation) -> set[str]:
    return {r.variable.name for r in (*e.reads, *(p for p in e.place if isinstance(p, Read)))}


def _reached(equations: Iterable[Equation], goals: set[str]) -> set[str]:
    """Everything whose value the goals depend on."""
    needs: dict[str, set[str]] = {}
    for e in equations:
        needs.setdefault(e.target.name, set()).update(_read_by(e))
    found, stack = set(goals), list(goals)
    while stack:
        new = needs.get(stack.pop(), set()) - found
        found |= new
        stack += new
    return found


def _end(path: str, readers: Mapping[str, list[Equation]]) -> Equation:
    """The last equation of the way that begins here: nothing else reads what it computes."""
    way: dict[str, Equation] = {}
    stack = [path]
    while stack:
        for e in readers.get(stack.pop(), ()):
            if e.target.name not in way:
                way[e.target.name] = e
                stack.append(e.target.name)
    ends = [e for name, e in way.items() if all(r.target.name == name for r in readers.get(name, ()))]
    return max(ends or way.values(), key=lambda e: e.span.start)


def _nowhere(end: Equation, lost: Mapping[str, Span], by_itself: bool, of_the_net: bool) -> LeadsNowhere:
    name = end.target.name if of_the_net else end.target.name.rpartition(".")[2]
    places = tuple((n, None if span.source.name == LIBRARY else span) for n, span in lost.items())
    return LeadsNowhere(end.span, name, places, by_itself, within=not of_the_net or "." in name)


def _declaration(path: str, net: str, module: Module) -> tree.Item | None:
    """Where the parameter of a path such as `W` or `m.Keeper.W` is declared: in the net, or in the layer that the path names last."""
    before, _, name = path.rpartition(".")
    owner = module.names.get(_COPY.sub("", before.rpartition(".")[2])) if before else module.nets[net]
    if not isinstance(owner, tree.Net | tree.Layer):
        return None
    declared = (item for s in owner.body if isinstance(s, tree.Var) and s.kind == "param" for item in s.items)
    return next((item for item in declared if item.name.name == name), None)
