"""Reads settings for some of the parameters: `[group("out.*", 10)]`, `[limit("*.W", 3)]`, and the weights to begin with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeGuard

from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.settings import SettingUnfit
from netc.compiler.settings.calls import Argument, Signature
from netc.compiler.settings.kinds import FILE, MAYBE_FILE, POSITIVE, Kind, Text, Texts, Unfit, flat
from netc.compiler.settings.model import Weights
from netc.compiler.syntax import tree

_PATTERN = Argument(Text("a pattern in quotes"), example='"*.W"')


@dataclass(frozen=True, eq=False, repr=False)
class Groups(Kind):
    """A list of `word("pattern", number)`; one alone may go without brackets."""

    word: str
    number: str
    example: str

    @property
    def wanted(self) -> str:
        return f'a list such as `[{self.word}("*.W", {self.example})]`'

    def take(self, value: Any) -> Any:
        return None

    def read(self, node: tree.Expr, name: str, instead: Callable[[str], str], example: str) -> tuple[tuple[str, float], ...]:
        signature = Signature({"pattern": _PATTERN, self.number: Argument(POSITIVE, example=self.example)})
        found: list[tuple[str, float]] = []
        problems: list[Problem] = []
        for item in node.items if isinstance(node, tree.ListOf) else (node,):
            if not _calls(item, self.word):
                shown = f'{self.word}("*.W", {self.example})'
                problems.append(SettingUnfit(item.span, name, flat(item), self.wanted, shown if isinstance(node, tree.ListOf) else instead(f"[{shown}]")))
                continue
            try:
                values = signature.read(item)
                found.append((values["pattern"], float(values[self.number])))
            except Unfit as unfit:
                problems += unfit.problems
        if problems:
            raise Unfit(*problems)
        return tuple(found)


class WeightsKind(Kind):
    """What a net begins with."""

    signature = Signature({
        "file": Argument(FILE, example='"weights.safetensors"'), "into": Argument(MAYBE_FILE, ""), "names": Argument(MAYBE_FILE, ""), "skip": Argument(Texts(), ()),
    })  # fmt: skip

    @property
    def wanted(self) -> str:
        return f"`{self.signature.usage('weights')}`"

    def take(self, value: Any) -> Any:
        return None

    def read(self, node: tree.Expr, name: str, instead: Callable[[str], str], example: str) -> Weights:
        if not _calls(node, "weights"):
            meant = f"weights({node.span.text})" if isinstance(node, tree.String) else example
            raise Unfit(SettingUnfit(node.span, name, flat(node), self.wanted, instead(meant)))
        return Weights(span=node.span, **self.signature.read(node))


def _calls(node: tree.Expr, word: str) -> TypeGuard[tree.Call]:
    """Whether this is `word(...)`."""
    return isinstance(node, tree.Call) and isinstance(node.function, tree.Name) and node.function.name == word
