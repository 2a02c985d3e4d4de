"""What a net answers: which of its values stand against which class input, and which inputs an answer needs."""

from __future__ import annotations

from netc.compiler.elaborate.model import Elaborated
from netc.compiler.statements.expressions import Apply, Kind, Read, Variable, reads, walk
from netc.runtime.model.net import Net


def judged(net: Net) -> dict[str, str]:
    """Each class input that is to be guessed, with the value that guesses it.

    A likelihood's target stands against its prediction; else a metric `guess != digit` says what stands against what.
    """
    elaborated = net.elaborated(False)
    found = {v.name: f"{v.name}.prediction" for v in elaborated.observed if v.classes is not None}
    values = {e.target: e.value for e in elaborated.equations}
    for metric in elaborated.metrics.values():
        for variable in reached(elaborated, metric):
            for e in walk(values[variable]) if variable in values else ():
                match e:
                    case Apply(function="!=" | "==", arguments=(Read(variable=a), Read(variable=b))):
                        for guess, target in ((a, b), (b, a)):
                            if target.kind is Kind.INPUT and target.classes is not None and guess.name in elaborated.outputs:
                                found.setdefault(target.name, guess.name)
                    case _:
                        pass
    return found


def answers(net: Net) -> tuple[str, ...]:
    """The names of what the net gives when it is called: its outputs, else what its likelihoods predict."""
    elaborated = net.elaborated(False)
    return tuple(elaborated.outputs) or tuple(elaborated.predictions)


def asked(net: Net) -> tuple[Variable, ...]:
    """The inputs that the net's outputs (or predictions) depend on."""
    elaborated = net.elaborated(False)
    roots = list(elaborated.outputs.values()) or list(elaborated.predictions.values())
    found = {v for root in roots for v in reached(elaborated, root)}
    return tuple(v for v in elaborated.leaves(Kind.INPUT) if v in found)


def reached(elaborated: Elaborated, root: Variable) -> set[Variable]:
    """A variable and all that it is computed from."""
    sources: dict[Variable, list[Variable]] = {}
    for e in elaborated.equations:
        sources.setdefault(e.target, []).extend(r.variable for r in reads(e.value))
    seen, stack = set(), [root]
    while stack:
        v = stack.pop()
        if v not in seen:
            seen.add(v)
            stack.extend(sources.get(v, ()))
    return seen
