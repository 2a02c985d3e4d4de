"""Every backend gives the values and gradients of the reference, and trains to the same numbers."""

import netc
import numpy as np
import pytest
from netc.compiler.diagnostics.error import MissingError, NetcError
from netc.runtime.backends.choose import BACKENDS, choose
from netc.runtime.backends.cupy import available

GPU = available() is None
BACKEND = [pytest.param(b, marks=pytest.mark.gpu if b == "cupy" else ()) for b in BACKENDS]

NETS = {
    "dense": "digit ~ softmax(x -> flatten -> Dense(16, act=tanh) -> Dense(3))",
    "convolution": "h = x -> Conv(4, 3, stride=2, pad=1, act=relu) -> flatten -> Dense(3)\n    digit ~ softmax(h)",
    "pooling": "h = x -> Conv(4, 3, act=tanh) -> MaxPool(2) -> AvgPool(2) -> flatten -> Dense(3)\n    digit ~ softmax(h)",
    "batch statistics": "h = x -> Conv(3, 3) -> BatchNorm() -> flatten -> Dense(3)\n    digit ~ softmax(h)",
    "layer norm": "h = x -> flatten -> LayerNorm() -> Dense(3)\n    digit ~ softmax(h)",
    "attention": "attention a[i, j] = softmax[j](sum[k](x[0, i, k] * x[1, j, k]))\n"
    "    c[i, k] = sum[j](a[i, j] * x[1, j, k])\n    digit ~ softmax(c -> flatten -> Dense(3))",
    "embedding": "e = Embedding(5)(digit)\n    h = Dense(5)(flatten(x))\n    loss l = sum((e - h)^2)",
    "maxout": "digit ~ softmax(x -> flatten -> Maxout(3, 4))",
    "sorted out": "best = argmax[j](x[0, 0, j])\n    t[i] = cumsum[i](x[0, 1, i])\n    loss l = sum(t^2) + max(0, x[1, 1, 1]) + 0 * best",
    "dropout": "digit ~ softmax(x -> flatten -> Dropout(0.5) -> Dense(3))",
}  # fmt: skip


def inputs(count: int = 6) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    return {"x": rng.standard_normal((count, 2, 8, 8)), "digit": rng.integers(0, 3, count)}


def built(name: str, backend: str, dtype: str) -> netc.Net:
    if backend == "cupy" and not GPU:
        pytest.skip(f"no GPU: {available()}")
    return netc.parse(f"net N:\n    input x: real[2, 8, 8]\n    input digit: class(3)\n    {NETS[name]}\n").build(backend, dtype=dtype)


@pytest.mark.parametrize("backend", BACKEND)
@pytest.mark.parametrize("name", NETS)
def test_a_training_step_gives_the_reference_gradients(name: str, backend: str) -> None:
    net = built(name, backend, "float64")
    step = net.steps.train(inputs(), seed=1, step=0)
    found = {n: np.array(net.backend.to_host(net.gradients_flat[where])).reshape(shape) for n, (where, shape) in net.params.slices.items()}
    reference = built(name, "numpy", "float64")
    expected = reference.steps.train(inputs(), seed=1, step=0)
    assert step.loss == pytest.approx(expected.loss, rel=1e-12)
    for n, (where, shape) in reference.params.slices.items():
        assert np.allclose(found[n], reference.gradients_flat[where].reshape(shape), rtol=1e-10, atol=1e-12), n


@pytest.mark.parametrize("backend", BACKEND)
@pytest.mark.parametrize("name", NETS)
def test_single_precision_is_near_the_reference(name: str, backend: str) -> None:
    net = built(name, backend, "float32")
    given = inputs()
    step = net.steps.train({**given, "x": given["x"].astype(np.float32)}, seed=3, step=0)
    reference = built(name, "numpy", "float64")
    expected = reference.steps.train(given, seed=3, step=0)
    size = np.abs(reference.gradients_flat).max() if reference.gradients_flat.size else 1.0
    assert step.loss == pytest.approx(expected.loss, rel=5e-6, abs=5e-6)
    assert np.abs(np.asarray(net.backend.to_host(net.gradients_flat)) - reference.gradients_flat).max(initial=0) <= 5e-5 * max(size, 1)


@pytest.mark.parametrize("backend", BACKEND)
def test_training_comes_to_the_same_loss(backend: str) -> None:
    if backend == "cupy" and not GPU:
        pytest.skip(f"no GPU: {available()}")
    spec = netc.parse("net S:\n    input x: real[2]\n    input y: class(2)\n    y ~ softmax(x -> Dense(8, act=tanh) -> Dropout(0.1) -> Dense(2))\n")
    runs = [netc.train(spec, data="xor", epochs=3, backend=b, precision="float64", optimizer="adam(0.02)") for b in (backend, "numpy")]
    assert runs[0].history[-1]["loss"] == pytest.approx(runs[1].history[-1]["loss"], rel=1e-6)


@pytest.mark.skipif(GPU, reason="there is a GPU")
def test_a_gpu_that_is_absent_says_what_to_install() -> None:
    with pytest.raises(MissingError) as caught:
        choose(device="gpu")
    assert caught.value.exit_code == 3
    assert "netc[cuda12]" in caught.value.problems[0].diagnose().help


def test_automatic_choice_gives_a_reason() -> None:
    choice = choose()
    assert (choice.device, choice.why) == ("gpu", "a GPU was found") if GPU else (choice.device, choice.why) == ("cpu", available())


@pytest.mark.parametrize(
    ("backend", "device", "message"),
    [
        ("torch", "auto", "there is no backend `torch`"),
        ("auto", "tpu", "there is no device `tpu`"),
        ("numpy", "gpu", "the backend `numpy` does not run on the device `gpu`"),
    ],
)
def test_unknown_names_are_problems(backend: str, device: str, message: str) -> None:
    with pytest.raises(NetcError) as caught:
        choose(backend, device)
    assert [p.diagnose().message for p in caught.value.problems] == [message]


@pytest.mark.parametrize(
    ("absent", "error", "reason"),
    [
        ("cupy", ModuleNotFoundError("No module named 'cupy'", name="cupy"), "CuPy is not installed"),
        ("cupy", ModuleNotFoundError("No module named 'cuda'", name="cuda"), "CuPy needs the module cuda, which is not installed"),
        ("cupy", ImportError("\n====\nlibnvrtc is too old\n====\n"), "CuPy cannot be imported: libnvrtc is too old"),
        ("cupy_backends", ImportError('Failure finding "libcublas.so.12"'), 'CuPy finds no libraries of CUDA: Failure finding "libcublas.so.12"'),
    ],
)
def test_why_cupy_cannot_be_used(absent: str, error: ImportError, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Runtime:
        CUDARuntimeError = RuntimeError

        def getDeviceCount(self) -> int:
            return 1

    class Cupy:
        class cuda:
            runtime = Runtime()

    def imported(name: str) -> type[Cupy]:
        if name.split(".")[0] == absent:
            raise error
        return Cupy

    monkeypatch.setattr("netc.runtime.backends.cupy.import_module", imported)
    assert available() == reason
