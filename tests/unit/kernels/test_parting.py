"""A step in parts is the step: every function once, and the same bits."""

from __future__ import annotations

import re
from pathlib import Path

import netc
import numpy as np
import pytest
from netc.compiler.kernels.parting import parted
from netc.runtime.backends.choose import Choice
from netc.runtime.backends.native import NativeBackend, build, toolchain
from test_specs import ROOT, random_inputs

HEAD = "#define A\nstruct step { long n; };\n"
NESTS = [f"NEST void nest{k}(const struct step *s, real *const v_a) {{\n    // {{ }}\n    {'a;' * 10**k}\n}}\n" for k in range(4)]
REST = "static void phase0(void) {\n    nest0(s, v_a);\n}\nvoid step(void) {\n}\n"
SOURCE = HEAD + "".join(NESTS) + REST


def test_every_nest_is_in_one_part_and_the_step_in_the_last() -> None:
    *parts, last = parted(SOURCE, 3)
    assert len(parts) == 2
    assert [sum(nest in part for part in (*parts, last)) for nest in NESTS] == [1, 1, 1, 1]
    assert all(part.startswith(f"#define PARTED 1\n{HEAD}") for part in (*parts, last))
    assert last.endswith(REST) and not any(REST in part for part in parts)
    assert re.findall(r"(?m)^NEST void (\w+)\(.*;$", last) == ["nest0", "nest1", "nest2", "nest3"]


def test_parts_are_about_as_long_as_each_other() -> None:
    first, *others = parted(SOURCE, 4)
    assert NESTS[3] in first and not any(nest in first for nest in NESTS[:3])
    assert all(any(nest in part for nest in NESTS[:3]) for part in others[:2])


@pytest.mark.parametrize("text", ["int answer(void) { return 42; }\n", HEAD + NESTS[0] + REST])
def test_a_text_with_nothing_to_share_out_stays_whole(text: str) -> None:
    assert parted(text, 2) == (text,)


def test_one_part_is_the_whole() -> None:
    assert parted(SOURCE, 1) == (SOURCE,)


@pytest.mark.compiler
@pytest.mark.parametrize("file", ["vision/lenet5.net", "text/lstm_lm.net"])
def test_a_step_in_parts_comes_to_the_same_bits(file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toolchain, "_COMMON", tuple("-O1" if o == "-O3" else o for o in toolchain._COMMON))
    compile_texts, made = build._compile, []
    monkeypatch.setattr(build, "_compile", lambda tools, texts, *more: (made.append([*texts]), compile_texts(tools, texts, *more)))
    found = []
    for length in (10**9, 1000):
        monkeypatch.setenv("NETC_CACHE", str(tmp_path / str(length)))
        monkeypatch.setattr(build, "_loaded", {})
        monkeypatch.setattr(build, "_PART", length)
        monkeypatch.setattr(toolchain, "threads", lambda: 3)
        net = netc.load(ROOT / file).build(Choice(NativeBackend(2), "cpu", ""))
        inputs = {name: np.array(values) for name, values in random_inputs(net, 1).items()}
        loss = net.steps.train(inputs, seed=3, step=1).loss
        found.append((loss, np.array(net.gradients_flat)))
    assert [len([name for name in names if "library" not in name]) for names in made] == [1, 3]
    (loss, gradients), (other, others) = found
    assert loss == other and np.array_equal(gradients, others)
