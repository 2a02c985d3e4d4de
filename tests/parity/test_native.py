"""Steps compiled to machine code come to what NumPy comes to: losses, metrics, values, gradients, states and draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import netc
import numpy as np
import pytest
from netc.compiler.diagnostics.error import NetcError
from netc.compiler.kernels import Kernels
from netc.compiler.kernels.matrices import products
from netc.compiler.pipeline import Request, whole_request
from netc.compiler.plan.model import Sizes
from netc.compiler.rewrites import Wanted
from netc.compiler.statements.expressions import Kind, Type
from netc.runtime.backends.choose import Choice
from netc.runtime.backends.native import NativeBackend, toolchain
from netc.runtime.model.inputs import prepare
from test_specs import CHECKED, ROOT, SIZES, random_inputs

pytestmark = pytest.mark.compiler

Results = dict[tuple[str, str], np.ndarray]
LAST = {file: net for file, net in CHECKED}  # one net of each file; the others of the file are its variants
ALONE = [(f, n) for f, n in CHECKED if LAST[f] == n]
VARIANTS = [(f, n) for f, n in CHECKED if LAST[f] != n]
FEW = ["vision/lenet5.net", "text/lstm_lm.net", "tree/tree_lstm.net"]
EXACT, SINGLE, SINGLE_GRADIENT = 1e-12, 5e-6, 5e-5


@pytest.fixture(autouse=True)
def quick(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiling at `-O3` takes three times as long and is left to the tests marked so: what is compared is the text."""
    if "as_users_have_it" not in request.keywords:
        monkeypatch.setattr(toolchain, "_COMMON", tuple("-O1" if o == "-O3" else o for o in toolchain._COMMON))


@dataclass
class Machine:
    """Nets of one spec on both backends, and the C texts that were compiled."""

    spec: netc.Spec
    dtype: str = "float64"
    sources: dict[bool, set[str]] = field(default_factory=dict)

    def run(
        self, inputs: Mapping[str, list[np.ndarray]], training: bool, threads: int = 0, noise: Mapping[str, np.ndarray] | None = None, seed: int = 3
    ) -> Results:
        """Everything that a step computes. Without threads: on NumPy."""
        choice = Choice(NativeBackend(threads), "cpu", "") if threads else "numpy"
        net = self.spec.build(choice, dtype=self.dtype)
        elaborated = net.elaborated()
        loss = elaborated.loss is not None
        names = tuple(r.name for r in elaborated.rows if r.kind == "equation" and r.name in elaborated.variables)
        learning = (*net.params, *(v.name for v in net.inputs if v.type is Type.REAL)) if loss and training else ()
        request = Request(training, Wanted(loss, loss, True, False, training, names), learning)
        compiled, bound = net.engine.run(request, prepare(inputs, net.inputs, set()), seed, 1, noise)
        if threads:
            self.sources.setdefault(training, set()).add(bound.kernel.source)
        program = compiled.program
        groups = {"loss": program.losses, "metric": program.metrics, "value": program.values}
        out = {(kind, name): bound.read(v) for kind, group in groups.items() for name, v in group.items()}
        out |= {("gradient", v.name): bound.read(g) for v, g in program.gradients.items()}
        return out | {("states", ""): np.array(net.state_flat)}


def differences(expected: Results, found: Results) -> dict[tuple[str, str], float]:
    """By result, relative to the largest number of its kind: a gradient that is zero but for rounding is nothing."""
    assert expected.keys() == found.keys()
    largest = max((np.abs(a).max(initial=0) for (kind, _), a in expected.items() if kind == "gradient"), default=1.0)
    worst = {}
    for key, a in expected.items():
        b = found[key]
        assert a.shape == b.shape and a.dtype == b.dtype
        assert np.array_equal(np.isfinite(a), np.isfinite(b))
        scale = largest if key[0] == "gradient" else max(np.abs(a[np.isfinite(a)]).max(initial=0), 1e-3)
        finite = np.isfinite(a)
        worst[key] = float(np.abs(a[finite].astype(float) - b[finite]).max(initial=0) / scale) if scale else 0.0
    return worst


