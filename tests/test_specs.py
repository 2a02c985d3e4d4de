"""Every spec of the zoo: opens with its source and result, is in one style, checks clean, proves its numbers, passes the
gradient check, gives a batch what it gives its samples, and learns from one step."""

import itertools
from importlib.resources import files
from pathlib import Path

import netc
import numpy as np
import pytest
from netc import specs
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.pipeline import Request
from netc.compiler.rewrites import Wanted
from netc.compiler.statements.domains import Length, sample_lengths, value
from netc.compiler.statements.expressions import Kind
from netc.compiler.statements.verify import verify
from netc.compiler.syntax.decode import decode
from netc.compiler.syntax.format import format_source

ROOT = Path(str(files(specs)))
ALL = sorted(str(p.relative_to(ROOT)) for p in ROOT.rglob("*.net"))
# At 224 x 224 a check of gradients takes minutes; the same blocks are checked at 64 x 64 by `-D S=64`, or not at all.
SHRUNK = {f"vision/resnet{n}.net": {"S": 64} for n in (18,)}
TOO_LARGE = {"vision/resnet34.net", "vision/resnet50.net", "vision/resnet101.net", "vision/resnet152.net", "vision/vgg16.net", "vision/alexnet.net"}
# Sizes at which a check of gradients takes no time. What is checked is the same: nothing in these specs depends on them.
SIZES = {
    "sequence/bidirectional.net": {"V": 6, "K": 4, "X": 3, "H": 3, "L": 2},
    "sequence/deep_bilstm.net": {"V": 6, "K": 4, "X": 3, "H": 3, "L": 2},
    "sequence/deep_rnn.net": {"H": 4},
    "sequence/dynamical_system.net": {"H": 4},
    "sequence/elman.net": {"X": 64, "S": 4, "H": 4, "V": 6},
    "sequence/gates.net": {"H": 4},
    "sequence/lstm_forms.net": {"H": 4},
    "sequence/mut.net": {"H": 4},
    "text/captioning.net": {"S": 4, "F": 2, "V": 6, "E": 3, "H": 3},
    "text/cbow.net": {"N": 8, "D": 3},
    "text/char_lstm.net": {"V": 6, "X": 3, "H": 3},
    "text/char_rnn.net": {"V": 6, "H": 4},
    "text/generation.net": {"V": 6, "H": 4},
    "text/labels_as_tokens.net": {"V": 4, "D": 4},
    "text/lstm_lm.net": {"V": 6, "H": 4},
    "text/mut1_lm.net": {"V": 6, "H": 4},
    "text/seq2seq.net": {"Vx": 6, "Vy": 5, "E": 3, "H": 3},
    "text/seq2seq_attention.net": {"Vx": 6, "Vy": 5, "E": 3, "H": 3, "A": 3},
    "text/word_rnn.net": {"V": 6, "H": 4, "K": 4},
    "tree/recursive.net": {"D": 4},
    "tree/tree_lstm.net": {"E": 3, "H": 4},
    "attention/self_attention.net": {"D": 4, "heads": 2},
    "attention/transformer.net": {"V": 6, "D": 4, "L": 2, "heads": 2, "context": 8},
}
NETS = [(f, n) for f in ALL for n in netc.load(ROOT / f).nets]
CHECKED = [n for n in NETS if n[0] not in TOO_LARGE and n[0] not in SHRUNK]


def random_inputs(net: netc.Net, batch: int) -> dict[str, list[np.ndarray]]:
    """Samples of lengths 3, 2, 1, 3, ... (a second length is one longer); trees of three nodes, or of one."""
    rng = np.random.default_rng(0)
    nodes = {n for v in net.inputs if v.tree for n in sample_lengths(v.axes[0].hi)}
    given: dict[str, list[np.ndarray]] = {v.name: [] for v in net.inputs}
    for k in range(batch):
        lengths = {n: 3 - 2 * (k % 2) if n in nodes else 3 - k % 3 + later for later, n in enumerate(net.lengths)}
        for v in net.inputs:
            if v.tree:
                given[v.name].append(
                    np.array([[-1, -1], [-1, -1], [0, 1]] if lengths[Length(v.name)] == 3 else [[-1, -1]])
                )
                continue
            shape = tuple(value(a.hi - a.lo + 1, lengths) for a in v.axes)
            given[v.name].append(
                rng.integers(0, v.classes.points(), shape) if v.classes else rng.uniform(0.05, 0.95, shape)
            )
    return given


