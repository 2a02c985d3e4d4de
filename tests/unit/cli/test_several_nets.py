"""Files with several nets: which settings each has, and which of them a command speaks of."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import netc
import pytest
from netc.compiler.checking import check_text

Netc = Callable[..., CompletedProcess[str]]
TWO = """net Small:
    input x: real[2]
    input y: class(2)
    y ~ softmax(Dense(2)(x))

net Large:
    input x: real[2]
    input y: class(2)
    y ~ softmax(x -> Dense(8, act=tanh) -> Dense(2))

train:
    data = xor()
    batch = 20

train Large:
    data = xor()
    batch = 5
"""


@pytest.fixture(autouse=True)
def spec(tmp_path: Path) -> None:
    (tmp_path / "two.net").write_text(TWO)


def test_a_block_without_a_name_speaks_of_the_nets_that_have_none_of_their_own() -> None:
    session = netc.parse(TWO).session
    assert {name: session.settings(name).batch for name in session.nets} == {"Small": 20, "Large": 5}


def test_a_block_for_all_is_no_reason_to_warn_of_a_net_without_a_loss() -> None:
    part = "\nnet Part:\n    input x: real[2]\n    output x\n"
    assert check_text(f"{TWO}{part}") == ()


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        ("train Smal:\n    batch = 2\n", "E0211", "the file has no net `Smal`"),
        ("train Large:\n    epochs = 2\n", "E0706", "there are two `train` blocks of `Large`"),
        ("train:\n    epochs = 2\n", "E0706", "there are two `train` blocks without a name"),
        ("sample Smal:\n    limit = 2\n", "E0211", "the file has no net `Smal`"),
    ],
)
def test_a_block_that_no_net_is_given_is_a_problem(more: str, code: str, message: str) -> None:
    (problem,) = check_text(f"{TWO}\n{more}")
    assert (problem.code, problem.diagnose().message) == (code, message)


def test_check_shows_the_one_net_that_is_named(netc: Netc) -> None:
    shown = netc("check", "two.net", "--net", "Large").stdout
    assert "net Large" in shown and "net Small" not in shown
    assert "--net Large --dry-run` reads it" in shown
    assert "did you mean `Large`?" in netc("check", "two.net", "--net", "Lrge", code=2).stderr


def test_a_net_that_could_not_be_read_whole_is_not_said_to_have_no_loss(netc: Netc, tmp_path: Path) -> None:
    (tmp_path / "bad.net").write_text(TWO.replace("softmax(Dense(2)(x))", "softmax(W x)"))
    assert "no loss" not in netc("check", "bad.net", code=1).stdout
