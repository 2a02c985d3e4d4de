"""The order in which the equations of a body are elaborated: those that belong together, each group after what it needs."""

from __future__ import annotations

from functools import lru_cache

from netc.compiler.elaborate.left import Defining, target_names, used_names
from netc.compiler.statements.components import components


@lru_cache(maxsize=1024)
def in_groups(statements: tuple[Defining, ...]) -> list[list[Defining]]:
    """Groups of equations, definitions before uses.

    Equations with a target in common stand together (a variable and its boundaries), and so do those that need each other.
    """
    owner: dict[str, int] = {}
    nodes: list[list[int]] = []
    at: dict[int, int] = {}
    for k, statement in enumerate(statements):
        names = [n.name for n in target_names(statement)]
        met = sorted({owner[n] for n in names if n in owner})
        home = met[0] if met else len(nodes)
        if not met:
            nodes.append([])
        for other in met[1:]:  # a tuple joins what stood apart
            for j in nodes[other]:
                at[j] = home
            nodes[home] += nodes[other]
            owner.update({n: home for n, o in owner.items() if o == other})
            nodes[other] = []
        nodes[home].append(k)
        at[k] = home
        owner.update(dict.fromkeys(names, home))
    needs = [sorted({owner[n] for k in node for n in used_names(statements[k].value) if n in owner}) for node in nodes]
    found = []
    for component in components(needs):
        members = sorted(k for node in component for k in nodes[node])
        if members:
            found.append([statements[k] for k in members])
    return found
