"""Specs of sequences held against loops in plain NumPy, one sample at a time.

A case names a net of the zoo (or is a text), small sizes for it, what a random sample of a length looks like, and `tell`:
the values and the losses (-log p of each observed element) of one sample, written from the paper's equations. Its gradient
comes from complex steps, Im f(x + ih) / h, which lose no digits. A sample's `tree` holds the children of each node.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import netc
import numpy as np
import pytest
from netc import specs

Arrays = dict[str, Any]
Tell = Callable[[Arrays, Arrays], tuple[Arrays, list[Any]]]
Draw = Callable[[np.random.Generator, int], Arrays]
ROOT = Path(str(files(specs)))
TINY = 1e-30


@cache
def built(file: str, net: str, dims: tuple[tuple[str, int], ...]) -> netc.Net:
    """The net with every parameter drawn at random, biases too."""
    spec = netc.parse(file, dict(dims)) if "\n" in file else netc.load(ROOT / file, dict(dims))
    made = spec[net].build(dtype="float64")
    rng = np.random.default_rng(11)
    for path, array in made.params.items():
        made.params[path] = rng.normal(0, 0.6, array.shape)
    return made


class Trial:
    """A net, some samples, and what the reference says of them."""

    def __init__(self, net: netc.Net, samples: Sequence[Arrays], tell: Tell) -> None:
        self.net, self.samples, self.tell = net, samples, tell
        self.params = {path: net.params.exact(path) for path in net.params}

    @property
    def inputs(self) -> dict[str, list[Any]]:
        return {name: [s[name] for s in self.samples] for name in self.samples[0] if name != "tree"}

    @property
    def trees(self) -> dict[str, Any]:
        return {"trees": {"N": [s["tree"] for s in self.samples]}} if "tree" in self.samples[0] else {}

    def check_values(self) -> None:
        told = [self.tell(self.params, s)[0] for s in self.samples]
        found = self.net.evaluate(self.inputs, list(told[0]), **self.trees)
        for name, values in found.items():
            for one, sample in zip(values, told, strict=True):
                want = np.asarray(sample[name])
                inside = tuple(slice(0, n) for n in want.shape)
                np.testing.assert_allclose(one[inside], want, rtol=0, atol=1e-10, err_msg=name)
                beyond = np.array(one)
                beyond[inside] = 0
                assert not beyond.any(), f"{name} is not 0 beyond the end of its sample"

    def loss(self, params: Arrays, samples: Sequence[Arrays] | None = None) -> Any:
        """The mean over all observed elements of the batch."""
        terms = [t for s in samples or self.samples for t in self.tell(params, s)[1]]
        return sum(terms) / len(terms) if terms else 0.0

    def check_gradient(self) -> None:
        g = self.net.gradient(self.inputs, training=False, **self.trees)
        np.testing.assert_allclose(g.loss, self.loss(self.params), rtol=1e-12, atol=1e-12)
        assert set(g.params) == set(self.params)
        for path, array in self.params.items():
            want = derivative(lambda a, path=path: self.loss({**self.params, path: a}), array)
            np.testing.assert_allclose(g.params[path], want, rtol=0, atol=1e-10, err_msg=path)
        for name, values in g.inputs.items():
            for k, s in enumerate(self.samples):
                rest = list(self.samples)

                def at(a: Any, k: int = k, s: Arrays = s, name: str = name, rest: list[Arrays] = rest) -> Any:
                    rest[k] = {**s, name: a}
                    return self.loss(self.params, rest)

                want = derivative(at, np.asarray(s[name], dtype=float))
                inside = tuple(slice(0, n) for n in want.shape)
                np.testing.assert_allclose(values[k][inside], want, rtol=0, atol=1e-10, err_msg=name)

    def check_alone(self) -> None:
        """The batch gives what its samples give one by one, each weighted by the elements that it observes."""
        told = [self.tell(self.params, s) for s in self.samples]
        names = list(told[0][0])
        weights = np.array([len(terms) for _, terms in told]) / max(sum(len(terms) for _, terms in told), 1)
        together = self.net.gradient(self.inputs, training=False, **self.trees)
        values = self.net.evaluate(self.inputs, names, **self.trees)
        loss, params = 0.0, {path: np.zeros_like(a) for path, a in self.params.items()}
        for k, (s, w) in enumerate(zip(self.samples, weights, strict=True)):
            one = Trial(self.net, [s], self.tell)
            alone = self.net.gradient(one.inputs, training=False, **one.trees)
            own = self.net.evaluate(one.inputs, names, **one.trees)
            loss += w * alone.loss
            for path, a in alone.params.items():
                params[path] += w * a
            for name, v in own.items():
                inside = tuple(slice(0, n) for n in v[0].shape)
                np.testing.assert_allclose(values[name][k][inside], v[0], rtol=1e-12, atol=1e-12, err_msg=name)
        np.testing.assert_allclose(together.loss, loss, rtol=1e-12, atol=1e-12)
        for path, a in params.items():
            np.testing.assert_allclose(together.params[path], a, rtol=1e-12, atol=1e-12, err_msg=path)

    def check_padding(self, **lengths: str) -> None:
        """Whatever stands beyond a sample's end changes nothing. `lengths`: of each length, an input that has it."""
        rng = np.random.default_rng(4)
        long = next(name for name, arrays in self.inputs.items() if len({np.shape(a) for a in arrays}) > 1)
        given = {name: [len(s[of]) for s in self.samples] for name, of in (lengths or {"T": long}).items()}
        padded = {name: poisoned(arrays, rng) for name, arrays in self.inputs.items()}
        names = list(self.tell(self.params, self.samples[0])[0])
        clean, dirty = self.net.evaluate(self.inputs, names), self.net.evaluate(padded, names, lengths=given)
        for name, v in clean.items():
            np.testing.assert_array_equal(dirty[name], v, err_msg=name)
        g, h = self.net.gradient(self.inputs, training=False), self.net.gradient(padded, training=False, lengths=given)
        assert g.loss == h.loss
        for path, a in g.params.items():
            np.testing.assert_array_equal(h.params[path], a, err_msg=path)


def derivative(f: Callable[[Any], Any], x: Any) -> Any:
    """df/dx by a complex step along each coordinate."""
    found = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[place] += 1j * TINY
        found[place] = np.imag(f(moved)) / TINY
    return found


def poisoned(arrays: list[Any], rng: np.random.Generator) -> Any:
    """One array, longer than any sample: NaN and infinity beyond the end of each, or symbols that do not exist."""
    arrays = [np.asarray(a) for a in arrays]
    if len({a.shape for a in arrays}) == 1:  # the same for all lengths: no sequence
        return np.stack(arrays)
    longest = max(len(a) for a in arrays) + 2
    real = arrays[0].dtype.kind == "f"
    shape = (len(arrays), longest, *arrays[0].shape[1:])
    bad = rng.choice([np.nan, np.inf, -1e30], shape) if real else rng.choice([-9, 10**6], shape)
    for row, a in zip(bad, arrays, strict=True):
        row[: len(a)] = a
    return bad


@pytest.fixture
def trial() -> Callable[..., Trial]:
    """`trial(case, lengths)`: samples of these lengths and their reference."""

    def make(case: tuple[str, str, Mapping[str, int], Draw, Tell], lengths: Sequence[int]) -> Trial:
        file, net, dims, draw, tell = case
        rng = np.random.default_rng(5)
        return Trial(built(file, net, tuple(dims.items())), [draw(rng, t) for t in lengths], tell)

    return make
