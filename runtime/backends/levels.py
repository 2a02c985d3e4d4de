"""A loop over the nodes of trees, level by level: all nodes of one height, of all samples, in one call for each step."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from netc.compiler.plan.model import Loop, Operand, Step
from netc.compiler.plan.together import stretch, together
from netc.runtime.backends.kernels import Call, View, make_call

Array = Any
Bounds = Sequence[tuple[int, int]]  # of each level, the lowest first: its first node and the one behind its last

_KEPT = 64  # levels whose calls are kept: the same ones come again, batch after batch


class LevelLoop:
    """Calls made for a level when it first comes. Without bounds it goes node by node."""

    def __init__(self, xp: Any, loop: Loop, array: View) -> None:
        self._xp, self._loop, self._array = xp, loop, array
        self._steps = [together(s, loop) for s in loop.steps]
        self._whole: dict[Operand, Array] = {}
        self._kept: OrderedDict[tuple[int, int], list[Call]] = OrderedDict()
        self.bounds: Bounds = [(k, k + 1) for k in range(loop.count)]

    @property
    def tree(self) -> str | None:
        """The tree whose nodes the loop goes over."""
        return self._loop.tree.name if self._loop.tree is not None else None

    def __call__(self) -> None:
        for first, behind in self._order():
            for call in self._calls(first, behind):
                call()

    def opened(self) -> Iterator[tuple[Call, Step, View]]:
        """Call by call, with the step and the views that it has."""
        for first, behind in self._order():
            for call, step in zip(self._calls(first, behind), self._steps, strict=True):
                yield call, step, partial(self._view, first=first, behind=behind)

    def _order(self) -> Bounds:
        return self.bounds if self._loop.forward else self.bounds[::-1]

    def _calls(self, first: int, behind: int) -> list[Call]:
        key = (first, behind)
        if key not in self._kept:
            view = partial(self._view, first=first, behind=behind)
            self._kept[key] = [make_call(self._xp, stretch(s, first, behind - 1), view) for s in self._steps]
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def _view(self, o: Operand, first: int, behind: int) -> Array:
        if o not in self._whole:
            self._whole[o] = self._array(o)
        return self._whole[o][first * o.moves[0] : behind * o.moves[0]] if o.moves else self._whole[o]
