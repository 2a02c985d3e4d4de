"""The command line as a user meets it."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from netc import specs


def netc(*arguments: str, cwd: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([sys.executable, "-m", "netc", *arguments], cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def lenet(tmp_path: Path) -> Path:
    (tmp_path / "lenet5.net").write_text(specs.source("vision/lenet5.net"))
    (tmp_path / "digits_7x12.txt").write_text(specs.source("vision/digits_7x12.txt"))
    return tmp_path


def test_check_prints_the_papers_table(lenet: Path) -> None:
    out = netc("check", "lenet5.net", cwd=lenet).stdout
    assert " total                                        60,000      340,908  328,096\n" in out
    assert " c3     conv 5×5, table 60/96       16×10×10   1,516      151,600  150,000\n" in out


def test_check_as_json(lenet: Path) -> None:
    found = json.loads(netc("check", "lenet5.net", "--json", cwd=lenet).stdout)
    assert {k: found[k] for k in ("ok", "params", "connections", "macs")} == {
        "ok": True, "params": 60_000, "connections": 340_908, "macs": 328_096,
    }  # fmt: skip
    assert set(found) >= {"ok", "params", "connections", "macs", "memory", "rows", "problems"}
    assert set(found["rows"][0]) == {"name", "what", "output", "params", "connections", "macs", "line"}


def test_counts_follow_the_length(tmp_path: Path) -> None:
    (tmp_path / "r.net").write_text("net R:\n    input x: real[1..T, 3]\n    h[0] = 0\n    h[t] = tanh(Dense(2)(x[t]) + h[t-1])\n    loss l = sum(h[T])\n")
    usual = json.loads(netc("check", "r.net", "--json", cwd=tmp_path).stdout)
    longer = json.loads(netc("check", "r.net", "--json", "--length", "T=100", cwd=tmp_path).stdout)
    assert (usual["lengths"], longer["lengths"]) == ({"T": 50}, {"T": 100})
    assert (usual["connections"], longer["connections"]) == (50 * 8, 100 * 8)
    assert usual["params"] == longer["params"] == 8
    assert usual["memory"]["training"] < longer["memory"]["training"]
    assert "batch B, T = 100, float32" in netc("check", "r.net", "--length", "T=100", cwd=tmp_path).stdout


def test_a_length_that_no_net_has(tmp_path: Path) -> None:
    (tmp_path / "r.net").write_text("net R:\n    input x: real[1..T]\n    y = sum(x)\n")
    assert "no net here has the length S; it has T" in netc("check", "r.net", "--length", "S=9", cwd=tmp_path, code=2).stderr
    assert "a sequence has at least one point" in netc("check", "r.net", "--length", "T=0", cwd=tmp_path, code=2).stderr


def test_expectations(lenet: Path) -> None:
    netc("check", "lenet5.net", "--expect", "params=60000", cwd=lenet)
    wrong = netc("check", "lenet5.net", "--expect", "params=1", cwd=lenet, code=1)
    assert "expected 1 params, found 60,000" in wrong.stderr


def test_a_mistake_shows_its_line(tmp_path: Path) -> None:
    (tmp_path / "bad.net").write_text("net N:\n    input x: real[3]\n    param W[2, 4] init glorot\n    y = W @ x\n")
    err = netc("check", "bad.net", cwd=tmp_path, code=1).stderr
    assert "error[E0301]: `@` joins 4 with 3: the inner sizes differ\n  --> bad.net:4:11\n" in err and "\n4 |     y = W @ x\n" in err


def test_several_files_and_a_missing_one(lenet: Path) -> None:
    err = netc("check", "lenet5.net", "lenet.net", cwd=lenet, code=3).stderr
    assert "cannot read `lenet.net`: no such file or directory" in err
    assert "did you mean `lenet5.net`?" in err
    found = json.loads(netc("check", "lenet5.net", "lenet.net", "--json", cwd=lenet, code=3).stdout)
    assert [(d["file"], d["ok"], [p["code"] for p in d["problems"]]) for d in found] == [("lenet5.net", True, []), ("lenet.net", False, ["R401"])]


def test_a_file_with_errors_keeps_no_other_from_its_plan(lenet: Path) -> None:
    (lenet / "bad.net").write_text("net N:\n    y = z\n")
    done = netc("check", "bad.net", "lenet5.net", "--plan", "--expect", "params=60000", cwd=lenet, code=1)
    assert "LeNet5: one training step\n at once   c1.Conv.y, c1, " in done.stdout and "expected" not in done.stderr
    assert "it goes with `--format table`" in netc("check", "lenet5.net", "--plan", "--json", cwd=lenet, code=2).stderr


def test_unknown_command(tmp_path: Path) -> None:
    assert "Did you mean `check`?" in netc("chek", cwd=tmp_path, code=2).stderr


def test_explain(tmp_path: Path) -> None:
    assert netc("explain", "E0307", cwd=tmp_path).stdout.startswith("error[E0307]\n\nOne index runs over two different ranges.\n")
    assert "There is no code `E0399`" in netc("explain", "E0399", cwd=tmp_path, code=2).stderr


def test_train_eval_and_resume(lenet: Path) -> None:
    done = netc("train", "lenet5.net", "--epochs", "1", "--out", "run", cwd=lenet)
    assert "LeNet5  60,000 parameters · digits 1,438 + 180 + 179 · seed 1 · cpu, numpy" in done.stderr
    assert "\x1b" not in done.stderr
    assert netc("eval", "run", cwd=lenet).stdout.startswith("LeNet5 on digits, test part (179 of 1,797 samples): ")
    again = netc("train", "lenet5.net", "--epochs", "2", "--resume", "run", cwd=lenet)
    assert "epoch 2/2" in again.stderr and "epoch 1/2" not in again.stderr


def test_other_data_takes_the_class_numbers_of_the_run(tmp_path: Path) -> None:
    spec = "net N:\n    input x: real[1]\n    input y: class(3)\n    y ~ softmax(x -> Dense(3))\n"
    (tmp_path / "n.net").write_text(f'{spec}\ntrain:\n    data = csv("a.csv")\n    epochs = 1\n', encoding="utf-8")
    (tmp_path / "a.csv").write_text("x,y\n" + "0,ant\n5,bee\n9,cat\n" * 20, encoding="utf-8")
    (tmp_path / "b.csv").write_text("x,y\n" + "9,cat\n5,bee\n" * 20, encoding="utf-8")
    (tmp_path / "c.csv").write_text("x,y\n" + "0,ant\n1,dog\n" * 20, encoding="utf-8")
    netc("train", "n.net", "--out", "run", cwd=tmp_path)
    found = json.loads(netc("eval", "run", "--data", 'csv("b.csv", train=0.1, validation=0.1)', "--json", cwd=tmp_path).stdout)
    assert [sum(row) > 0 for row in found["confusions"]["y"]] == [False, True, True]
    assert "'dog' of `y` is not among the 3 symbols" in netc("eval", "run", "--data", "c.csv", cwd=tmp_path, code=1).stderr


def test_show_config_says_where_values_come_from(lenet: Path) -> None:
    out = netc("train", "lenet5.net", "--show-config", "--batch", "8", cwd=lenet).stdout
    assert "batch               8  (command line)\n" in out
    assert "epochs              40  (spec)\n" in out
    assert "seed                1  (default)\n" in out


def test_no_gpu_is_exit_code_3(lenet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NETC_BACKEND")
    from netc.runtime.backends.cupy import available

    if available() is None:
        pytest.skip("there is a GPU")
    assert 'pip install "netc[cuda12]"' in netc("train", "lenet5.net", "--device", "gpu", cwd=lenet, code=3).stderr


def test_ctrl_c_saves_and_resuming_gives_the_same_bits(tmp_path: Path) -> None:
    (tmp_path / "cnn.net").write_text(specs.source("vision/cnn_mnist.net"))
    settings = ("--epochs", "3", "--lr", "0.002", "--batch", "64")
    netc("train", "cnn.net", *settings, "--out", "whole", cwd=tmp_path)
    command = [sys.executable, "-m", "netc", "train", "cnn.net", *settings, "--out", "broken"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = [process.stderr.readline() for _ in range(3)]
        assert said[2].startswith("epoch 1/3")
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
    assert process.returncode == 130, rest
    assert rest.endswith("go on with  netc train --resume broken\n")
    assert "epoch 3/3" in netc("train", "--resume", "broken", cwd=tmp_path).stderr
    assert (tmp_path / "whole" / "last.safetensors").read_bytes() == (tmp_path / "broken" / "last.safetensors").read_bytes()


def test_settings_of_the_environment_go_before_the_spec(lenet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETC_BATCH", "16")
    monkeypatch.setenv("NETC_EPOCHS", "7")
    out = netc("train", "lenet5.net", "--show-config", "--epochs", "2", cwd=lenet).stdout
    assert "batch               16  (environment)\n" in out
    assert "epochs              2  (command line)\n" in out


def test_train_needs_a_spec_or_a_run(tmp_path: Path) -> None:
    assert "Name a spec, or a run to go on with" in netc("train", cwd=tmp_path, code=2).stderr
    assert "`nowhere` is no run" in netc("train", "--resume", "nowhere", cwd=tmp_path, code=3).stderr


def test_a_training_goes_on_when_nobody_reads_what_it_says(lenet: Path) -> None:
    script = f"set -o pipefail; {sys.executable} -m netc train lenet5.net --epochs 1 --out run 2>&1 | head -n 1"
    done = subprocess.run(["bash", "-c", script], cwd=lenet, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads((lenet / "run" / "report.json").read_text())["reason"] == "finished"


def test_output_cut_off_by_its_reader_is_no_error(lenet: Path) -> None:
    script = f"{sys.executable} -m netc check lenet5.net | head -n 1"
    done = subprocess.run(["bash", "-c", script], cwd=lenet, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
