"""Parameters that a net declares and no equation of it reads: often one that was copied, and its neighbour's name left."""

from __future__ import annotations

import re
from collections.abc import Sequence

from netc.compiler.diagnostics.problems.unread import ParameterUnread
from netc.compiler.elaborate.model import Elaborated
from netc.compiler.elaborate.module import Module
from netc.compiler.source.text import Span
from netc.compiler.statements.expressions import Kind
from netc.compiler.syntax import tree

_COPY = re.compile(r"(_\d+)?(\[\d+\])?$")  # of a part of a path: which of several applications of a layer it is


def unread_parameters(modes: Sequence[Elaborated], module: Module) -> tuple[ParameterUnread, ...]:
    """Each at its declaration, once for a layer that is applied several times. `modes` are the net in training and at test time."""
    read = {r.variable.name for mode in modes for e in mode.equations for r in e.reads}
    found: dict[Span, ParameterUnread] = {}
    for path in (v.name for v in modes[0].leaves(Kind.PARAMETER) if v.name not in read):
        item = _declaration(path, modes[0].name, module)
        if item is not None:
            found.setdefault(item.span, ParameterUnread(item.span, item.name.name))
    return tuple(found.values())


def _declaration(path: str, net: str, module: Module) -> tree.Item | None:
    """Where the parameter of a path such as `W` or `m.Keeper.W` is declared: in the net, or in the layer that the path names last."""
    before, _, name = path.rpartition(".")
    owner = module.names.get(_COPY.sub("", before.rpartition(".")[2])) if before else module.nets[net]
    if not isinstance(owner, tree.Net | tree.Layer):
        return None
    declared = (item for s in owner.body if isinstance(s, tree.Var) and s.kind == "param" for item in s.items)
    return next((item for item in declared if item.name.name == name), None)
