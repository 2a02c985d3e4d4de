"""Random recurrent nets: values and gradients stay what they are under any subset of the rewrites, at small sizes too."""

from __future__ import annotations

import sys
from collections.abc import Callable

import netc
import netc.compiler.rewrites.lower
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from netc.compiler.rewrites.stack_products import stack_products
from netc.compiler.statements.program import Program
from netc.compiler.statements.verify import verify

LOWER = sys.modules["netc.compiler.rewrites.lower"]  # its package has a function of this name
Rewrite = Callable[[Program], Program]
BEFORE: tuple[Rewrite, ...] = (*LOWER.BEFORE_GRADIENTS, stack_products)
AFTER: tuple[Rewrite, ...] = LOWER.ORDER
TOLERANCE = 1e-12
SYMBOLS, WIDTH, STATE = 4, 2, 3


@st.composite
def nets(draw: Callable[[st.SearchStrategy[object]], object]) -> str:
    """A few values of a cell, each computed from the inputs, the state before and earlier values; the last is the new state."""

    def pick(*choices: str) -> str:
        return str(draw(st.sampled_from(choices)))

    lines, values = [], ["h[t-1]", "c[t-1]"]
    back = pick("yes", "no") == "yes"  # a loop that runs backwards
    for k in range(int(str(draw(st.integers(1, 5))))):
        kind = pick("product", "product", "join", "gate", "sum", "symbol")
        seen = ["x[t]", *values]
        a, b = pick(*seen), pick(*seen)
        width = sum(WIDTH if v == "x[t]" else STATE for v in ((a,) if kind == "product" else (a, b)))
        act = pick("tanh", "sigmoid", "")
        match kind:
            case "product":
                body = f"W{k} @ {a}"
            case "join":
                third = pick(*seen)
                width += WIDTH if third == "x[t]" else STATE
                body = f"W{k} @ [{a}; {b}; {third}]"
            case "gate":
                body, width = f"{pick(*values)} * {pick(*values)}", 0
            case "sum":
                body = f"W{k} @ [{a}; {b}] + b{k}"
            case _:
                body, width = f"W{k} @ E[w[t]] + {pick(*values)}", 2
        if width:
            lines.append(f"param W{k}[{STATE}, {width}] init normal(0, 0.6)")
        if kind == "sum":
            lines.append(f"param b{k}[{STATE}] init normal(0, 1)")
        lines.append(f"v{k}[t in 1..T] = {act}({body})")
        values.append(f"v{k}[t]")
    new, other = values[-1], pick(*values)
    ends = ["h[T+1] = 0", "c[T+1] = 0.5"] if back else ["h[0] = 0", "c[0] = 0.5"]
    step = [f"h[t in 1..T] = tanh({new} + W @ x[t])", f"c[t in 1..T] = 0.5 * {other} + 0.1 * h[t]"]
    header = [
        f"input x: real[1..T, {WIDTH}]", f"input w: class({SYMBOLS})[1..T]", f"param E[{SYMBOLS}, 2] init normal(0, 1)",
        f"param W[{STATE}, {WIDTH}] init normal(0, 0.6)",
    ]  # fmt: skip
    losses = ["u[t in 1..T] = h[t] + c[t]", "loss l = sum[t](sum(u[t]^2) + u[t, 0])"]
    body = [line.replace("t-1", "t+1") if back else line for line in [*lines, *step]]
    return "net N:\n" + "".join(f"    {line}\n" for line in [*header, *ends, *body, *losses])


def verified(rewrite: Rewrite) -> Rewrite:
    def run(program: Program) -> Program:
        done = rewrite(program)
        verify(done)
        return done

    return run


def numbers(text: str, before: tuple[Rewrite, ...], after: tuple[Rewrite, ...], lengths: tuple[int, ...]) -> dict[str, np.ndarray]:
    """The loss and its gradients with exactly these rewrites."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LOWER, "BEFORE_GRADIENTS", tuple(map(verified, before)))
        patch.setattr(LOWER, "ORDER", tuple(map(verified, after)))
        net = netc.parse(text).build(dtype="float64", seed=3)
        rng = np.random.default_rng(5)
        x = [rng.uniform(-1, 1, (n, WIDTH)) for n in lengths]
        w = [rng.integers(0, SYMBOLS, n) for n in lengths]
        g = net.gradient({"x": x, "w": w})
    return {"loss": np.array(g.loss), **g.params}


def agree(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    scale = max(1.0, *(float(np.abs(v).max(initial=0)) for v in a.values()))
    return all(np.allclose(a[n], b[n], rtol=0, atol=TOLERANCE * scale) for n in a)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(nets(), st.lists(st.booleans(), min_size=9, max_size=9), st.sampled_from([(1,), (2,), (3,), (9,), (3, 3), (4, 2)]))
def test_any_subset_of_the_rewrites_keeps_values_and_gradients(text: str, chosen: list[bool], lengths: tuple[int, ...]) -> None:
    before = tuple(r for r, c in zip(BEFORE, chosen, strict=False) if c)
    after = tuple(r for r, c in zip(AFTER, chosen[len(BEFORE) :], strict=False) if c)
    assert agree(numbers(text, (), AFTER, lengths), numbers(text, before, after, lengths))
    assert agree(numbers(text, (), AFTER, lengths), numbers(text, BEFORE, AFTER, lengths))
