"""A loop over the nodes of trees, level by level: all nodes of one height, of all samples, in one call for each step."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from netc.compiler.plan.model import Loop, Operand, Step
from netc.compiler.plan.together import stretch, together
from netc.runtime.backends.kernels import Function, make_kernel

Array = Any
Call = tuple[Function, tuple[Any, ...]]
Bounds = Sequence[tuple[int, int]]  # of each level, the lowest first: its first node and the one behind its last

_KEPT = 64  # levels whose calls are kept: the same ones come again, batch after batch


class LevelLoop:
    """Calls made for a level when it first comes. Without bounds it goes node by node."""

    def __init__(self, xp: Any, real: Any, loop: Loop, array: Callable[[Operand], Array]) -> None:
        self._xp, self._real, self._loop, self._array = xp, real, loop, array
        self._steps = [together(s, loop) for s in loop.steps]
        self._kept: OrderedDict[tuple[int, int], list[Call]] = OrderedDict()
        self.bounds: Bounds = [(k, k + 1) for k in range(loop.count)]

    @property
    def tree(self) -> str | None:
        """The tree whose nodes the loop goes over."""
        return self._loop.tree.name if self._loop.tree is not None else None

    def __call__(self) -> None:
        for first, behind in self._order():
            for function, views in self._calls(first, behind):
                function(*views)

    def opened(self) -> Iterator[tuple[Function, tuple[Any, ...], Step]]:
        """Call by call, with the views and the step."""
        for first, behind in self._order():
            for (function, views), step in zip(self._calls(first, behind), self._steps, strict=True):
                yield function, views, step

    def _order(self) -> Bounds:
        return self.bounds if self._loop.forward else self.bounds[::-1]

    def _calls(self, first: int, behind: int) -> list[Call]:
        key = (first, behind)
        if key not in self._kept:
            self._kept[key] = [self._call(s, first, behind) for s in self._steps]
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def _call(self, step: Step, first: int, behind: int) -> Call:
        function, given = make_kernel(self._xp, stretch(step, first, behind - 1), self._real)
        return function, tuple(self._array(a) if isinstance(a, Operand) else a for a in given)
