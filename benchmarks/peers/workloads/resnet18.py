"""ResNet-18 (specs/vision/resnet18.net) on 8 images of 64 x 64; momentum. PyTorch keeps running statistics too, JAX does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.peers.workload import Arrays, Jax, Optimiser, Torch, Workload, sample_first
from benchmarks.peers.workloads.recurrent import jax_cross_entropy

BLOCKS = ((64, 64, 1), (64, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2), (256, 256, 1), (256, 512, 2), (512, 512, 1))
WIDTHS = {"stem": 64} | {f"{k}{n}": out for k, (_, out, _) in enumerate(BLOCKS) for n in "abd"}


def arrange(p: Arrays) -> Arrays:
    """netc's parameters stand in the order of the text: a convolution's kernel, then the norm's factor and offset."""
    names = ["stem"]
    for k, (given, out, _) in enumerate(BLOCKS):
        names += [f"{k}{n}" for n in ("abd" if given != out else "ab")]
    values = iter(p.values())
    found = {f"{name} {part}": next(values) for name in names for part in ("kernel", "factor", "offset")}
    return found | {"W": next(values), "b": next(values)}


def data(count: int) -> Arrays:
    rng = np.random.default_rng(2)
    return {"image": rng.standard_normal((count, 3, 64, 64), np.float32), "label": rng.integers(0, 1000, count).astype(np.int32)}


def torch_loss() -> Callable[[Any, Any], Any]:
    running: dict[str, Any] = {}

    def loss(p: Any, batch: Any) -> Any:
        import torch
        import torch.nn.functional as F

        if not running:
            running.update({n: (torch.zeros(c), torch.ones(c)) for n, c in WIDTHS.items()})
        image, label = batch

        def conv(x: Any, name: str, stride: int, pad: int) -> Any:
            x = F.conv2d(x, p[f"{name} kernel"], None, stride, pad)
            return F.batch_norm(x, *running[name], p[f"{name} factor"], p[f"{name} offset"], True)

        h = F.max_pool2d(F.relu(conv(image, "stem", 2, 3)), 3, 2, 1)
        for k, (given, out, stride) in enumerate(BLOCKS):
            short = conv(h, f"{k}d", stride, 0) if given != out else h
            h = F.relu(conv(F.relu(conv(h, f"{k}a", stride, 1)), f"{k}b", 1, 1) + short)
        return F.cross_entropy(F.linear(h.mean((2, 3)), p["W"], p["b"]), label)

    return loss


def jax_loss(channels_last: bool) -> Callable[[Any, Any], Any]:
    layout = ("NHWC", "HWIO", "NHWC") if channels_last else ("NCHW", "OIHW", "NCHW")
    over, places = ((0, 1, 2), (1, 2)) if channels_last else ((0, 2, 3), (2, 3))
    shape = (1, 1, 1, -1) if channels_last else (1, -1, 1, 1)

    def spatial(n: int) -> tuple[int, int, int, int]:
        return (1, n, n, 1) if channels_last else (1, 1, n, n)

    def loss(p: Any, batch: Any) -> Any:
        import jax
        import jax.numpy as jnp
        from jax import lax

        image, label = batch
        image = image.transpose(0, 2, 3, 1) if channels_last else image

        def conv(x: Any, name: str, stride: int, pad: int) -> Any:
            kernel = p[f"{name} kernel"]
            kernel = kernel.transpose(2, 3, 1, 0) if channels_last else kernel
            x = lax.conv_general_dilated(x, kernel, (stride, stride), ((pad, pad),) * 2, dimension_numbers=layout)
            m = x.mean(over, keepdims=True)
            v = ((x - m) ** 2).mean(over, keepdims=True)
            return (x - m) * lax.rsqrt(v + 1e-5) * p[f"{name} factor"].reshape(shape) + p[f"{name} offset"].reshape(shape)

        h = jax.nn.relu(conv(image, "stem", 2, 3))
        padding = [(1, 1) if n == 3 else (0, 0) for n in spatial(3)]
        h = lax.reduce_window(h, -jnp.inf, lax.max, spatial(3), spatial(2), padding)
        for k, (given, out, stride) in enumerate(BLOCKS):
            short = conv(h, f"{k}d", stride, 0) if given != out else h
            h = jax.nn.relu(conv(jax.nn.relu(conv(h, f"{k}a", stride, 1)), f"{k}b", 1, 1) + short)
        return jax_cross_entropy(h.mean(places) @ p["W"].T + p["b"], label)

    return loss


WORKLOADS = (
    Workload(
        "resnet18", "ResNet-18, 64 x 64, batch 8", "specs/vision/resnet18.net", 8, 8, data, sample_first("image", "label"), arrange,
        Optimiser("sgd", 0.001),
        {
            "torch eager": Torch(torch_loss()), "torch eager, channels last": Torch(torch_loss(), channels_last=True),
            "torch compile": Torch(torch_loss(), compile=True), "jax jit": Jax(jax_loss(False)), "jax jit, channels last": Jax(jax_loss(True)),
        },
        1.2, define={"S": 64},
    ),
)  # fmt: skip
