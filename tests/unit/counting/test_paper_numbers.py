"""The counts of LeCun et al. 1998, of He et al. 2016, row by row."""

import netc
import pytest
from netc import specs


def rows(text: str) -> dict[str, tuple[int | None, int | None, int | None]]:
    return {r.name: (r.params, r.connections, r.macs) for r in netc.parse(text).check().rows}


def test_lenet5_row_by_row() -> None:
    found = rows(specs.source("vision/lenet5.net"))
    assert {k: found[k] for k in ("c1", "s2", "c3", "s4", "c5", "f6", "d")} == {
        "c1": (156, 122_304, 117_600),
        "s2": (12, 5_880, 1_176),
        "c3": (1_516, 151_600, 150_000),
        "s4": (32, 2_000, 400),
        "c5": (48_120, 48_120, 48_000),
        "f6": (10_164, 10_164, 10_080),
        "d": (0, 840, 840),
    }


def test_lenet5_totals() -> None:
    report = netc.parse(specs.source("vision/lenet5.net")).check()
    assert (report.ok, report.params, report.connections, report.macs) == (True, 60_000, 340_908, 328_096)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("y = Conv(8, 5)(x)", "conv 5×5"),
        ("param K[8, 1, 5, 5] init he\n    y[o, i, j] = sum[c, u, v](K[o, c, u, v] * x[c, i+u, j+v])", "conv 5×5"),
        ("y = MaxPool(2)(x)", "max 2×2"),
        ("y = x -> flatten -> Dense(3)", "dense"),
        ("gate y = sigmoid(x -> flatten -> Dense(3))", "dense, gate"),
        ("attention y[i, j] = softmax[j](x[0, i, j])", "attention"),
    ],
)
def test_forms_are_described(body: str, what: str) -> None:
    report = netc.parse(f"net N:\n    input x: real[1, 8, 8]\n    {body}\n").check()
    assert [r.what for r in report.rows if r.name == "y"] == [what]