def agree(machine: Machine, batches: tuple[int, ...], trainings: tuple[bool, ...] = (True, False)) -> None:
    for k, batch in enumerate(batches):
        inputs = random_inputs(machine.spec.build("numpy"), batch)
        for training in trainings:
            worst = differences(machine.run(inputs, training), machine.run(inputs, training, threads=1 + k % 3))
            for (kind, name), error in worst.items():
                limit = EXACT if machine.dtype == "float64" else SINGLE_GRADIENT if kind == "gradient" else SINGLE
                assert error <= limit, f"{kind} {name}: {error:.1e} with a batch of {batch}, {training=}"


def machine(file: str, net: str, dtype: str = "float64") -> Machine:
    return Machine(netc.load(ROOT / file, SIZES.get(file))[net], dtype)


def every_size(file: str, net: str) -> None:
    made = machine(file, net)
    first = 2 if made.spec.lengths else 1  # samples of one length have a program of their own: see below
    agree(made, (3, first, 5))


@pytest.mark.parametrize(("file", "net"), ALONE)
def test_spec_is_what_numpy_makes_of_it(file: str, net: str) -> None:
    every_size(file, net)


@pytest.mark.slow
@pytest.mark.parametrize(("file", "net"), VARIANTS)
def test_variant_is_what_numpy_makes_of_it(file: str, net: str) -> None:
    every_size(file, net)


@pytest.mark.as_users_have_it
@pytest.mark.parametrize("file", FEW)
def test_single_precision(file: str) -> None:
    agree(machine(file, LAST[file], "float32"), (3,), (True,))


@pytest.mark.parametrize("file", FEW)
def test_every_product_as_a_matrix_product(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "_LEAST", 1)
    monkeypatch.setattr(products, "_SMALL", 1)
    agree(machine(file, LAST[file]), (5, 3), (True,))


@pytest.mark.parametrize("file", ["vision/lenet5.net"])
def test_samples_side_by_side(file: str) -> None:
    """More samples than a vector has lanes, and a last tile that is not full."""
    made = machine(file, LAST[file])
    lanes = NativeBackend().lanes("float64")
    agree(made, (lanes + 1, lanes, 2 * lanes + 3))
    assert all(len(texts) == 1 for texts in made.sources.values()), "one text serves all batches and threads"


@pytest.mark.parametrize("file", ["text/lstm_lm.net", "text/seq2seq_attention.net"])
def test_samples_of_one_length(file: str) -> None:
    made = machine(file, LAST[file])
    for batch in (1, 3):
        one = random_inputs(made.spec.build("numpy"), 1)
        inputs = {name: arrays * batch for name, arrays in one.items()}
        assert max(differences(made.run(inputs, True), made.run(inputs, True, threads=2)).values()) <= EXACT


@pytest.mark.parametrize("file", ["text/lstm_lm.net", "sequence/elman.net"])
def test_one_text_serves_all_batches_and_lengths(file: str) -> None:
    """Only what is too small for a matrix product may be written in another way: these batches are not."""
    spec = netc.load(ROOT / file, SIZES.get(file))[LAST[file]]
    elaborated = spec.session.elaborate(spec.net) if spec.check().ok else None
    assert elaborated is not None
    compiled = spec.session.compile(spec.net, replace(whole_request(elaborated), ragged=True))
    leaves = elaborated.leaves(Kind.PARAMETER), elaborated.leaves(Kind.STATE)
    texts = {
        Kernels(compiled.schedule, compiled.program, "float32", *leaves).at(Sizes(batch, dict.fromkeys(spec.lengths, length)), threads, 16).source
        for batch, length, threads in ((48, 7, 2), (64, 7, 3), (64, 40, 2), (48, 8, 1))
    }
    assert len(texts) == 1


