"""`netc predict` and `netc eval` on runs: pictures, arrays, and what cannot be answered."""

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from subprocess import CompletedProcess

import netc as api
import numpy as np
import pytest
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.source.text import Source
from netc.compiler.syntax import tree
from netc.compiler.syntax.parser import parse
from netc.runtime.data.pipeline.prepare import prepared
from netc.runtime.train.folders import open_run
from netc.runtime.train.runs import settings_of

Netc = Callable[..., CompletedProcess[str]]
SPEC = """net Digits:
    input image: real[1, 20, 20]
    input digit: class(10)
    z = image -> flatten -> Dense(10)
    output guess = argmax(z)
    loss l = -log_softmax(z)[digit]
    metric error = guess != digit

train:
    data = digits() -> resize(16) -> border(2) -> range(-0.1, 1.175)
    optimizer = adam(3e-3)
    epochs = 6
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("predict")
    (folder / "d.net").write_text(SPEC)
    api.train(api.load(folder / "d.net"), out=folder / "run")
    return folder / "run"


def pictures(folder: Path) -> list[tuple[str, int]]:
    """Test digits as picture files: light on dark, and as on paper."""
    image = pytest.importorskip("PIL.Image")
    with np.load(str(files("netc.runtime.data") / "files" / "digits.npz")) as data:
        raw, digit = data["image"], data["digit"]
    found = []
    for k in range(12):
        light = (raw[k].astype(float) * 255 / 16).astype(np.uint8)
        for name, pixels in ((f"light{k}.png", light), (f"paper{k}.png", 255 - light)):
            image.fromarray(pixels).resize((160, 160), image.Resampling.BILINEAR).save(folder / name)
            found.append((name, int(digit[k])))
    return found


def test_pictures_of_digits_are_read(run: Path, netc: Netc) -> None:
    wanted = pictures(run.parent)
    answers = json.loads(netc("predict", "run", *[n for n, _ in wanted], "--json", cwd=run.parent).stdout)
    assert [(a["file"], a["name"]) for a in answers] == [(n, "digit") for n, _ in wanted]
    right = sum(a["answer"] == str(d) for a, (_, d) in zip(answers, wanted, strict=True))
    assert right >= 20, answers  # of 24
    assert netc("predict", "run", "light0.png", cwd=run.parent).stdout == f"light0.png: digit {answers[0]['answer']}\n"


def test_a_picture_goes_the_way_of_the_training_data(run: Path) -> None:
    _, facts, spec = open_run(run)
    settings = settings_of(spec, facts["given"])
    splits = api.train(spec, epochs=1).data
    with np.load(str(files("netc.runtime.data") / "files" / "digits.npz")) as data:
        picture = data["image"][7].astype(np.float32) / 16
    made = prepared(settings.data, picture, (1, 20, 20), folder=spec.folder, seed=settings.seed)
    assert made is not None
    whole = np.concatenate([d.fields[0].values for d in splits.parts().values()])
    assert np.abs(whole.reshape(-1, 400) - made.reshape(400)).max(1).min() < 1e-6


def test_steps_that_learn_nothing_need_no_data() -> None:
    pipeline = parse_data("mnist() -> border(2)")
    picture = np.linspace(0, 1, 100, dtype=np.float32).reshape(10, 10)
    made = prepared(pipeline, picture, (1, 14, 14), folder=Path("nowhere"), seed=1)
    assert made is not None and np.array_equal(made[0, 0, 2:12, 2:12], picture) and not made[0, 0, :2].any()
    flat = prepared(parse_data("mnist() -> flatten()"), picture, (100,), folder=Path("nowhere"), seed=1)
    assert flat is not None and np.array_equal(flat[0], picture.reshape(-1))
    assert prepared(parse_data("mnist()"), picture, (7,), folder=Path("nowhere"), seed=1) is None


def parse_data(text: str) -> tree.Expr:
    block = parse(Source("s", f"train:\n    data = {text}\n"), Reporter()).items[0]
    assert isinstance(block, tree.Block) and isinstance(block.body[0], tree.Equation)
    return block.body[0].value


def test_arrays_are_taken_as_they_are(run: Path, netc: Netc) -> None:
    np.save(run.parent / "two.npy", np.zeros((2, 1, 20, 20)))
    np.save(run.parent / "one.npy", np.zeros((1, 20, 20)))
    out = netc("predict", "run", "two.npy", "one.npy", cwd=run.parent).stdout.split("\n")
    assert len(out) == 4 and out[0].startswith("two.npy: digit ") and out[0].split()[-1] == out[2].split()[-1]


def test_what_cannot_be_answered_is_said(run: Path, netc: Netc, tmp_path: Path) -> None:
    np.save(run.parent / "bad.npy", np.zeros((1, 20, 21)))
    np.savez(run.parent / "two.npz", a=np.zeros((1, 20, 20)), b=np.zeros((1, 20, 20)))
    (run.parent / "text.png").write_text("no picture")
    said = {
        ("bad.npy", 1): "it holds 1×20×21, and the net takes 1×20×20 for each sample",
        ("two.npz", 1): "it holds 2 arrays, and one is wanted",
        ("text.png", 1): "it is no image that Pillow knows",
        ("tow.npz", 3): "cannot read `tow.npz`: no such file",
    }
    for (name, code), text in said.items():
        assert text in netc("predict", "run", name, cwd=run.parent, code=code).stderr
    assert "did you mean `two.npz`?" in netc("predict", "run", "tow.npz", cwd=run.parent, code=3).stderr
    assert "`nowhere` is no run" in netc("predict", "nowhere", "bad.npy", code=3).stderr


def test_eval_counts_confusions_of_a_net_that_judges_itself(run: Path, netc: Netc) -> None:
    found = json.loads(netc("eval", "run", "--json", cwd=run.parent).stdout)
    table = np.array(found["confusions"]["digit"])
    assert found["size"] == 179 == table.sum()
    assert found["metrics"]["error"] == pytest.approx(1 - np.trace(table) / 179, abs=1e-6)
    text = netc("eval", "run", "--confusions", "--part", "validation", cwd=run.parent).stdout
    assert text.startswith("Digits on digits, validation part (180 of 1,797 samples): error ") and "\n digit ↓ predicted →  " in text
    assert "(180 of 180)" not in text


def test_eval_judges_all_of_other_data_where_asked(run: Path, netc: Netc) -> None:
    found = json.loads(netc("eval", "run", "--part", "all", "--json", cwd=run.parent).stdout)
    assert (found["part"], found["size"], found["of"], np.sum(found["confusions"]["digit"])) == ("all", 1797, 1797, 1797)
    parts = [json.loads(netc("eval", "run", "--part", p, "--json", cwd=run.parent).stdout) for p in ("train", "validation", "test")]
    assert found["loss"] == pytest.approx(sum(p["loss"] * p["size"] for p in parts) / 1797, rel=1e-5)
    assert sum(np.array(p["confusions"]["digit"]) for p in parts).tolist() == found["confusions"]["digit"]
    done = netc("eval", "run", "--data", "digits", cwd=run.parent)
    assert done.stderr == "note: `digits` was parted, and only its test part is judged: `--part all` judges all 1,797 samples\n"
    assert netc("eval", "run", "--data", "digits", "--part", "all", cwd=run.parent).stdout.startswith("Digits on digits, all 1,797 samples: error ")


def test_eval_uses_the_settings_that_the_run_was_given(netc: Netc, tmp_path: Path) -> None:
    (tmp_path / "d.net").write_text(SPEC.replace("real[1, 20, 20]", "real[1, 8, 8]").replace("data = ", "# data = "))
    netc("train", "d.net", "--set", "data=digits() -> scale(2)", "--epochs", "1", "--seed", "7", "--out", "run")
    assert netc("eval", "run").stdout.startswith("Digits on digits, test part (179 of 1,797 samples): ")
    assert "The data has no tests part" not in netc("eval", "run", "--data", "digits").stderr
    assert "no data is named" in netc("train", "d.net", code=1).stderr


def test_a_net_of_two_inputs_is_refused(netc: Netc, tmp_path: Path) -> None:
    (tmp_path / "n.net").write_text("net N:\n    input x: real[2]\n    input y: real\n    output z = sum(x) + y\n    param w init 1\n    loss l = w * z\n")
    np.savez(tmp_path / "d.npz", x=np.ones((8, 2)), y=np.ones(8) * 0.5)
    netc("train", "n.net", "--data", "d.npz", "--epochs", "1", "--out", "run")
    assert "this one needs x, y" in netc("predict", "run", "d.npz", code=2).stderr
