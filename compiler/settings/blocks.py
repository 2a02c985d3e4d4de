"""Which `train` or `sample` block speaks of which net: the one that names it, else the one without a name."""

from __future__ import annotations

from collections.abc import Iterable

from netc.compiler.diagnostics.problems.names import UnknownNet
from netc.compiler.diagnostics.problems.settings import BlockTwice
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.settings.read import read_settings
from netc.compiler.syntax import tree


def block_of(file: tree.File, kind: str, net: str) -> tree.Block | None:
    """The block of this kind that speaks of a net. One without a name speaks of each net that has none of its own."""
    blocks = _blocks(file, kind)
    named = next((b for b in blocks if b.net is not None and b.net.name == net), None)
    return named or next((b for b in blocks if b.net is None), None)


def check_blocks(file: tree.File, nets: Iterable[str], reporter: Reporter) -> None:
    """Reports a block that speaks of no net of the file, and one that no net would be given; their lines are checked as those of others."""
    known = tuple(nets)
    for kind in ("train", "sample"):
        taken = [block_of(file, kind, net) for net in known]
        seen: dict[str | None, tree.Block] = {}
        for block in _blocks(file, kind):
            name = block.net.name if block.net is not None else None
            if block.net is not None and block.net.name not in known:
                reporter.report(UnknownNet(block.net.span, block.net.name, known))
            if name in seen:
                reporter.report(BlockTwice(block.span, kind, name, seen[name].span))
            if kind == "train" and block not in taken:  # what a net is given is read with that net
                read_settings(block, {}, reporter)
            seen.setdefault(name, block)


def _blocks(file: tree.File, kind: str) -> list[tree.Block]:
    return [item for item in file.items if isinstance(item, tree.Block) and item.kind == kind]
