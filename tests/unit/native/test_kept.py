"""A net that was compiled before is bound without planning it again, and what was kept is taken for nothing else."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import netc
import numpy as np
import pytest
from netc.compiler.kernels import Kernels
from netc.runtime.backends import native
from netc.runtime.backends.choose import Choice
from netc.runtime.backends.native import NativeBackend, build, kept, toolchain

pytestmark = pytest.mark.compiler
NET = """
use "cell.net"
net N:
    dim V = 5, H = 4
    input x: class(V)[1..T]
    h[0] = 0
    h[t] = tanh(E[x[t]] + h[t-1] -> Dropout(0.5))
    x[t+1] ~ softmax(h[t] -> Twice() -> Dense(V))
    param E[V, H] init normal(0, 1)
"""
CELL = "layer Twice()(x: real[n]) -> y: real[n]:\n    y[i] = 2 * x[i]\n"


class Fresh:
    """As in a new process: no memory of texts and libraries. Counts the texts that are written."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.texts, self.monkeypatch = 0, monkeypatch
        monkeypatch.setenv("NETC_CACHE", str(folder))
        monkeypatch.setattr(NativeBackend, "recalls", True)
        monkeypatch.setattr(toolchain, "_COMMON", tuple("-O1" if o == "-O3" else o for o in toolchain._COMMON))
        write = Kernels.at

        def counted(kernels: Kernels, *sizes):
            self.texts += 1
            return write(kernels, *sizes)

        monkeypatch.setattr(Kernels, "at", counted)

    def step(self, text: str = NET, threads: int = 2, batch: int = 3, length: int = 6, used: str = CELL, **define: int) -> tuple[float, np.ndarray]:
        """A training step: its loss and gradients."""
        self.monkeypatch.setattr(build, "_loaded", {})
        native._kernels.cache_clear()
        (folder := Path(os.environ["NETC_CACHE"])).mkdir(exist_ok=True)
        (folder / "n.net").write_text(text)
        (folder / "cell.net").write_text(used)
        net = netc.load(folder / "n.net", define).build(Choice(NativeBackend(threads), "cpu", ""))
        x = np.arange(batch * length).reshape(batch, length) % 5
        loss = net.steps.train({"x": x}, seed=1, step=1).loss
        return loss, np.array(net.gradients_flat)


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Fresh:
    return Fresh(monkeypatch, tmp_path / "cache")


def test_a_kernel_is_written_once(fresh: Fresh) -> None:
    loss, gradients = fresh.step()
    again, others = fresh.step()
    assert fresh.texts == 1
    assert loss == again and np.array_equal(gradients, others) and np.abs(gradients).max() > 0


CHANGES: dict[str, Callable[[Fresh], object]] = {
    "another equation": lambda fresh: fresh.step(NET.replace("tanh", "sigmoid")),
    "another used file": lambda fresh: fresh.step(used=CELL.replace("2", "3")),
    "another size": lambda fresh: fresh.step(H=3),
    "another batch": lambda fresh: fresh.step(batch=4),
    "another length": lambda fresh: fresh.step(length=5),
    "another number of threads": lambda fresh: fresh.step(threads=1),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_decides_a_kernel_is_asked_for(change: Callable[[Fresh], object], fresh: Fresh) -> None:
    fresh.step()
    change(fresh)
    assert fresh.texts == 2


def test_another_netc_writes_its_own(fresh: Fresh, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh.step()
    monkeypatch.setattr(kept, "_netc", lambda: "a later one")
    fresh.step()
    assert fresh.texts == 2


def entries(folder: Path) -> list[Path]:
    return [*(folder / "native").glob("*/*.json")]


def test_a_damaged_entry_is_written_anew(fresh: Fresh, tmp_path: Path) -> None:
    loss, _ = fresh.step()
    (path,) = entries(tmp_path / "cache")
    path.write_text(path.read_text().replace("tanh", "sinh"))
    assert fresh.step()[0] == loss
    assert fresh.texts == 2 and len(entries(tmp_path / "cache")) == 1


def test_an_entry_of_other_variables_is_not_taken(fresh: Fresh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loss, _ = fresh.step()
    (path,) = entries(tmp_path / "cache")
    told = json.loads(path.read_bytes())
    told["variables"][0][0] += "_"
    lookup = kept.cache.lookup
    (other := tmp_path / "other.json").write_text(json.dumps(told))
    monkeypatch.setattr(kept.cache, "lookup", lambda name: other if name == path.parent.name else lookup(name))
    assert fresh.step()[0] == loss
    assert fresh.texts == 2


def test_a_cache_that_cannot_be_written_costs_only_the_memory_of_it(fresh: Fresh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept.cache, "folder", lambda: tmp_path / "cache" / "n.net" / "native")
    assert fresh.step()[0] == fresh.step()[0]
    assert fresh.texts == 2
