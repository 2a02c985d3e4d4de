"""Layers that no net applies: what is certain is told, in the names of sizes, and nothing of what some application would make right."""

from functools import partial
from pathlib import Path

import netc
import pytest
from netc.compiler.alone.judge import judge_alone
from netc.compiler.checking import check_text
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.elaborate.module import Module
from netc.compiler.elaborate.scope import Options
from netc.compiler.session import Session, prelude
from netc.compiler.syntax import tree
from test_specs import ROOT

# Each is right for some settings, sizes or lengths.
SOUND = {
    "heads that divide": """layer L(D, heads)(x: real[D]) -> y: real[heads, D // heads]:
    y[h in 0..heads-1, i in 0..D // heads - 1] = x[D // heads * h + i]""",
    "a setting of words": """layer L(mode)(x: real[X]) -> y: real[X]:
    y = x if mode == "same" else 2 * x""",
    "a list of sizes": """layer L(sizes)(x: real[X]) -> y:
    y = x -> Dense(sizes[0]) -> Dense(sizes[1])""",
    "positions for short sequences": """layer L(N)(x: real[1..T, D]) -> y: real[1..T, D]:
    param P[1..N, D] init normal(0, 0.1)
    y[t in 1..T] = x[t] + P[t]""",
    "what a layer gives is as large as a setting": """layer L(f, n, k)(x: real[X]) -> y: real[n]:
    param W[n, k] init glorot
    z = f(x)
    y = W @ z""",
    "pictures of one size": """layer L()(image: real[1, H, W]) -> y: real[128]:
    y = image -> Conv(8, 3, pad=1) -> MaxPool(4) -> flatten""",
    "a gate of any function": """layer L(act)(x: real[X]) -> y: real[X]:
    gate g = act(x)
    y = g * x""",
    "another default": """layer L(n, down=false)(x: real[C, H, W]) -> y:
    f = x -> Conv(n, 3, pad=1)
    y = f + (Conv(n, 1)(x) if down else x)""",
    "one of two ways by a size": """layer L(n)(x: real[C, H, W]) -> y:
    f = x -> Conv(n, 3, pad=1)
    y = f + (x if n == C else Conv(n, 1)(x))""",
    "a tree": """layer L(H)(x: real[N, X]) -> h: real[N, H]:
    param W[H, X], U[H, H] init glorot
    h[n] = tanh(W @ x[n] + sum[k in children(n)](U @ h[k]))""",
    "an input of any shape": """layer L(n)(x) -> y:
    param W[n, n] init glorot
    y[t] = W @ x[t]""",
    "functions of layers and lists": "def twice(f, x) = f(f(x))\ndef frame(x, p) = border(x, [[p, p], [p, p]])\ndef peak(x) = max(x)",
}


@pytest.mark.parametrize("case", SOUND)
def test_what_some_application_makes_right_is_no_mistake(case: str) -> None:
    assert check_text(SOUND[case] + "\n") == ()


def judged(module: Module) -> list[str]:
    reporter = Reporter()
    items = [i for i in module.file.items if isinstance(i, tree.Layer | tree.Def)]
    judge_alone(module, Options(), items, reporter)
    return [f"{p.shown_at.line}: {p.diagnose().message}" for p in reporter.problems]


def test_nothing_is_told_of_the_standard_library() -> None:
    names = {i.name.name: i for i in prelude().items if isinstance(i, tree.Layer | tree.Def | tree.Table)}
    assert judged(Module(prelude(), names, {}, ())) == []


def _beside(path: Path, name: str) -> bytes:
    return (path.parent / name).read_bytes()


def test_nothing_is_told_of_the_layers_of_any_spec() -> None:
    found = {}
    for path in sorted((ROOT / "specs").rglob("*.net")):
        if "layer " in path.read_text(encoding="utf-8"):
            module = Session(path.name, path.read_bytes(), partial(_beside, path)).module
            assert module is not None
            found[path.name] = judged(module)
    assert found == dict.fromkeys(found, [])


def test_a_size_that_clashes_is_told_by_its_name() -> None:
    (problem,) = check_text("layer L(n)(x: real[X]) -> y: real[2*X]:\n    param W[X - 1, X] init glorot\n    y = W @ x\n")
    assert problem.diagnose().message == "`y` is declared as 2*X, and this gives X-1"


def test_a_layer_that_a_net_applies_is_judged_there_alone() -> None:
    text = "layer L(n)(x: real[X]) -> y: real[X]:\n    param W[n, X] init glorot\n    y = W @ x\nnet N:\n    input x: real[3]\n    output y = L(3)(x)\n"
    assert check_text(text) == ()


def test_a_layer_of_a_net_that_was_not_looked_at_is_left_to_it() -> None:
    cell = "layer L()(x: real[X]) -> y: real[4]:\n    y = x\n\ndef half(a) = a / 2\n\n"
    nets = "net A:\n    input x: real[3]\n    output y = half(x)\n\nnet B:\n    input x: real[4]\n    output y = L()(x)\n"
    assert netc.parse(cell + nets)["A"].check().to_dict()["alone"] == []
    report = netc.parse(cell + nets.partition("net B")[0]).check()
    assert (report.alone, [p.code for p in report.problems]) == (("L",), ["W0324"])


def test_layers_of_a_used_file_are_its_own_affair() -> None:
    files = {"cells.net": b"layer Wrong(n)(x: real[X]) -> y: real[n]:\n    y = z\n"}
    used = Session("n.net", b'use "cells.net"\nnet N:\n    input x: real[3]\n    output x\n', files.get)
    assert (used.judge_layers(), used.problems) == ((), ())
    own = Session("cells.net", files["cells.net"])
    assert (own.judge_layers(), [p.code for p in own.problems]) == (("Wrong",), ["E0201"])
