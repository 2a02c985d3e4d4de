"""Nests as functions of their arrays: what the layers of a deep net have in common is compiled once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from netc.compiler.kernels.language.loops import Comment, Line, Loop, Node, print_c
from netc.compiler.kernels.language.storage import ROWS

_ARRAY = re.compile(r"\bv_\w+")
_COMMENT = re.compile(r"(?m)^ *//.*$")
_LOCAL = re.compile(r"\ba\d+\b")


class Functions:
    """The functions of one kernel; nests that differ in their arrays alone are one function."""

    def __init__(self, types: Mapping[str, str], sizes: Sequence[str]) -> None:
        self.types, self.sizes = types, sizes  # of each array; the names of the sizes that a step has
        self.texts: list[str] = []
        self.works: list[tuple[str, ...]] = []  # for each call, in the order of the text, the statements that it does
        self._made: dict[str, str] = {}

    def outlined(self, nodes: Sequence[Node]) -> list[Node]:
        """The same work, each nest called by its name."""
        found: list[Node] = []
        comments: list[Node] = []
        for node in nodes:
            if isinstance(node, Comment):
                comments.append(node)
            elif isinstance(node, Loop) and node.index == "tile" and node.step:
                found.append(Loop(node.index, node.lo, node.hi, _read(self.outlined(node.body)), step=node.step))
            elif isinstance(node, Line):
                found += [*comments, node]
                comments = []
            else:
                found.append(self._call([*comments, node]))
                comments = []
        return [*found, *comments]

    def _call(self, nodes: Sequence[Node]) -> Line:
        text = "\n".join(print_c(nodes))
        self.works.append(tuple(line.strip()[3:] for line in _COMMENT.findall(text)))
        arrays = list(dict.fromkeys(_ARRAY.findall(text)))
        key = self._key(text, arrays)
        words = set(re.findall(r"\w+", _COMMENT.sub("", text)))
        given = [n for n in ("tile", ROWS) if n in words and not re.search(rf"\blong {n} =", text)]
        if key not in self._made:
            self._made[key] = f"nest{len(self._made)}"
            parameters = [*(f"long {n}" for n in given), *(f"{self.types[a]} *const {a}" for a in arrays)]
            head = f"NEST void {self._made[key]}({', '.join(['const struct step *s, int id, int threads', *parameters])}) {{"
            sizes = [f"    const long {n} = s->{n};" for n in self.sizes if n in words]
            self.texts.append("\n".join([head, *sizes, "    (void)s, (void)id, (void)threads;", text, "}"]))
        return Line(f"{self._made[key]}({', '.join(['s', 'id', 'threads', *given, *arrays])})")

    def _key(self, text: str, arrays: Sequence[str]) -> str:
        """The text without what does not matter: names, and what the comments say."""
        number = {a: f"{self.types[a]}{k}" for k, a in enumerate(arrays)}
        text = _ARRAY.sub(lambda m: number[m.group()], _COMMENT.sub("", text))
        locals_ = {a: f"local{k}" for k, a in enumerate(dict.fromkeys(_LOCAL.findall(text)))}
        return _LOCAL.sub(lambda m: locals_[m.group()], text)


def _read(nodes: Sequence[Node]) -> list[Node]:
    """Without the number of a tile's rows where every row of the tile is worked on, those beyond the batch too."""
    named = [n for n in nodes if isinstance(n, Line) and re.search(rf"\b{ROWS}\b", n.text)]
    return [n for n in nodes if len(named) > 1 or n not in named]
