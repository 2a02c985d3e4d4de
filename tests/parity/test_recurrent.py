"""Recurrent layers and attention against PyTorch in float64: values and gradients, samples of different lengths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import netc
import numpy as np
import pytest

torch: Any = pytest.importorskip("torch")
LENGTHS = [4, 1, 6]
RNG = np.random.default_rng(8)
X = [RNG.normal(size=(t, 3)) for t in LENGTHS]
SPEC = """
net N:
    input x: real[1..T, 3]
    m = x -> {layer}
    loss l = sum[t, i]({value}[t, i]^3)
"""


def net(layer: str, value: str) -> netc.Net:
    made = netc.parse(SPEC.format(layer=layer, value=value)).build(dtype="float64")
    for path, array in made.params.items():
        made.params[path] = RNG.normal(0, 0.5, array.shape)
    return made


def same(made: netc.Net, value: str, module: Any, weights: dict[str, list[str]]) -> None:
    """`weights`: of each tensor of the module, the parameters whose rows it stacks.

    `-` before a path turns its sign; an empty path is four zeros, which we have no parameter for.
    """
    params = {path: made.params.exact(path) for path in made.params}
    params |= {f"-{path}": -a for path, a in params.items()} | {"": np.zeros(4)}
    for name, tensor in module.named_parameters():
        with torch.no_grad():
            tensor.copy_(torch.from_numpy(np.concatenate([params[p] for p in weights[name]])))
    xs = [torch.tensor(x, requires_grad=True) for x in X]
    outs = [module(x[None])[0][0] for x in xs]
    loss = sum((out**3).sum() for out in outs) / len(X)
    loss.backward()
    found = made.evaluate({"x": X}, value)[value]
    for one, out in zip(found, outs, strict=True):
        np.testing.assert_allclose(one[: len(out)], out.detach().numpy(), rtol=0, atol=1e-10)
    g = made.gradient({"x": X})
    assert g.loss == pytest.approx(float(loss.detach()), rel=1e-12)
    for name, tensor in module.named_parameters():
        for path, want in zip(weights[name], np.split(tensor.grad.numpy(), len(weights[name])), strict=True):
            if path:
                ours = -g.params[path[1:]] if path.startswith("-") else g.params[path]
                np.testing.assert_allclose(ours, want, rtol=0, atol=1e-10, err_msg=path)
    for one, x in zip(g.inputs["x"], xs, strict=True):
        np.testing.assert_allclose(one[: len(x)], x.grad.numpy(), rtol=0, atol=1e-10)


def gates(at: str, ours: Sequence[str], tail: str) -> dict[str, list[str]]:
    """One direction of one layer: our parameters in the order of the module's gates. It has a second bias, ours is one."""
    return {
        f"weight_ih_{tail}": [f"{at}.W{k}" for k in ours],
        f"weight_hh_{tail}": [f"{at}.U{k}" for k in ours],
        f"bias_ih_{tail}": [f"{at}.b{k}" for k in ours],
        f"bias_hh_{tail}": ["" for _ in ours],
    }


def test_rnn() -> None:
    made = net("RNN(4)", "m")
    same(made, "m", torch.nn.RNN(3, 4, batch_first=True).double(), gates("m.RNN.h.ElmanCell", [""], "l0"))


def test_lstm() -> None:
    made = net("LSTM(4)", "m.h")
    same(made, "m.h", torch.nn.LSTM(3, 4, batch_first=True).double(), gates("m.LSTM.h.LSTMCell", "ifgo", "l0"))


def test_lstm_both_ways() -> None:
    weights = {**gates("m.BiLSTM.f.LSTMCell", "ifgo", "l0"), **gates("m.BiLSTM.b.LSTMCell", "ifgo", "l0_reverse")}
    same(net("BiLSTM(4)", "m"), "m", torch.nn.LSTM(3, 4, batch_first=True, bidirectional=True).double(), weights)


def test_two_layers_of_lstm_both_ways() -> None:
    weights = {
        name: paths
        for k in (0, 1)
        for d, tail in (("f", f"l{k}"), ("b", f"l{k}_reverse"))
        for name, paths in gates(f"m.BiLSTM[{k}].{d}.LSTMCell", "ifgo", tail).items()
    }
    module = torch.nn.LSTM(3, 4, num_layers=2, batch_first=True, bidirectional=True).double()
    same(net("repeat(2, BiLSTM(4))", "m"), "m", module, weights)


def test_gru_with_the_reset_gate_after_the_product() -> None:
    """The module's z says what stays, ours what is new: its weights have the other sign."""
    at = "m.GRU.h.GRUCell"
    weights = {name: [r, f"-{z}" if z else z, n] for name, (r, z, n) in gates(at, "rzn", "l0").items()}
    weights["bias_hh_l0"] = ["", "", f"{at}.cn"]
    same(net("GRU(4, after=true)", "m"), "m", torch.nn.GRU(3, 4, batch_first=True).double(), weights)


def test_causal_attention_with_two_heads() -> None:
    spec = """
net N:
    input x: real[1..T, 4]
    param Q[2, 2, 4], K[2, 2, 4], R[2, 2, 4], O[2, 4, 2] init normal(0, 0.5)
    param bq[2, 2], bk[2, 2], bv[2, 2], bo[4] init normal(0, 0.5)
    q[h, t] = Q[h] @ x[t] + bq[h]
    k[h, t] = K[h] @ x[t] + bk[h]
    v[h, t] = R[h] @ x[t] + bv[h]
    attention a[h, t, s] = softmax[s <= t](q[h, t] @ k[h, s] / sqrt(2))
    u[h, t] = sum[s](a[h, t, s] * v[h, s])
    y[t] = sum[h](O[h] @ u[h, t]) + bo
    loss l = sum[t, i](y[t, i]^3)
"""
    made = netc.parse(spec).build(dtype="float64")
    p = {path: made.params.exact(path) for path in made.params}
    module = torch.nn.MultiheadAttention(4, 2, batch_first=True).double()
    rows = [p[n].reshape(4, 4) for n in "QKR"]
    with torch.no_grad():
        module.in_proj_weight.copy_(torch.from_numpy(np.concatenate(rows)))
        module.in_proj_bias.copy_(torch.from_numpy(np.concatenate([p[n].reshape(4) for n in ("bq", "bk", "bv")])))
        module.out_proj.weight.copy_(torch.from_numpy(np.concatenate(list(p["O"]), axis=1)))
        module.out_proj.bias.copy_(torch.from_numpy(p["bo"]))
    xs = [RNG.normal(size=(t, 4)) for t in LENGTHS]
    outs = []
    for x in xs:
        mask = torch.triu(torch.ones(len(x), len(x), dtype=torch.bool), 1)
        one = torch.from_numpy(x)[None]
        outs.append(module(one, one, one, attn_mask=mask, need_weights=False)[0][0])
    loss = sum((out**3).sum() for out in outs) / len(xs)
    loss.backward()
    for one, out in zip(made.evaluate({"x": xs}, "y")["y"], outs, strict=True):
        np.testing.assert_allclose(one[: len(out)], out.detach().numpy(), rtol=0, atol=1e-10)
    g = made.gradient({"x": xs})
    assert g.loss == pytest.approx(float(loss.detach()), rel=1e-12)
    stacked = np.concatenate([g.params[n].reshape(4, 4) for n in "QKR"])
    np.testing.assert_allclose(stacked, module.in_proj_weight.grad.numpy(), rtol=0, atol=1e-10)
    np.testing.assert_allclose(
        np.concatenate(list(g.params["O"]), axis=1), module.out_proj.weight.grad.numpy(), rtol=0, atol=1e-10
    )
