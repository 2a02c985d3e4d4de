"""Numbers that stood for sizes, told by the names of the sizes: of 1301 for `n`, 2602 is `2*n` and 1300 is `n-1`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from netc.compiler.diagnostics.model import Problem

_NUMBER = re.compile(r"(?<![\w])(?<!\d\.)\d+(?![\w])(?!\.\d)")
_PLAIN = 200  # smaller numbers are those that the spec writes
_FACTOR, _SHIFT = 8, 9


@dataclass(frozen=True)
class Form:
    """A number as it hangs on sizes: affine in them, with these slopes, or in another way."""

    text: str
    slopes: Mapping[str, int]
    affine: bool = True


class Forms:
    """The names of the sizes of one trial."""

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self.sizes = sizes
        self.known: dict[int, Form | None] = {}

    def of(self, number: int) -> Form | None:
        """How a number hangs on the sizes; None where that cannot be told."""
        if number < _PLAIN:
            return Form(str(number), {})
        if number not in self.known:
            self.known[number] = next(self._candidates(number), None)
        return self.known[number]

    def _candidates(self, number: int) -> Iterator[Form]:
        for name, size in self.sizes.items():
            factor, rest = divmod(number + _SHIFT, size)
            shift = rest - _SHIFT
            if 1 <= factor <= _FACTOR and abs(shift) <= _SHIFT:
                yield Form(_sum(_times(factor, name), shift), {name: factor})
        for name, size in self.sizes.items():
            for part in range(2, 65):
                if number == size // part:
                    yield Form(f"{name}//{part}", {name: 0}, affine=False)
            for other, further in self.sizes.items():
                if other > name and number == size * further:
                    yield Form(f"{name}*{other}", {name: 0, other: 0}, affine=False)
                if other > name and number == size + further:
                    yield Form(f"{name}+{other}", {name: 1, other: 1})
                if other != name and abs(number - (size - further)) <= _SHIFT:
                    yield Form(_sum(f"{name}-{other}", number - (size - further)), {name: 1, other: -1})
                if other != name and number == size // further:
                    yield Form(f"{name}//{other}", {name: 0, other: 0}, affine=False)

    def named(self, problem: Problem) -> Problem:
        """The problem with names in the place of numbers."""
        facts: dict[str, Any] = {f.name: self._put(getattr(problem, f.name)) for f in fields(problem) if f.name not in ("span", "applied")}
        return replace(problem, **facts)

    def _put(self, value: object) -> object:
        if isinstance(value, str):
            return _NUMBER.sub(lambda m: form.text if (form := self.of(int(m[0]))) is not None else m[0], value)
        return tuple(map(self._put, value)) if isinstance(value, tuple) else value


def numbers_in(problem: Problem) -> list[int]:
    """The numbers that a problem tells, each once."""
    found: dict[int, None] = {}
    stack: list[object] = [getattr(problem, f.name) for f in fields(problem) if f.name not in ("span", "applied")]
    while stack:
        value = stack.pop()
        if isinstance(value, str):
            found |= dict.fromkeys(map(int, _NUMBER.findall(value)))
        elif isinstance(value, tuple):
            stack.extend(value)
    return list(found)


def _times(factor: int, name: str) -> str:
    return name if factor == 1 else f"{factor}*{name}"


def _sum(text: str, shift: int) -> str:
    return f"{text}{shift:+d}" if shift else text
