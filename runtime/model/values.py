"""Parameters and states by path: a mapping that checks sizes and keeps exact values."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence
from typing import Any

import numpy as np
from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.problems.values import ValueSizesDiffer
from netc.compiler.source.text import typed
from netc.compiler.statements.expressions import Variable
from netc.runtime.backends.backend import Backend
from netc.runtime.model.initialise import Array, is_drawn, shape_of, support_mask
from netc.runtime.model.inputs import unknown_name


class Values(MutableMapping[str, Array]):
    """A flat block seen by path. Reading gives a copy that cannot be written to; writing checks sizes and ignores what lies outside a support.

    What the block would round is kept as well, so that `exact` gives it back until a training step changes the block.
    """

    def __init__(self, variables: Sequence[Variable], block: Any, backend: Backend, what: str) -> None:
        self.variables = {v.name: v for v in variables}
        self.block, self.backend, self.what = block, backend, what
        self.slices: dict[str, tuple[slice, tuple[int, ...]]] = {}
        self._exact: dict[str, Array] = {}
        offset = 0
        for v in variables:
            shape = shape_of(v)
            size = int(np.prod(shape, dtype=np.int64))
            self.slices[v.name] = (slice(offset, offset + size), shape)
            offset += size

    def _at(self, name: str) -> tuple[slice, tuple[int, ...]]:
        if name not in self.slices:
            raise unknown_name(name, self.what, self.slices)
        return self.slices[name]

    def __getitem__(self, name: str) -> Array:
        where, shape = self._at(name)
        found = np.array(self.backend.to_host(self.block[where])).reshape(shape)
        found.flags.writeable = False  # what was written to a copy would be lost without a word
        return found

    def __setitem__(self, name: str, array: Any) -> None:
        where, shape = self._at(name)
        values = np.asarray(array, np.float64)
        if values.shape != shape:
            variable = self.variables[name]
            raise NetcError(ValueSizesDiffer(variable.span or typed("Python", name), name, shape, values.shape))
        if self.variables[name].support is not None:
            values = np.where(support_mask(self.variables[name]), values, 0.0)
        self._exact.pop(name, None)
        if not np.array_equal(values.astype(self.block.dtype), values, equal_nan=True):
            self._exact[name] = values.copy()
        self.block[where] = self.backend.xp.asarray(values.reshape(-1))

    def begin(self, name: str, array: Array) -> None:
        """Write a first value. One that was drawn is rounded for good: what is read is what every precision computes with."""
        self[name] = array
        if is_drawn(self.variables[name]):
            self._exact.pop(name, None)

    def exact(self, name: str) -> Array:
        """In float64, as it was written where no step has changed it since."""
        now = self[name]
        known = self._exact.get(name)
        if known is not None and np.array_equal(known.astype(now.dtype), now, equal_nan=True):
            return known
        self._exact.pop(name, None)
        return now.astype(np.float64)

    def __delitem__(self, name: str) -> None:
        raise TypeError(f"a {self.what} cannot be removed")

    def __iter__(self) -> Iterator[str]:
        return iter(self.slices)

    def __len__(self) -> int:
        return len(self.slices)
