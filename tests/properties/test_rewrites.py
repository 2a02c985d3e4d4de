"""Random well-typed nets: values and gradients stay what they are under any subset of the rewrites, and a batch is its samples."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field

import netc
import netc.compiler.rewrites.lower
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from netc.compiler.statements.program import Program
from netc.compiler.statements.verify import verify

LOWER = sys.modules["netc.compiler.rewrites.lower"]  # its package has a function of this name
Rewrite = Callable[[Program], Program]
REWRITES: tuple[Rewrite, ...] = LOWER.ORDER
TOLERANCE = 1e-10
Draw = Callable[[st.SearchStrategy[int]], int]


@dataclass
class Text:
    """A net being written: its lines, and the vectors that exist with their sizes."""

    draw: Draw
    lines: list[str] = field(default_factory=list)
    vectors: dict[str, int] = field(default_factory=dict)
    tables: list[str] = field(default_factory=list)
    count: int = 0

    def pick(self, *choices: str) -> str:
        return choices[self.number(0, len(choices) - 1)]

    def number(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def vector(self, least: int = 1) -> tuple[str, int]:
        name = self.pick(*[v for v, n in self.vectors.items() if n >= least])
        return name, self.vectors[name]

    def name(self) -> str:
        self.count += 1
        return f"v{self.count}"

    def define(self, size: int, equation: str, name: str | None = None) -> None:
        """`equation` with `$` for the new name."""
        name = name or self.name()
        self.lines.append(equation.replace("$", name))
        self.vectors[name] = size


def dense(t: Text) -> None:
    x, _ = t.vector()
    size = t.number(1, 4)
    t.define(size, f"$ = Dense({size}, act={t.pick('tanh', 'sigmoid', 'identity', 'relu', 'softplus')})({x})")


def pointwise(t: Text) -> None:
    x, size = t.vector()
    formula = t.pick(
        "tanh(2 * {x})", "{x} - 0.5", "-{x}", "sigmoid({x}) * {x}", "{x}^2", "exp(-{x}^2)", "abs({x})", "1 / (1 + {x}^2)",
        "log(1 + exp({x}))", "log(sigmoid({x}))", "max({x}, 0.1)", "{x} if {x} > 0.3 else 0.2 * {x}", "{x}", "stop({x}) + {x}",
    )  # fmt: skip
    t.define(size, f"$ = {formula.format(x=x)}")


def pair(t: Text) -> None:
    x, size = t.vector()
    y = t.pick(*[v for v, n in t.vectors.items() if n == size])
    t.define(size, f"$ = {x} {t.pick('+', '-', '*')} {y}")


def copy(t: Text) -> None:
    x, size = t.vector()
    first = t.number(0, size - 1)
    form = t.pick(
        f"$[i in 0..{size - 1 - first}] = {x}[i + {first}]", f"$[i in 0..{size - 1 - first}] = {x}[{size - 1} - i]"
    )
    t.define(size - first, form)


def window(t: Text) -> None:
    x, size = t.vector(2)
    stride, width = t.number(1, 2), t.number(1, min(3, size))
    places = (size - width) // stride + 1
    form = t.pick(
        "$[i] = sum[u in 0..{k}]({x}[{s}*i + u])", "$[i] = max[u in 0..{k}]({x}[{s}*i + u])", "$[i] = mean[u in 0..{k}]({x}[{s}*i + u]^2)",
        "param $k[{w}] init normal(0, 1)\n    $[i] = sum[u]($k[u] * {x}[{s}*i + u])",
        "$[i] = sum[u in 0..{k}](u * {x}[{s}*i + u]) + i",
    )  # fmt: skip
    t.define(places, form.format(x=x, s=stride, k=width - 1, w=width))


def joined(t: Text) -> None:
    (x, n), (y, m) = t.vector(), t.vector()
    t.define(n + m, f"$ = [{x}; {y}]")


def normalised(t: Text) -> None:
    x, size = t.vector()
    form = t.pick(
        "$ = softmax({x})",
        "$ = log_softmax({x})",
        "$[i] = softmax[i, i >= {c}]({x}[i])",
        "$ = cumsum({x})",
        "$[i] = log(softmax[i]({x}[i]))",
    )
    t.define(size, form.format(x=x, c=size // 2))


def attended(t: Text) -> None:
    (x, n), (y, _) = t.vector(), t.vector()
    a = t.name()
    form = t.pick("softmax[j]", "softmax[j, j <= i]")
    t.lines.append(f"{a}[i, j] = {form}({x}[i] * {y}[j])")
    t.define(n, f"$[i] = sum[j]({a}[i, j] * {y}[j])")


def spread(t: Text) -> None:
    (x, _), (y, m) = t.vector(), t.vector()
    a = t.name()
    t.lines.append(f"{a}[i, j] = {x}[i] {t.pick('*', '+')} {y}[j]")
    t.define(
        m,
        t.pick(
            "$[j] = sum[i]({a}[i, j])", "$[j] = mean[i]({a}[i, j]^2)", "$[j] = max[i]({a}[i, j])", "$ = {a}[0]"
        ).format(a=a),
    )


def linked(t: Text) -> None:
    x, size = t.vector()
    outputs = t.number(1, 3)
    table = f"T{len(t.tables)}"
    rows = [" ".join(t.pick("X", ".") for _ in range(outputs)) for _ in range(size)]
    t.tables.append(f"table {table}[{size}, {outputs}]:\n" + "".join(f"    {r}\n" for r in rows))
    name = t.name()
    t.lines.append(f"param {name}w[o: {outputs}, i: {size}] init normal(0, 1) where {table}[i, o]")
    t.define(outputs, f"$[o] = sum[i]({name}w[o, i] * {x}[i])", name)


def looked_up(t: Text) -> None:
    x, size = t.vector(3)
    form = t.pick(
        "param $e[3, 2] init normal(0, 1)\n    $[d] = $e[w, d]",
        "$[d in 0..1] = {x}[w] * (d + 1)",
        "$[d in 0..1] = {x}[2 - d] * {x}[w]",
    )
    t.define(2, form.format(x=x))


def summed(t: Text) -> None:
    x, size = t.vector()
    form = t.pick(
        "sum({x})", "mean({x})", "logsumexp({x})", "log(1 + sum[k](exp({x}[k])))", "sum({x}^2)", "max({x})", "sum[k, k > 0]({x}[k])",
        "sum[j, k]({x}[j] * {x}[k])",
    ).format(x=x)  # fmt: skip
    s = t.name()
    t.lines.append(f"{s} = {form}")
    t.define(size, f"$[i] = {x}[i] * {s}")


RULES = (dense, pointwise, pair, copy, window, joined, normalised, attended, spread, linked, looked_up, summed)


@st.composite
def nets(draw: Draw) -> str:
    t = Text(draw, vectors={"x": 4, "y": draw(st.integers(3, 5))})
    given_sizes = dict(t.vectors)
    for _ in range(t.number(1, 6)):
        rule = RULES[t.number(0, len(RULES) - 1)]
        if sum(t.vectors.values()) < 60:
            rule(t)
    last = list(t.vectors)[-t.number(1, 2) :]
    header = [f"input {v}: real[{n}]" for v, n in given_sizes.items()] + ["input w: class(3)"]
    losses = [f"loss l{k} = sum[i]((i + 1) * {v}[i] + {v}[i]^2)" for k, v in enumerate(last)]
    return "".join(t.tables) + "net N:\n" + "".join(f"    {line}\n" for line in [*header, *t.lines, *losses])


def verified(rewrite: Rewrite) -> Rewrite:
    def run(program: Program) -> Program:
        verify(program)
        done = rewrite(program)
        verify(done)
        return done

    return run


def numbers(text: str, rewrites: tuple[Rewrite, ...], batch: slice) -> dict[str, np.ndarray]:
    """The loss and its gradients with exactly these rewrites."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LOWER, "ORDER", tuple(map(verified, rewrites)))
        net = netc.parse(text).build(dtype="float64", seed=3)
        rng = np.random.default_rng(5)
        inputs = {
            v.name: rng.integers(0, 3, 2) if v.classes else rng.uniform(0.05, 0.95, (2, v.axes[0].points()))
            for v in net.inputs
        }
        g = net.gradient({name: array[batch] for name, array in inputs.items()})
    return {"loss": np.array(g.loss), **g.params, **{f"input {n}": a for n, a in g.inputs.items()}}


def agree(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    scale = max(1.0, *(float(np.abs(v).max(initial=0)) for v in a.values()))
    return all(np.allclose(a[n], b[n], rtol=0, atol=TOLERANCE * scale) for n in a)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(nets(), st.lists(st.booleans(), min_size=len(REWRITES), max_size=len(REWRITES)), st.sampled_from([1, 2]))
def test_any_subset_of_the_rewrites_keeps_values_and_gradients(text: str, chosen: list[bool], batch: int) -> None:
    subset = tuple(r for r, c in zip(REWRITES, chosen, strict=True) if c)
    assert agree(numbers(text, REWRITES, slice(batch)), numbers(text, subset, slice(batch)))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(nets())
def test_a_batch_is_its_samples(text: str) -> None:
    both, first, second = (numbers(text, REWRITES, s) for s in (slice(2), slice(1), slice(1, 2)))
    inputs = {n for n in both if n.startswith("input ")}
    mean = {n: np.concatenate([first[n], second[n]]) / 2 if n in inputs else (first[n] + second[n]) / 2 for n in both}
    assert agree(both, mean)
