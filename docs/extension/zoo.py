"""The specs of the checkout, cut into the parts that pages show."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from netc import grammar
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.source.text import Source
from netc.compiler.syntax import tree
from netc.compiler.syntax.parser import parse

LIBRARY = "prelude.net"
ROOT = Path(__file__).parents[2]
SPECS = ROOT / "specs"
_LEFT = re.compile(r" [=~] | init ")
_LEADS = (
    "gate ",
    "attention ",
    "param ",
    "loss ",
    "metric ",
    "output ",
    "input ",
    "const ",
    "next ",
    "state ",
    "assert ",
    "dim ",
)


@dataclass(frozen=True)
class File:
    """A spec's text and its syntax tree."""

    name: str
    text: str
    parsed: tree.File

    def item(self, name: str) -> tree.Net | tree.Layer | tree.Def | tree.Table | tree.Block:
        """`LeNet5`, `table C3`, `train LeNet5`, `train`: the net, layer, function, table or block of this name."""
        kind, _, last = name.rpartition(" ")
        named = {tree.Net: "net", tree.Layer: "layer", tree.Def: "def", tree.Table: "table"}
        for item in self.parsed.items:
            if isinstance(item, tree.Block):
                if name == item.kind and item.net is None or item.net and kind == item.kind and last == item.net.name:
                    return item
            elif isinstance(item, tree.Net | tree.Layer | tree.Def | tree.Table) and (
                item.name.name == last and kind in ("", named[type(item)])
            ):
                return item
        raise ValueError(f"{self.name} has no `{name}`")

    def item_text(self, name: str, heads: bool = True) -> str:
        """The lines of an item, with the comment that stands above it."""
        lines = self.text.split("\n")
        first = self.item(name).span.line - 1
        last = next((k for k in range(first + 1, len(lines)) if lines[k][:1].strip()), len(lines))
        above = first
        while heads and above > 0 and lines[above - 1].startswith("#"):
            above -= 1
        return "\n".join(lines[above or first : last]).rstrip()  # a comment in the first line speaks of the whole file

    def equation(self, item: str, left: str) -> str:
        """The statement of an item with this left side, as it is written."""
        found = self.item(item)
        assert isinstance(found, tree.Net | tree.Layer)
        for statement in found.body:
            text = self.text[statement.span.start : statement.span.end].strip()
            bare = next((text.removeprefix(k) for k in _LEADS if text.startswith(k)), text)
            if left in (text, _LEFT.split(bare)[0], _LEFT.split(text)[0]):
                return "\n".join("    " * (k > 0) + line.strip() for k, line in enumerate(text.split("\n")))
        raise ValueError(f"`{item}` in {self.name} has no equation `{left}`")


def place(name: str) -> str:
    """Where a spec lies in the checkout."""
    return f"grammar/{name}" if name == LIBRARY else f"specs/{name}"


@cache
def zoo(name: str) -> File:
    """A spec by its path below specs/, or `prelude.net`, the standard library."""
    text = grammar.source(name) if name == LIBRARY else (SPECS / name).read_text(encoding="utf-8")
    return File(name, text, parse(Source(name, text), Reporter()))
