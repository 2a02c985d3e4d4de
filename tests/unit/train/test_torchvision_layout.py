"""Weights exchanged with torchvision's layout by a name map, both ways: ResNet-18."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import netc
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

MAP = Path(str(files("netc.specs"))) / "vision" / "resnet18_torchvision.txt"
SPEC = MAP.parent / "resnet18.net"
SKIP = ["*.num_batches_tracked"]


def net_of(size: int = 32) -> netc.Net:
    return netc.load(SPEC, {"S": size}).build(seed=7)


def layout() -> dict[str, tuple[int, ...]]:
    """The tensors of torchvision's ResNet-18 with their sizes, written down from its structure."""
    found: dict[str, tuple[int, ...]] = {}

    def conv(name: str, n: int, c: int, k: int) -> None:
        found[f"{name}.weight"] = (n, c, k, k)

    def norm(name: str, n: int) -> None:
        found.update({f"{name}.{p}": (n,) for p in ("weight", "bias", "running_mean", "running_var")})
        found[f"{name}.num_batches_tracked"] = ()

    conv("conv1", 64, 3, 7)
    norm("bn1", 64)
    width = 64
    for stage, n in enumerate((64, 128, 256, 512), 1):
        for block in range(2):
            at = f"layer{stage}.{block}"
            conv(f"{at}.conv1", n, width, 3)
            norm(f"{at}.bn1", n)
            conv(f"{at}.conv2", n, n, 3)
            norm(f"{at}.bn2", n)
            if width != n:
                conv(f"{at}.downsample.0", n, width, 1)
                norm(f"{at}.downsample.1", n)
            width = n
    return found | {"fc.weight": (1000, 512), "fc.bias": (1000,)}


def random_tensors() -> dict[str, np.ndarray[Any, Any]]:
    generator = np.random.default_rng(5)
    found = {}
    for name, shape in layout().items():
        values = generator.uniform(0.5, 1, shape) if len(shape) == 1 else generator.normal(0, 0.05, shape)
        found[name] = np.asarray(values, np.float32) if shape else np.array(3, np.int64)
    return found


def test_every_tensor_of_the_layout_has_its_parameter_and_comes_back(tmp_path: Path) -> None:
    tensors = random_tensors()
    save_file(tensors, tmp_path / "theirs.safetensors")
    net = net_of()
    loaded = netc.load_weights(net, tmp_path / "theirs.safetensors", names=MAP, skip=SKIP)
    assert (len(loaded.loaded), len(loaded.left), loaded.fresh) == (102, 20, ())
    assert np.array_equal(net.params["v.BasicFeatures.y.Basic_5[0].f.ConvBN_2.y.BatchNorm.b"], tensors["layer3.1.bn2.bias"])
    assert np.array_equal(net.state["v.BasicFeatures.y.Basic_6.y.Shortcut.y.ConvBN.y.BatchNorm.var"], tensors["layer4.0.downsample.1.running_var"])
    written = netc.save_weights(net, tmp_path / "ours.safetensors", names=MAP)
    again = load_file(tmp_path / "ours.safetensors")
    assert set(again) == set(written.values()) == {n for n in tensors if not n.endswith("num_batches_tracked")}
    for name, values in again.items():
        assert values.dtype == np.float32 and np.array_equal(values, tensors[name]), name


def test_a_new_head_on_old_features(tmp_path: Path) -> None:
    save_file(random_tensors(), tmp_path / "theirs.safetensors")
    (tmp_path / "map.txt").write_text(MAP.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "resnet_blocks.net").write_text((SPEC.parent / "resnet_blocks.net").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "flowers.net").write_text(
        'use "resnet_blocks.net"\nnet Flowers:\n    input image: real[3, 32, 32]\n    input flower: class(5)\n'
        "    v = image -> BasicFeatures(2, 2, 2, 2)\n    head = Dense(5)(v)\n    flower ~ softmax(head)\n\n"
        'train:\n    load = weights("theirs.safetensors", names="map.txt", skip=["*.num_batches_tracked", "fc.*", "head.*"])\n'
        '    freeze = ["v.BasicFeatures.y.Stem.*", "v.BasicFeatures.y.Basic[*"]\n    rates = [group("head.*", 10)]\n',
        encoding="utf-8",
    )
    data = {"image": np.random.default_rng(0).normal(size=(4, 3, 32, 32)), "flower": np.arange(4)}
    run = netc.train(netc.load(tmp_path / "flowers.net"), data=data, steps=1, batch=4, lr=1e-3)
    assert run.loaded is not None and run.loaded.fresh == ("head.Dense.W", "head.Dense.b")
    rows = {layer: (held, origin, rate) for layer, held, _, origin, rate in run.loaded.rows(run.settings)}
    assert rows["v.BasicFeatures.y.Basic[1].f.ConvBN.y.BatchNorm"] == ("g, b, mu, var", "layer1.1.bn1.{weight, bias, running_mean, running_var}", "frozen")
    assert rows["v.BasicFeatures.y.Basic_2.f.ConvBN.y.Conv"] == ("K", "layer2.0.conv1.weight", "× 1")
    assert rows["head.Dense"] == ("W, b", "fresh", "× 10")
    tensors = random_tensors()
    assert np.array_equal(run.net.params["v.BasicFeatures.y.Basic[0].f.ConvBN.y.Conv.K"], tensors["layer1.0.conv1.weight"])
    assert np.array_equal(run.net.state["v.BasicFeatures.y.Basic[0].f.ConvBN.y.BatchNorm.mu"], tensors["layer1.0.bn1.running_mean"])
    assert not np.array_equal(run.net.params["v.BasicFeatures.y.Basic_2.f.ConvBN.y.Conv.K"], tensors["layer2.0.conv1.weight"])


