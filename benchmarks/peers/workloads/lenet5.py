"""LeNet-5 with its connection table and a softmax layer at its end (benchmarks/specs/lenet5_softmax.net); momentum."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.peers.workload import Arrays, Jax, Optimiser, Torch, Workload, sample_first
from benchmarks.peers.workloads.recurrent import jax_cross_entropy

ROWS = ["X...XXX..XXXX.XX", "XX...XXX..XXXX.X", "XXX...XXX..X.XXX", ".XXX..XXXX..X.XX", "..XXX..XXXX.XX.X", "...XXX..XXXX.XXX"]
LINKS = np.array([[c == "X" for c in row] for row in ROWS], np.float32).T[:, :, None, None].copy()  # [to, from]


def arrange(p: Arrays) -> Arrays:
    return {n.replace(".", "_"): a for n, a in p.items()}


def data(count: int) -> Arrays:
    """Ten patterns under noise."""
    rng = np.random.default_rng(2)
    pattern, digit = rng.standard_normal((10, 1, 32, 32), np.float32), rng.integers(0, 10, count).astype(np.int32)
    return {"image": pattern[digit] / 2 + rng.standard_normal((count, 1, 32, 32), np.float32), "digit": digit}


def torch_loss(p: Any, batch: Any) -> Any:
    import torch
    import torch.nn.functional as F

    image, digit = batch

    def subsampled(x: Any, name: str) -> Any:
        sums = F.avg_pool2d(x, 2, divisor_override=1)
        return torch.tanh(sums * p[f"{name}_Subsample_a"].view(1, -1, 1, 1) + p[f"{name}_Subsample_b"].view(1, -1, 1, 1))

    h = subsampled(torch.tanh(F.conv2d(image, p["c1_Conv_K"], p["c1_Conv_b"])), "s2")
    h = subsampled(torch.tanh(F.conv2d(h, p["c3_Conv_K"] * _mask(), p["c3_Conv_b"])), "s4")
    h = torch.tanh(F.conv2d(h, p["c5_Conv_K"], p["c5_Conv_b"])).flatten(1)
    h = torch.tanh(F.linear(h, p["f6_Dense_W"], p["f6_Dense_b"]))
    return F.cross_entropy(F.linear(h, p["z_Dense_W"], p["z_Dense_b"]), digit)


def _mask() -> Any:
    import torch

    return torch.from_numpy(LINKS)


def jax_loss(channels_last: bool) -> Callable[[Any, Any], Any]:
    """Two layouts: which is faster differs between machines."""

    def loss(p: Any, batch: Any) -> Any:
        import jax.numpy as jnp
        from jax import lax

        image, digit = batch
        image = image.transpose(0, 2, 3, 1) if channels_last else image
        layout = ("NHWC", "HWIO", "NHWC") if channels_last else ("NCHW", "OIHW", "NCHW")
        shape = (1, 1, 1, -1) if channels_last else (1, -1, 1, 1)
        window = (1, 2, 2, 1) if channels_last else (1, 1, 2, 2)

        def conv(x: Any, k: Any, b: Any) -> Any:
            k = k.transpose(2, 3, 1, 0) if channels_last else k
            return jnp.tanh(lax.conv_general_dilated(x, k, (1, 1), "VALID", dimension_numbers=layout) + b.reshape(shape))

        def subsampled(x: Any, name: str) -> Any:
            sums = lax.reduce_window(x, 0.0, lax.add, window, window, "VALID")
            return jnp.tanh(sums * p[f"{name}_Subsample_a"].reshape(shape) + p[f"{name}_Subsample_b"].reshape(shape))

        h = subsampled(conv(image, p["c1_Conv_K"], p["c1_Conv_b"]), "s2")
        h = subsampled(conv(h, p["c3_Conv_K"] * LINKS, p["c3_Conv_b"]), "s4")
        h = conv(h, p["c5_Conv_K"], p["c5_Conv_b"]).reshape(image.shape[0], -1)
        h = jnp.tanh(h @ p["f6_Dense_W"].T + p["f6_Dense_b"])
        return jax_cross_entropy(h @ p["z_Dense_W"].T + p["z_Dense_b"], digit)

    return loss


def _workload(batch_size: int) -> Workload:
    return Workload(
        f"lenet5_b{batch_size}", f"LeNet-5, batch {batch_size}", "benchmarks/specs/lenet5_softmax.net", batch_size, batch_size, data,
        sample_first("image", "digit"), arrange, Optimiser("sgd", 0.01),
        {
            "torch eager": Torch(torch_loss), "torch eager, channels last": Torch(torch_loss, channels_last=True),
            "torch compile": Torch(torch_loss, compile=True), "jax jit": Jax(jax_loss(False)), "jax jit, channels last": Jax(jax_loss(True)),
        },
        5.0,
    )  # fmt: skip


WORKLOADS = (_workload(64), _workload(256))