DRAWS = """
net Draws:
    input x: real[6]
    input y: class(3)
    z = x -> Dense(8, act=tanh) -> Dropout(0.5)
    h = Dense(4)(z)
    u[i] = draw(normal(h[i], 0.3))
    y ~ softmax(Dense(3)(u))
"""


def drawn() -> tuple[Machine, dict[str, np.ndarray]]:
    rng = np.random.default_rng(0)
    return Machine(netc.parse(DRAWS)), {"x": rng.normal(size=(5, 6)), "y": rng.integers(0, 3, 5)}


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_draws_are_those_of_numpy(threads: int) -> None:
    made, inputs = drawn()
    expected, found = made.run(inputs, True), made.run(inputs, True, threads)
    assert max(differences(expected, found).values()) <= EXACT
    assert np.array_equal(expected["value", "z"] == 0, found["value", "z"] == 0)
    assert 0 < (found["value", "z"] == 0).sum() < found["value", "z"].size
    other = made.run(inputs, True, threads, seed=4)
    assert not np.array_equal(other["value", "z"] == 0, found["value", "z"] == 0)


def test_given_draws_are_taken() -> None:
    made, inputs = drawn()
    noise = {"u.draw": np.arange(20.0).reshape(5, 4)}
    expected, found = made.run(inputs, True, noise=noise), made.run(inputs, True, 2, noise)
    assert max(differences(expected, found).values()) <= EXACT
    assert np.allclose(found["value", "u"] - found["value", "h"], 0.3 * noise["u.draw"])


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_number_of_threads_has_its_bits(threads: int) -> None:
    made = machine("text/lstm_lm.net", "LSTMLanguageModel")
    inputs = random_inputs(made.spec.build("numpy"), 5)
    once, again = made.run(inputs, True, threads), made.run(inputs, True, threads)
    assert all(a.tobytes() == again[key].tobytes() for key, a in once.items())


EXPLODES = """
net Explodes:
    input x: real[2]
    input y: real
    param w[2] init 400
    a = sum(w * x)
    b = exp(a)
    c = b - b
    y ~ normal(c, 1)
"""


def test_a_maximum_of_what_is_no_number_is_none() -> None:
    text = "net N:\n    input x: real[1, 4, 4]\n    u = log(x)\n    y = MaxPool(2)(u)\n    z = max(u)\n    s[a, b] = softmax[b](u[0, a, b])\n    loss l = sum(y) + z + sum(s)\n"
    x = np.ones((3, 1, 4, 4))
    x[0, 0, 0, 0], x[1] = -1, -1  # of which the logarithm is none
    machine = Machine(netc.parse(text))
    here, there = (machine.run({"x": list(x)}, False, threads) for threads in (0, 2))
    assert np.isnan(here["value", "y"]).any() and not np.isnan(here["value", "y"]).all()
    for name, value in here.items():
        assert np.array_equal(np.isnan(value), np.isnan(there[name])), name


def test_what_diverges_is_named_as_on_numpy() -> None:
    inputs = {"x": np.array([[0.01, 0.02], [3.0, 4.0]]), "y": np.array([0.0, 1.0])}
    found = []
    for backend in ("numpy", "native"):
        net = netc.parse(EXPLODES).build(backend)
        net.steps.train(inputs, seed=1, step=1)
        found.append(net.steps.first_bad(inputs, 1, 1))
    assert repr(found[0]) == repr(found[1])
    assert found[1] is not None and (found[1].name, found[1].place) == ("b", (1,))


def test_training_ends_where_it_diverges() -> None:
    spec = netc.parse(EXPLODES.replace("init 400", "init 1").replace("exp(a)", "exp(exp(a))"))
    data = {"x": np.full((8, 2), 3.0), "y": np.zeros(8)}
    with pytest.raises(NetcError) as caught:
        netc.train(spec, data=data, backend="native", epochs=1, batch=4)
    assert "`b`" in str(caught.value)
