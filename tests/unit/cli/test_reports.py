"""Commands that report: as text, as JSON, and what they say of wrong names."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest

Netc = Callable[..., CompletedProcess[str]]
SMALL = """net Small:
    input x: real[2]
    input y: class(2)
    y ~ softmax(Dense(2)(x))

train:
    data = xor()
    epochs = 2
"""


@pytest.fixture(autouse=True)
def spec(tmp_path: Path) -> None:
    (tmp_path / "small.net").write_text(SMALL)


# ---- new -------------------------------------------------------------------------------------------------------------


def test_a_template_comes_with_its_data(netc: Netc, tmp_path: Path) -> None:
    assert "wrote pendulum.npz" in netc("new", "dynamical_system").stdout
    assert np.load(tmp_path / "pendulum.npz").files


def test_a_template_comes_with_the_files_that_it_uses(netc: Netc, tmp_path: Path) -> None:
    done = netc("new", "resnet18")
    assert done.stdout.startswith("wrote resnet18.net\nwrote resnet18_torchvision.txt\nwrote resnet_blocks.net\nnext  netc check resnet18.net ")
    assert json.loads(netc("check", "resnet18.net", "--json").stdout)["params"] == 11_689_512
    assert "`resnet18.net` exists" in netc("new", "resnet18", code=2).stderr


def test_templates_are_listed_with_whole_sentences(netc: Netc) -> None:
    found = json.loads(netc("new", "--json").stdout)
    assert found["lenet_sigmoid"] == "LeNet with sigmoid units and mean pooling (systems row 1)."
    assert all(text.endswith(".") for text in found.values())
    assert "  lenet_sigmoid\n      LeNet with sigmoid units" in netc("new", "--list").stdout


def test_an_unknown_template_is_answered_with_a_guess(netc: Netc) -> None:
    assert "There is no template `lenett5`. Did you mean `lenet5`?" in netc("new", "lenett5", code=2).stderr
    assert "cannot write `no/where.net`" in netc("new", "lenet_sigmoid", "--out", "no/where.net", code=1).stderr


# ---- runs ------------------------------------------------------------------------------------------------------------


def test_runs_are_listed(netc: Netc, tmp_path: Path) -> None:
    assert netc("runs").stderr == "no runs below `runs`\n"
    netc("train", "small.net", "--out", "runs/a", "--restarts", "2")
    netc("train", "small.net", "--out", "runs/b", "--data", "spirals")
    found = json.loads(netc("runs", "--json").stdout)
    assert [(f["run"], f["net"], f["data"], f["epochs"], f["reason"]) for f in found] == [
        ("runs/a", "Small", "xor", 2, "finished"), ("runs/b", "Small", "spirals", 2, "finished"),
    ]  # fmt: skip
    lines = netc("runs").stdout.split("\n")
    assert lines[0].split() == ["run", "net", "data", "optimizer", "epochs", "test", "loss", "test", "error", "ended"]
    assert lines[2].startswith(" runs/a  Small  xor      sgd(rate=0.01)       2 ")


def test_runs_are_compared_by_the_metrics_of_their_nets(netc: Netc, tmp_path: Path) -> None:
    (tmp_path / "far.net").write_text(SMALL.replace("train:", "    metric far = abs(x[0])\n\ntrain:"))
    for name in ("small", "far"):
        netc("train", f"{name}.net", "--out", f"runs/{name}")
    lines = netc("runs").stdout.split("\n")
    assert lines[0].split()[-4:] == ["test", "error", "far", "ended"]
    said = json.loads((tmp_path / "runs" / "far" / "report.json").read_text())["test"]["far"]
    assert [line.split()[-2] for line in lines[2:4]] == [f"{said:.4g}", "–"]


def test_a_damaged_run_is_named_and_the_others_listed(netc: Netc, tmp_path: Path) -> None:
    netc("train", "small.net", "--out", "runs/a")
    (tmp_path / "runs" / "b").mkdir()
    (tmp_path / "runs" / "b" / "run.json").write_text("{")
    done = netc("runs", code=1)
    assert " runs/a " in done.stdout and "`runs/b/run.json` cannot be used" in done.stderr.replace("\\", "/")


def test_a_folder_that_is_not_there(netc: Netc) -> None:
    assert "There is no folder `nowhere`." in netc("runs", "nowhere", code=2).stderr


# ---- data, doctor, fmt -----------------------------------------------------------------------------------------------


def test_data_lists_every_source_and_step(netc: Netc) -> None:
    found = json.loads(netc("data", "--json").stdout)
    names = {usage.split("(")[0] for usage in found["sources"]}
    assert names >= {"digits", "mnist", "arrays", "csv", "idx", "images", "spirals", "xor", "sine"}
    assert "images(path, size=0, grey=false, train=0.8, validation=0.1)" in found["sources"]
    assert all(text for text in [*found["sources"].values(), *found["steps"].values()])
    assert [f["name"] for f in found["files"]][0] == "train-images-idx3-ubyte"


def test_doctor_says_what_is_there(netc: Netc) -> None:
    found = json.loads(netc("doctor", "--json").stdout)
    assert set(found) >= {"netc", "python", "system", "numpy", "pillow", "backend numpy", "backend cupy", "--device auto", "cache", "NETC_DATA"}
    assert netc("doctor").stdout.startswith("netc ")


def test_fmt_checks_shows_and_writes(netc: Netc, tmp_path: Path) -> None:
    (tmp_path / "f.net").write_text("net N:\n  input x: real[3]\n  y=x+ 1\n")
    assert netc("fmt", "--check", "f.net", code=1).stderr == "f.net: would change\n"
    assert "-  y=x+ 1\n+    input x: real[3]\n+    y = x + 1\n" in netc("fmt", "--diff", "f.net", code=1).stdout
    assert netc("fmt", "f.net").stderr == "f.net: formatted\n"
    assert netc("fmt", "--check", "f.net").stderr == ""
    (tmp_path / "g.net").write_text("net N:\n    y = (1\n")
    assert "error[E" in netc("fmt", "g.net", code=1).stderr
    assert (tmp_path / "g.net").read_text() == "net N:\n    y = (1\n"


# ---- training --------------------------------------------------------------------------------------------------------


def test_a_training_that_diverges_is_exit_code_4_and_names_the_equation(netc: Netc, tmp_path: Path) -> None:
    (tmp_path / "n.net").write_text(
        "net N:\n    input x: real[1]\n    input y: real\n    param w[1] init 1\n    a = sum(w * x)\n    root = log(a + 3.5)\n    y ~ normal(root, 1)\n"
        "train:\n    data = sine()\n    optimizer = sgd(5)\n"
    )
    err = netc("train", "n.net", "--out", "run", code=4).stderr
    assert "error[R301]: the loss became NaN at step" in err and "the first bad value is `root`, sample " in err
    assert "6 |     root = log(a + 3.5)" in err and "lower the rate (now 5)" in err


def test_the_best_of_several_trainings_is_named(netc: Netc) -> None:
    done = netc("train", "small.net", "--restarts", "3", "--seed", "4", "--out", "run")
    assert [line for line in done.stderr.split("\n") if line.startswith("training ")] == [f"training {k} of 3 · seed {k + 3}" for k in (1, 2, 3)]
    assert " · best of 3: seed " in done.stderr


def test_a_mistake_leaves_no_run_behind(netc: Netc, tmp_path: Path) -> None:
    assert "no parameter matches `Dens*`" in netc("train", "small.net", "--freeze", "Dens*", code=1).stderr
    assert not (tmp_path / "runs").exists()
    netc("train", "small.net", "--out", "run")
    assert "`run` holds a run already" in netc("train", "small.net", "--out", "run", code=2).stderr
    assert "cannot write" in netc("train", "small.net", "--out", "small.net/run", code=1).stderr


def test_settings_typed_wrongly_are_answered_without_a_line_number(netc: Netc) -> None:
    err = netc("train", "small.net", "--lr", "-1", code=1).stderr
    assert err.startswith("error[E0703]: `lr` must be a number above 0, and this is `-1`\n  --> command line\n  |     lr = -1\n  |          ^^ ")
    assert "did you mean `batch`?" in netc("train", "small.net", "--set", "bach=3", code=1).stderr
    assert "did you mean `mnist`?" in netc("train", "small.net", "--data", "minst", code=1).stderr
    assert netc("train", "small.net", "--net", "Smal", code=2).stderr == (
        "error[E0211]: the file has no net `Smal`\n  --> command line\n  | --net Smal\n  |       ^^^^ no such net\n"
        "   = help: did you mean `Small`? small.net has `Small`\n\n"
    )
    assert "Invalid value for '--steps': 'x'" in netc("train", "small.net", "--steps", "x", code=2).stderr


# ---- nothing to train ------------------------------------------------------------------------------------------------


def test_a_net_without_a_loss_is_noted_and_not_ready_to_train(netc: Netc, tmp_path: Path) -> None:
    (tmp_path / "small.net").write_text(SMALL.replace("    y ~ softmax(Dense(2)(x))", "    z = Dense(2)(x)"))
    checked = netc("check", "small.net")
    assert "note    no loss: nothing can be trained from this" in checked.stdout
    assert "warning[W0607]: `Small` is to be trained, and it has no loss\n  --> small.net:6:1\n" in checked.stderr
    assert not json.loads(netc("check", "small.net", "--json").stdout)["loss"]
    refused = netc("train", "small.net", "--dry-run", code=1)
    assert "error[E0607]: the net `Small` has no loss: nothing can be trained from it\n  --> small.net:1:5\n" in refused.stderr
    assert "no equation reads `y`: say what it is observed as, `y ~ softmax(z)`" in refused.stderr and not refused.stdout


# ---- dump ------------------------------------------------------------------------------------------------------------


def test_what_a_net_becomes_is_what_its_train_block_asks_for(netc: Netc, tmp_path: Path) -> None:
    (tmp_path / "n.net").write_text("net N:\n    input y: real[3]\n    param m[3] init 0\n    y[i] ~ normal(m[i], 1)\n\ntrain:\n    per = \"sample\"\n")
    assert "loss y'3 = sum[i] loss y'2[i]\nloss y'4 = sum[B] loss y'3\n" in netc("dump", "n.net", "--stage", "statements").stdout
