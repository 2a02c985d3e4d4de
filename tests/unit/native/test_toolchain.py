"""A compiler is found, or it is said why not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from netc.compiler.diagnostics.error import MissingError
from netc.compiler.diagnostics.render.text import render
from netc.runtime.backends.native import toolchain
from netc.runtime.backends.native.build import load
from netc.runtime.backends.native.toolchain import NoToolchain, Toolchain


def script(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_the_variable_cc_decides_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "ccache 'my gcc'")
    assert toolchain.candidates() == [("ccache", "my gcc")]


def test_without_it_the_usual_names_come_before_zig(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setattr(toolchain.shutil, "which", lambda name: None if name == "gcc" else name)
    monkeypatch.setattr(toolchain, "find_spec", lambda name: object())
    assert toolchain.candidates() == [("cc",), ("clang",), (sys.executable, "-m", "ziglang", "cc")]


def test_without_any_it_is_said_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setattr(toolchain.shutil, "which", lambda name: None)
    monkeypatch.setattr(toolchain, "find_spec", lambda name: None)
    with pytest.raises(MissingError) as caught:
        load("int one(void) { return 1; }")
    assert render(caught.value.problems[0]) == (
        "error[R420]: there is no C compiler that works: there is no `cc`, `gcc` or `clang`, and the package ziglang is not installed\n"
        "  --> C compiler\n"
        '   = help: install one, or `pip install "netc[native]"`; `--backend numpy` needs none'
    )


def test_a_compiler_that_fails_is_named_with_its_complaint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", script(tmp_path / "broken", "echo licence expired >&2; exit 1"))
    assert toolchain.find() == NoToolchain(f"`{tmp_path}/broken` fails: licence expired")
    monkeypatch.setenv("CC", str(tmp_path / "absent"))
    assert toolchain.find() == NoToolchain(f"`{tmp_path}/absent` does not run (FileNotFoundError)")


def test_a_compiler_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toolchain, "_PATIENCE", 0.2)
    monkeypatch.setenv("CC", script(tmp_path / "slow", "exec sleep 5"))
    assert toolchain.find() == NoToolchain(f"`{tmp_path}/slow` does not run (TimeoutExpired)")


def test_the_option_for_this_processor_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = 'case "$*" in *--version*) echo "old cc 1.0";; *march*) exit 1;; *) echo "#define __ARM_NEON 1"; echo "#define __aarch64__ 1";; esac'
    monkeypatch.setenv("CC", script(tmp_path / "old", old))
    found = toolchain.find()
    assert isinstance(found, Toolchain)
    assert (found.version, found.target, found.vectors) == ("old cc 1.0", ("-mcpu=native",), ("NEON", 128))
    assert "-ffp-contract=off" in found.flags(strict=True) and "-fopenmp-simd" in found.flags(strict=False)


def test_clang_gets_no_word_that_only_gcc_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = {}
    for family, macros in {"gcc": "__GNUC__ 12", "clang": "__GNUC__ 4\n#define __clang__ 1"}.items():
        monkeypatch.setenv("CC", script(tmp_path / f"{family}-cc", f'case "$*" in *--version*) echo "a compiler 12.2.0";; *) echo "#define {macros}";; esac'))
        found = toolchain.find()
        assert isinstance(found, Toolchain)
        assert found.name == f"{family} 12.2.0"
        words[family] = set(found.flags(strict=False))
    assert words["gcc"] - words["clang"] == {"-fno-predictive-commoning"} and words["clang"] < words["gcc"]
