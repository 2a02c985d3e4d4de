"""Fine-tuning: weights are loaded strictly, and what is frozen stays."""

from pathlib import Path

import netc
import numpy as np
import pytest
from netc.compiler.diagnostics.error import MissingError, NetcError
from safetensors.numpy import save_file

SPEC = """
net Head:
    input x: real[2]
    input y: class(2)
    features = x -> Dense(3) -> BatchNorm()
    head = features -> Dense(2)
    y ~ softmax(head)
"""
TENSORS = {
    "features.Dense.W": np.full((3, 2), 0.5), "features.Dense.b": np.zeros(3), "features.BatchNorm.g": np.ones(3),
    "features.BatchNorm.b": np.zeros(3), "features.BatchNorm.mu": np.full(3, 0.25), "features.BatchNorm.var": np.full(3, 4.0),
    "head.Dense.W": np.ones((2, 3)), "head.Dense.b": np.ones(2),
}  # fmt: skip
DATA = {"x": np.linspace(-1, 1, 24).reshape(12, 2), "y": np.arange(12) % 2}


def trained(folder: Path, load: str, tensors: dict[str, np.ndarray] = TENSORS, **settings: object) -> netc.Run:
    save_file(tensors, folder / "w.safetensors")
    (folder / "head.net").write_text(f"{SPEC}\ntrain:\n    load = {load}\n", encoding="utf-8")
    return netc.train(netc.load(folder / "head.net"), data=DATA, **{"epochs": 1, "batch": 12, **settings})  # type: ignore[arg-type]


def refused(folder: Path, load: str, tensors: dict[str, np.ndarray] = TENSORS) -> list[str]:
    with pytest.raises(NetcError) as caught:
        trained(folder, load, tensors)
    return [p.diagnose().message for p in caught.value.problems]


def test_frozen_layers_keep_weights_and_running_statistics(tmp_path: Path) -> None:
    net = trained(tmp_path, 'weights("w.safetensors")', freeze='["features.*"]').net
    for name in [n for n in TENSORS if n.startswith("features")]:
        values = net.params[name] if name in net.params else net.state[name]
        assert np.array_equal(values, TENSORS[name].astype(np.float32)), name
    assert not np.array_equal(net.params["head.Dense.W"], TENSORS["head.Dense.W"])


def test_without_freezing_statistics_move_on(tmp_path: Path) -> None:
    net = trained(tmp_path, 'weights("w.safetensors")').net
    assert not np.array_equal(net.state["features.BatchNorm.mu"], TENSORS["features.BatchNorm.mu"])


def test_a_tensor_without_a_parameter_is_refused(tmp_path: Path) -> None:
    more = {**TENSORS, "extra.W": np.ones(1)}
    assert refused(tmp_path, 'weights("w.safetensors")', more) == ["`w.safetensors` does not fit the net: 1 of its tensors go nowhere"]


def test_a_parameter_without_a_tensor_is_refused(tmp_path: Path) -> None:
    fewer = {n: v for n, v in TENSORS.items() if not n.startswith("head")}
    assert refused(tmp_path, 'weights("w.safetensors")', fewer) == [
        "`w.safetensors` does not fit the net: 2 of the net's parameters get nothing"
    ]
    trained(tmp_path, 'weights("w.safetensors", skip="head.*")', fewer)


def test_sizes_must_agree(tmp_path: Path) -> None:
    other = {**TENSORS, "head.Dense.W": np.ones((5, 3))}
    assert refused(tmp_path, 'weights("w.safetensors")', other) == [
        "the tensor `head.Dense.W` is 5×3, and the parameter `head.Dense.W` is 2×3"
    ]


def test_a_skip_that_matches_nothing_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, 'weights("w.safetensors", skip="fc.*")') == ["no parameter matches `fc.*`"]


def test_names_are_mapped_below_a_layer(tmp_path: Path) -> None:
    (tmp_path / "map.txt").write_text("lin.weight Dense.W\nlin.bias Dense.b  # torch's names\nbn.* BatchNorm.*\n", encoding="utf-8")
    theirs = {"lin.weight": np.full((3, 2), 0.5), "lin.bias": np.ones(3)} | {
        n.replace("features.BatchNorm", "bn"): v for n, v in TENSORS.items() if "BatchNorm" in n
    }
    net = trained(tmp_path, 'weights("w.safetensors", into="features", names="map.txt")', theirs, freeze='["features.*"]').net
    assert np.array_equal(net.params["features.Dense.b"], np.ones(3))


def test_a_broken_name_map_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "map.txt").write_text("# names\na* b\n", encoding="utf-8")
    assert refused(tmp_path, 'weights("w.safetensors", names="map.txt")') == ["line 2 of `map.txt` is no pair of names: `a* b`"]


def test_absent_weights_are_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="there are no weights `v.safetensors`"):
        trained(tmp_path, 'weights("v.safetensors")')


def test_weights_outside_the_folder_are_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, 'weights("../w.safetensors")') == ["`../w.safetensors` lies outside the folder of the spec"]


def test_a_run_gives_its_best_weights(tmp_path: Path) -> None:
    spec = netc.parse(SPEC)
    run = netc.train(spec, data=DATA, epochs=2, batch=4, out=tmp_path / "run")
    again = netc.train(spec, data=DATA, steps=1, lr=1e-30, load=f'weights("{tmp_path}/run")')
    assert np.array_equal(again.net.params["head.Dense.W"], run.net.params["head.Dense.W"])
