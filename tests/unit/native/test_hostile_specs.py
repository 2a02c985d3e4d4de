"""What a spec says stays inside the text of a step: no name becomes C, none reaches the compiler's command line."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import netc
import numpy as np
import pytest
from netc.compiler.kernels.language.sizes import identifier
from netc.runtime.backends.choose import Choice
from netc.runtime.backends.native import NativeBackend, build, toolchain

pytestmark = pytest.mark.compiler

# Every word that the generated text or the C language uses itself, as a name in a spec.
WORDS = ("int", "real", "vec", "static", "step", "s", "id", "threads", "batch", "rows", "tile", "tiles", "tile_size", "own", "at", "keys", "whole",
         "nest0", "phase0", "v_h", "a0", "t1", "x0", "LANES", "REAL_BITS", "INFINITY", "main", "system", "define", "pragma", "asm", "π", "ρ", "σ", "τ", "φ'", "φ''")  # fmt: skip


def spec_of(names: tuple[str, ...]) -> str:
    """A recurrent net whose length, size, input, parameters and equations are called so."""
    length, size, given, matrix, state, value = names
    return (
        f"net {value}:\n    dim {size} = 3\n    input {given}: real[1..{length}, 2]\n    param {matrix}[{size}, 2] init normal(0, 1)\n"
        f"    {state}[0] = 0\n    {state}[t in 1..{length}] = tanh({matrix} @ {given}[t] + 0.5 * {state}[t-1])\n"
        f"    {value}[t in 1..{length}] = sum({state}[t])\n    loss l = sum[t]({value}[t])\n"
    )


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that are run, without optimising; nothing is found in a cache."""
    monkeypatch.setattr(toolchain, "_COMMON", tuple("-O0" if o == "-O3" else o for o in toolchain._COMMON))
    monkeypatch.setattr(build.cache, "lookup", lambda name: None)
    monkeypatch.setattr(build, "_loaded", {})
    found: list[list[str]] = []
    popen = subprocess.Popen

    def recorded(command: list[str], **more: Any) -> Any:
        found.append(command)
        return popen(command, **more)

    monkeypatch.setattr(build.subprocess, "Popen", recorded)
    return found


@pytest.mark.parametrize("k", range(0, len(WORDS), 6))
def test_words_of_c_are_names_like_others(k: int, commands: list[list[str]]) -> None:
    names = (*WORDS, *WORDS)[k : k + 6]
    spec = netc.parse(spec_of(names))
    assert spec.check().ok, [str(p.diagnose().message) for p in spec.check().problems]
    rng = np.random.default_rng(0)
    inputs = {names[2]: [rng.normal(size=(n, 2)) for n in (3, 1)]}
    results = [spec.build(c, dtype="float64").gradient(inputs) for c in ("numpy", Choice(NativeBackend(2), "cpu", ""))]
    assert np.allclose(results[0].params[names[3]], results[1].params[names[3]], atol=1e-12)
    assert sum("step.c" in command for command in commands) == 1
    for command in commands:
        said = " ".join(command)
        assert re.fullmatch(r"[\w\s=.+-]*", said), said


def test_all_specs_are_compiled_by_the_same_commands(commands: list[list[str]]) -> None:
    for name in ("x", "π", "system"):
        net = netc.parse(f"net {name}n:\n    input {name}: real[2]\n    loss l = sum({name}^2)\n").build("native", dtype="float64")
        net.gradient({name: np.ones((1, 2))})
    made = [c[c.index("-o") + 1] for c in commands]
    assert made == ["step.o", "step.so"] * 3 and len({tuple(c) for c in commands}) == 2


@pytest.mark.parametrize("name", ['x*/"; system("id"); /*', "x\n#include <y>", "x\\", "x??/", "x // y"])
def test_no_name_can_hold_what_c_reads(name: str) -> None:
    """The lexer refuses it; a name that C sees is letters, digits and underscores, whatever it came from."""
    report = netc.parse(f"net N:\n    input {name}: real[2]\n    loss l = 1\n").check()
    assert not report.ok
    assert re.fullmatch(r"\w+", identifier(name), re.ASCII)


def test_strings_of_a_spec_are_not_in_the_text(commands: list[list[str]]) -> None:
    text = 'net N:\n    input x: real[2]\n    y = x^2\n    loss l = sum(y)\n    assert params() == 0, "*/ system(1); \\\\"\n'
    net = netc.parse(text).build(Choice(NativeBackend(1), "cpu", ""))
    net.gradient({"x": np.ones((1, 2))})
    _, bound = net.engine.bound(net.steps.request(), 1)
    assert "system(1)" not in bound.kernel.source  # type: ignore[attr-defined]
    comments = re.findall(r"//.*", bound.kernel.source)  # type: ignore[attr-defined]
    assert comments and not any(c.rstrip().endswith(("\\", "??/")) for c in comments)
