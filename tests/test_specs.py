"""Every spec of the zoo: opens with its source, checks clean, proves its numbers, passes the gradient check."""

from importlib.resources import files
from pathlib import Path

import netc
import pytest
from netc import specs

ROOT = Path(str(files(specs)))
ALL = sorted(str(p.relative_to(ROOT)) for p in ROOT.rglob("*.net"))
# At 224 x 224 a check of gradients takes minutes; the same blocks are checked at 64 x 64 by `-D S=64`, or not at all.
SHRUNK = {f"vision/resnet{n}.net": {"S": 64} for n in (18,)}
TOO_LARGE = {"vision/resnet34.net", "vision/resnet50.net", "vision/resnet101.net", "vision/resnet152.net", "vision/vgg16.net", "vision/alexnet.net"}
NETS = [(f, n) for f in ALL for n in netc.load(ROOT / f).nets]


@pytest.mark.parametrize("file", ALL)
def test_spec_checks_clean(file: str) -> None:
    spec = netc.load(ROOT / file)
    for name in spec.nets:
        spec[name].check()
    assert [p.diagnose().message for p in spec.session.problems] == []


@pytest.mark.parametrize("file", ALL)
def test_spec_opens_with_its_source(file: str) -> None:
    assert (ROOT / file).read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize(("file", "net"), [n for n in NETS if n[0] not in TOO_LARGE and n[0] not in SHRUNK])
def test_spec_passes_the_gradient_check(file: str, net: str) -> None:
    assert netc.gradcheck(netc.load(ROOT / file)[net]).worst <= 1e-6


@pytest.mark.slow
@pytest.mark.parametrize("file", SHRUNK)
def test_large_spec_passes_the_gradient_check(file: str) -> None:
    assert netc.gradcheck(netc.load(ROOT / file, SHRUNK[file]), directions=1, batch=4).worst <= 1e-6


@pytest.mark.parametrize(
    ("file", "count"),
    [
        ("vision/resnet18.net", 11_689_512),
        ("vision/resnet34.net", 21_797_672),
        ("vision/resnet50.net", 25_557_032),
        ("vision/resnet101.net", 44_549_160),
        ("vision/resnet152.net", 60_192_808),
        ("vision/vgg16.net", 138_357_544),
        ("vision/alexnet.net", 61_100_840),
    ],
)
def test_parameters_of_the_papers(file: str, count: int) -> None:
    assert netc.load(ROOT / file).check().params == count