def held_draws(net: netc.Net, batch: int) -> dict[str, np.ndarray]:
    """The same number for every draw, so that samples do not differ by their place in the batch."""
    draws = [v for v in net.elaborated().leaves(Kind.RANDOM) if all(a.known for a in v.axes)]
    return {v.name: np.full((batch, *(a.points() for a in v.axes)), 0.3) for v in draws}


@pytest.mark.parametrize("file", ALL)
def test_spec_checks_clean(file: str) -> None:
    spec = netc.load(ROOT / file)
    for name in spec.nets:
        spec[name].check()
    assert [p.diagnose().message for p in spec.session.problems] == []


@pytest.mark.parametrize("file", ALL)
def test_spec_opens_with_its_source_and_result(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    head = "".join(itertools.takewhile(lambda line: line.startswith("#"), text.splitlines(keepends=True)))
    for word in ("Source: ", "Size: ", *(["Result"] if "\nnet " in text else [])):
        assert word in head
    assert "not yet measured" not in head


@pytest.mark.parametrize("file", ALL)
def test_spec_is_in_one_style(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    reporter = Reporter()
    assert format_source(decode(text.encode(), file, reporter), reporter) == text


@pytest.mark.parametrize(("file", "net"), CHECKED)
def test_spec_passes_the_gradient_check(file: str, net: str) -> None:
    assert netc.gradcheck(netc.load(ROOT / file, SIZES.get(file))[net]).worst <= 1e-6


@pytest.mark.parametrize(("file", "net"), CHECKED)
def test_spec_becomes_a_sound_program(file: str, net: str) -> None:
    built = netc.load(ROOT / file, SIZES.get(file))[net].build()
    has_loss = built.elaborated().loss is not None
    names = tuple(r.name for r in built.elaborated().rows if r.kind == "equation" and r.name in built.elaborated().variables)
    for training in (True, False):
        request = Request(
            training,
            Wanted(has_loss, has_loss, True, False, training, names),
            tuple(built.params) if has_loss and training else (),
        )
        verify(built.session.compile(net, request).program)


@pytest.mark.parametrize(("file", "net"), CHECKED)
def test_a_batch_is_its_samples(file: str, net: str) -> None:
    built = netc.load(ROOT / file, SIZES.get(file))[net].build(dtype="float64")
    inputs = random_inputs(built, 3)
    names = [r.name for r in built.elaborated().rows if r.kind == "equation" and r.name in built.elaborated().variables]
    if not inputs or not names:
        return
    whole = built.evaluate(inputs, names, noise=held_draws(built, 3))
    for k in range(3):
        alone = built.evaluate({n: a[k : k + 1] for n, a in inputs.items()}, names, noise=held_draws(built, 1))
        for n in names:
            if built.elaborated().variables[n].per_sample:
                inside = tuple(slice(0, m) for m in alone[n][0].shape)
                assert np.allclose(whole[n][k][inside], alone[n][0], rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(("file", "net"), CHECKED)
def test_one_step_lowers_the_loss(file: str, net: str) -> None:
    built = netc.load(ROOT / file, SIZES.get(file))[net].build(dtype="float64")
    if not built.params or built.elaborated().loss is None:
        return
    inputs = random_inputs(built, 4)
    before = built.gradient(inputs, seed=1)
    length = np.sqrt(sum(float((g * g).sum()) for g in before.params.values()))
    assert length > 0
    for path, g in before.params.items():
        built.params[path] = built.params.exact(path) - 1e-4 * g / length
    assert built.gradient(inputs, seed=1).loss < before.loss


@pytest.mark.slow
@pytest.mark.parametrize("file", SHRUNK)
def test_large_spec_passes_the_gradient_check(file: str) -> None:
    assert netc.gradcheck(netc.load(ROOT / file, SHRUNK[file]), directions=1, batch=4).worst <= 1e-6


@pytest.mark.parametrize(
    ("file", "params", "macs"),  # multiply-adds in 10^9, as far as the papers give them
    [
        ("vision/resnet18.net", 11_689_512, 1.8),
        ("vision/resnet34.net", 21_797_672, 3.6),
        ("vision/resnet50.net", 25_557_032, 3.8),
        ("vision/resnet101.net", 44_549_160, 7.6),
        ("vision/resnet152.net", 60_192_808, 11.3),
        ("vision/vgg16.net", 138_357_544, None),
        ("vision/alexnet.net", 61_100_840, None),
    ],
)
def test_counts_of_the_papers(file: str, params: int, macs: float | None) -> None:
    report = netc.load(ROOT / file).check()
    assert report.params == params
    assert macs is None or abs(report.macs / 1e9 - macs) < 0.1
