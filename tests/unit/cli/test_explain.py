"""`netc explain` as a user meets it."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from netc.compiler.diagnostics.catalogue import catalogue

Netc = Callable[..., CompletedProcess[str]]


@pytest.fixture(autouse=True)
def spec(tmp_path: Path) -> None:
    (tmp_path / "a.net").write_text("net N:\n    dim H = 4\n    input x: real[1..T, 3]\n    h[0] = 0\n    h[t] = Dense(H, act=tanh)([x[t]; h[t-1]])\n")
    (tmp_path / "bad.net").write_text("net N:\n    input x: real[3]\n    y = z + x\n")


def test_an_equation_is_worked_out(netc: Netc) -> None:
    text = netc("explain", "a.net:h", "--length", "T=10", "-D", "H=5").stdout
    assert "    a.net:4, net N" in text or "    a.net:5, net N" in text
    assert "W  5 (i) × 8 (k)  =  40" in text
    assert " multiply-adds  400  at T = 10" in text


def test_latex_and_json_stand_alone(netc: Netc) -> None:
    latex = netc("explain", "a.net:h", "--latex").stdout.splitlines()
    assert all(" = " in line or r"\mathrel{+}=" in line for line in latex)
    found = json.loads(netc("explain", "a.net:h", "--json").stdout)
    assert found["counts"][0] == {
        "name": "parameters", "total": 32,
        "products": [
            {"what": "W", "factors": [{"points": 4, "of": "i"}, {"points": 7, "of": "k"}], "points": 28},
            {"what": "b", "factors": [{"points": 4, "of": "i"}], "points": 4},
        ],
    }  # fmt: skip


def test_all_codes_are_listed(netc: Netc) -> None:
    shown = netc("explain").stdout
    told = json.loads(netc("explain", "--json").stdout)
    assert [x["code"] for x in told] == re.findall(r"^  ([EWR]\d+) ", shown, re.M)
    assert {x["code"] for x in told} == set(catalogue())
    assert "\n  E0202  A name is defined twice.\n" in shown


def test_one_code_as_data(netc: Netc) -> None:
    found = json.loads(netc("explain", "e0201", "--json").stdout)
    assert found["code"] == "E0201" and "tanh(z)" in found["wrong"] and "Wrong:" not in found["text"]


def test_what_cannot_be_explained_is_said(netc: Netc) -> None:
    assert "did you mean `h`? it has `x`, `h`" in netc("explain", "a.net:H", code=1).stderr
    assert "nothing is called `z` here" in netc("explain", "bad.net:y", code=1).stderr
    assert "cannot read `no.net`" in netc("explain", "no.net:y", code=3).stderr
    assert "Name what to explain behind a colon: a.net:NAME." in netc("explain", "a.net", code=2).stderr
    assert "There is no code `nonsense`. `netc explain` lists all codes" in netc("explain", "nonsense", code=2).stderr
    assert "Did you mean E0309: An operator" in netc("explain", "E0399", code=2).stderr
    assert "Of `boundary` speak E0202, E0313" in netc("explain", "boundary", code=2).stderr


def test_an_equation_of_a_run_is_worked_out_at_its_sizes(netc: Netc, tmp_path: Path) -> None:
    (tmp_path / "s.net").write_text("net S:\n    dim H = 4\n    input x: real[2]\n    input y: class(2)\n    h = Dense(H)(x)\n    y ~ softmax(Dense(2)(h))\n")
    netc("train", "s.net", "-D", "H=7", "--data", "xor", "--steps", "2", "--out", "run")
    assert "W  7 (i) × 2 (k)  =  14" in netc("explain", "run:h").stdout
    assert "W  7 (i) × 2 (k)  =  14" in netc("explain", f"{tmp_path / 'run'}/:h").stdout
    assert "Name what to explain behind a colon: run:NAME." in netc("explain", "run", code=2).stderr
    assert "those of the run `run` are settled" in netc("explain", "run:h", "-D", "H=2", code=2).stderr
    assert "error[E0213]: the net S has nothing called `z`" in netc("explain", "run:z", code=1).stderr
    assert "`.` is no run: run.json is not there" in netc("explain", ".:h", code=3).stderr