def test_a_map_that_gives_two_parameters_one_name_is_refused(tmp_path: Path) -> None:
    net = netc.parse("net N:\n    input x: real[2]\n    a = Dense(2)(x)\n    b = Dense(2)(a)\n").build()
    (tmp_path / "map.txt").write_text("w  a.Dense.W\nw  b.Dense.W\n")
    with pytest.raises(netc.NetcError) as caught:
        netc.save_weights(net, tmp_path / "w.safetensors", names=tmp_path / "map.txt")
    assert caught.value.problems[0].diagnose().message == "`a.Dense.W` and `b.Dense.W` would both be called `w`"
    assert list(netc.save_weights(net, tmp_path / "b.safetensors", below="b").values()) == ["Dense.W", "Dense.b"]


def test_outputs_are_those_of_pytorch(tmp_path: Path) -> None:
    """A ResNet-18 built in PyTorch with random weights, and the way back into it."""
    torch = pytest.importorskip("torch")
    theirs = resnet18(torch).eval()
    generator = torch.Generator().manual_seed(3)
    for module in theirs.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.copy_(0.3 * torch.randn(module.num_features, generator=generator))
            module.running_var.copy_(0.5 + torch.rand(module.num_features, generator=generator))
            with torch.no_grad():
                module.weight.copy_(0.5 + torch.rand(module.num_features, generator=generator))
                module.bias.copy_(0.2 * torch.randn(module.num_features, generator=generator))
    assert {n: tuple(t.shape) for n, t in theirs.state_dict().items()} == layout()
    save_file({n: t.numpy() for n, t in theirs.state_dict().items()}, tmp_path / "theirs.safetensors")
    net = net_of(64)
    netc.load_weights(net, tmp_path / "theirs.safetensors", names=MAP, skip=SKIP)
    images = np.random.default_rng(1).normal(size=(3, 3, 64, 64)).astype(np.float32)
    with torch.no_grad():
        expected = theirs.double()(torch.from_numpy(images).double()).numpy()
    logits = net.evaluate({"image": images}, ["label.Dense.y"])["label.Dense.y"]
    np.testing.assert_allclose(logits, expected, rtol=0, atol=1e-5 * np.abs(expected).max())
    net.params["label.Dense.b"] = np.ones(1000)
    netc.save_weights(net, tmp_path / "ours.safetensors", names=MAP)
    back = {n: torch.from_numpy(v) for n, v in load_file(tmp_path / "ours.safetensors").items()}
    with torch.no_grad():
        before = theirs.fc.bias.clone()
        theirs.load_state_dict(back, strict=True)
        moved = theirs(torch.from_numpy(images).double()).numpy()
    np.testing.assert_allclose(moved, expected + 1 - before.numpy(), rtol=0, atol=1e-5 * np.abs(expected).max())


def resnet18(torch: Any) -> Any:
    """After He et al. 2016, with the names that torchvision gives its parts."""
    nn = torch.nn

    class Block(nn.Module):  # type: ignore[name-defined,misc]
        def __init__(self, c: int, n: int, stride: int) -> None:
            super().__init__()
            self.conv1, self.bn1 = nn.Conv2d(c, n, 3, stride, 1, bias=False), nn.BatchNorm2d(n)
            self.conv2, self.bn2 = nn.Conv2d(n, n, 3, 1, 1, bias=False), nn.BatchNorm2d(n)
            self.downsample = nn.Sequential(nn.Conv2d(c, n, 1, stride, bias=False), nn.BatchNorm2d(n)) if c != n else None

        def forward(self, x: Any) -> Any:
            f = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
            return (f + (x if self.downsample is None else self.downsample(x))).relu()

    class ResNet(nn.Module):  # type: ignore[name-defined,misc]
        def __init__(self) -> None:
            super().__init__()
            self.conv1, self.bn1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
            widths = (64, 64, 128, 256, 512)
            for k in range(1, 5):
                c, n = widths[k - 1], widths[k]
                setattr(self, f"layer{k}", nn.Sequential(Block(c, n, 1 if c == n else 2), Block(n, n, 1)))
            self.fc = nn.Linear(512, 1000)

        def forward(self, x: Any) -> Any:
            x = nn.functional.max_pool2d(self.bn1(self.conv1(x)).relu(), 3, 2, 1)
            for k in range(1, 5):
                x = getattr(self, f"layer{k}")(x)
            return self.fc(x.mean((2, 3)))

    torch.manual_seed(11)
    return ResNet()
