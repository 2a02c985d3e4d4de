"""A mask over a softmax that has it as its condition goes; any other stays."""

from __future__ import annotations

from collections.abc import Callable

import netc
import numpy as np
from netc.compiler.rewrites.drop_masks import drop_masks
from netc.compiler.rewrites.remove_copies import remove_copies
from netc.compiler.statements.print import statement
from netc.compiler.statements.program import Program

ATTENTION = """
    input z: real[1..4, 1..4]
    input v: real[1..4]
    a[t, s] = softmax[s <= t](z[t, s])
"""


def lines(program: Program, name: str) -> list[str]:
    return [statement(s) for s in program.statements if name in statement(s).split(" = ")[0]]


def test_a_mask_that_the_softmax_has_itself_goes(normal_form: Callable[..., Program]) -> None:
    program = drop_masks(remove_copies(normal_form(f"{ATTENTION}o[t] = sum[s <= t](a[t, s] * v[s])", "o")))
    assert lines(program, "o'2") == ["o'2[t, s] = a'[t, s] * v[s]"]


def test_another_mask_stays(normal_form: Callable[..., Program]) -> None:
    program = remove_copies(normal_form(f"{ATTENTION}o[t] = sum[s < t](a[t, s] * v[s])", "o"))
    assert drop_masks(program) is program


def test_a_mask_over_the_transposed_softmax_stays(normal_form: Callable[..., Program]) -> None:
    program = remove_copies(normal_form(f"{ATTENTION}o[t] = sum[s <= t](a[s, t] * v[s])", "o"))
    assert drop_masks(program) is program


def test_the_sum_is_the_same() -> None:
    spec = netc.parse("net N:\n" + "".join(f"    {line.strip()}\n" for line in f"{ATTENTION}o[t] = sum[s <= t](a[t, s] * v[s])".strip().split("\n")))
    rng = np.random.default_rng(1)
    z, v = rng.normal(size=(2, 4, 4)), rng.normal(size=(2, 4))
    power = np.tril(np.exp(z))
    expected = (power / power.sum(2, keepdims=True) * v[:, None]).sum(2)
    assert np.allclose(spec.build(dtype="float64").evaluate({"z": z, "v": v}, "o")["o"], expected, rtol=1e-12)
