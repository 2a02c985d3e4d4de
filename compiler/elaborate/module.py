"""What a file can name at its top level: its own layers, functions, tables and sizes, those it uses, and the prelude's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from netc.compiler.diagnostics.problems.names import Duplicate, PreludeName
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.syntax import tree

Named = tree.Layer | tree.Def | tree.Table


@dataclass(frozen=True, eq=False)
class Module:
    """A file with all it sees."""

    file: tree.File
    names: dict[str, Named]
    nets: dict[str, tree.Net]
    constants: tuple[tree.Dims | tree.Const | tree.Unread, ...]  # of the top level, in order
    whole: bool = True  # whether all used files were there; else what is not known may stand in one of them


def link(file: tree.File, uses: Mapping[str, tree.File], prelude: tree.File, reporter: Reporter, whole: bool = True) -> Module:
    """Gather what the file can name. Duplicates and redefined prelude names are reported."""
    library = {i.name.name: i for i in prelude.items if isinstance(i, tree.Layer | tree.Def | tree.Table)}
    own: dict[str, Named] = {}
    constants: list[tree.Dims | tree.Const | tree.Unread] = []
    for part in (*uses.values(), file):
        for item in part.items:
            if isinstance(item, tree.Dims | tree.Const | tree.Unread):
                constants.append(item)
            if not isinstance(item, tree.Layer | tree.Def | tree.Table):
                continue
            name = item.name.name
            if name in library:
                reporter.report(PreludeName(item.name.span, name))
            elif name in own:
                reporter.report(Duplicate(item.name.span, name, own[name].name.span))
            else:
                own[name] = item
    nets: dict[str, tree.Net] = {}
    for item in file.items:
        if isinstance(item, tree.Net):
            if item.name.name in nets:
                reporter.report(Duplicate(item.name.span, item.name.name, nets[item.name.name].name.span))
            else:
                nets[item.name.name] = item
    return Module(file, {**library, **own}, nets, tuple(constants), whole)
