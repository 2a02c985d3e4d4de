"""Schedules: how a rate, or the share of draws that a net reads, changes over a training."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from netc.compiler.diagnostics.problems.settings import UnknownSchedule
from netc.compiler.diagnostics.suggest import suggest
from netc.compiler.settings.calls import Argument, Clash, Signature, meant_as, name_of
from netc.compiler.settings.kinds import (
    NOT_NEGATIVE,
    POSITIVE,
    SHARE,
    Kind,
    Real,
    Reals,
    Unfit,
    Whole,
    flat,
    literal,
    written,
)
from netc.compiler.settings.model import Schedule
from netc.compiler.syntax import tree


def _in_order(values: Mapping[str, Any], given: Sequence[str]) -> Clash | None:
    """`steps([0, 5], [0.1, 0.01])`: a value for each epoch, the epochs in order."""
    (first, epochs), (second, found) = values.items()
    if list(epochs) != sorted(set(epochs)):
        return Clash(first, "a list of epochs, each later than the one before", written(tuple(sorted(set(epochs)))))
    if len(epochs) != len(found):
        many = f"{len(epochs)} number{'s' if len(epochs) > 1 else ''}, one for each of the epochs `{written(epochs)}`"
        return Clash(second, many, written((*found[: len(epochs)], *[found[-1]] * (len(epochs) - len(found)))))
    return None


def _steps(values: str, each: Real, example: str) -> Signature:
    return Signature({"epochs": Argument(Reals(NOT_NEGATIVE), example="[0, 5]"), values: Argument(Reals(each), example=example)}, _in_order)


def _between(first: Real, last: Real, examples: tuple[str, str]) -> Signature:
    return Signature({"a": Argument(first, example=examples[0]), "b": Argument(last, example=examples[1])})


@dataclass(frozen=True, eq=False, repr=False)
class Changing(Kind):
    """A number, or one that changes by a rule."""

    alone: Real
    rules: dict[str, Signature]

    @property
    def wanted(self) -> str:
        return f"{self.alone.wanted}, or {' or '.join(f'`{signature.usage(rule)}`' for rule, signature in self.rules.items())}"

    def take(self, value: Any) -> Any:
        return None if self.alone.take(value) is None else Schedule(values=(float(value),))

    def meant(self, value: Any) -> Iterator[Any]:
        return self.alone.meant(value)

    def read(self, node: tree.Expr, name: str, instead: Callable[[str], str], example: str) -> Schedule:
        if not isinstance(node, tree.Call):
            if isinstance(literal(node), int | float):
                self.alone.read(node, name, instead, example)  # a number is answered as one
            found: Schedule = super().read(node, name, instead, example)
            return found
        rule = name_of(node)
        if rule not in self.rules:
            guess = suggest(rule, self.rules)
            meant = instead(flat(node).replace(rule, guess, 1)) if guess else ""
            raise Unfit(UnknownSchedule(node.function.span, name, rule, self.wanted, meant), *meant_as(node, guess, self.rules))
        values = self.rules[rule].read(node)
        match rule:
            case "warmup":
                settled: Schedule = values["rate"]
                return replace(settled, warmup=values["steps"])
            case "steps":
                epochs, found_values = values.values()
                return Schedule("steps", tuple(map(float, found_values)), tuple(map(float, epochs)))
            case _:
                return Schedule(rule, tuple(map(float, values.values())))


_RATES = {
    "steps": _steps("rates", POSITIVE, "[0.1, 0.01]"),
    "linear": _between(POSITIVE, NOT_NEGATIVE, ("0.1", "0.001")),
    "cosine": _between(POSITIVE, NOT_NEGATIVE, ("0.1", "0.001")),
}
_SETTLED = Changing(POSITIVE, _RATES)
RATE = Changing(POSITIVE, {**_RATES, "warmup": Signature({"steps": Argument(Whole(), example="100"), "rate": Argument(_SETTLED, example="0.01")})})
SHARE_DRAWN = Changing(SHARE, {
    "linear": _between(SHARE, SHARE, ("0", "0.25")),
    "cosine": _between(SHARE, SHARE, ("0", "0.25")),
    "steps": _steps("shares", SHARE, "[0, 0.25]"),
    "exponential": Signature({"k": Argument(Real("a number above 0 and below 1", lambda k: 0 < k < 1), example="0.999")}),
    "inverse_sigmoid": Signature({"k": Argument(Real("a number of at least 1", lambda k: 1 <= k < math.inf), example="1000")}),
})  # fmt: skip
