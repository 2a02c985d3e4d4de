"""Refused before anything is built: too large, too deep."""

from __future__ import annotations

from netc.compiler.diagnostics.model import Diagnostic, Problem


class ArrayTooLarge(Problem):
    """An array would hold more numbers than any machine of today.

    Sizes are checked before anything is planned or allocated.

    Wrong:
        net N:
            input x: real[1000000]
            param W[1000000, 1000000] init 0
            y = W @ x
    Right:
        net N:
            input x: real[1000]
            param W[10, 1000] init 0
            y = W @ x
    """

    code = "E0902"
    name: str
    numbers: int
    limit: int

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`{self.name}` would hold {self.numbers:,} numbers; the limit is {self.limit:,}",
            label="too large",
            help="check the sizes that it is made of",
        )


class LayersTooDeep(Problem):
    """Layers apply each other more than 100 levels deep, which happens when a layer applies itself.

    Wrong:
        layer Again()(x: real[X]) -> y: real[X]:
            y = Again()(x)
        net N:
            input x: real[3]
            y = Again()(x)
    Right:
        layer Twice()(x: real[X]) -> y: real[X]:
            y = 2 * x
        net N:
            input x: real[3]
            y = Twice()(x)
    """

    code = "E0903"
    layer: str
    limit: int

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`{self.layer}` stands {self.limit} layers deep inside others", label="applied here", help="a layer cannot apply itself"
        )


class TooManyCopies(Problem):
    """`repeat` makes more copies than netc will build."""

    code = "E0904"
    copies: int
    limit: int

    def diagnose(self) -> Diagnostic:
        return self.worded(f"`repeat` would make {self.copies:,} copies; the limit is {self.limit:,}", label="too many", help="check the number")
