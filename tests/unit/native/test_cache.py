"""A step is compiled once, whoever asks, and a spoilt entry is made anew."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest
from netc.compiler.diagnostics.error import NetcError
from netc.runtime.backends.native import build, cache, toolchain

SOURCE = "int answer(void) { return 42; }\n"
LIBRARY = '__attribute__((visibility("hidden"))) int half(int n) { return n / 2; }\n'
CALLER = "int half(int); int answer(void) { return half(84); }\n"
pytestmark = pytest.mark.compiler


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and no memory of earlier libraries."""
    monkeypatch.setenv("NETC_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(build, "_loaded", {})
    return tmp_path / "cache" / "native"


def forget_and_count(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A new process has no memory; this counts the texts that it compiles."""
    made: list[str] = []
    compile_texts = build._compile
    monkeypatch.setattr(build, "_loaded", {})
    monkeypatch.setattr(build, "_compile", lambda tools, texts, *more: (made.extend(texts.values()), compile_texts(tools, texts, *more)))
    return made


def test_a_library_is_compiled_once(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = build.load(SOURCE)
    assert first.answer() == 42
    assert build.load(SOURCE) is first
    made = forget_and_count(monkeypatch)
    assert build.load(SOURCE).answer() == 42
    assert made == []
    build.load(SOURCE, strict=True)
    build.load(SOURCE + "/* another text */")
    assert len(made) == 2
    assert len(list(kept.glob("*/*.so"))) == 3 and not list(kept.glob("building-*"))
    assert cache.size() == sum(p.stat().st_size for p in kept.glob("*/*.so"))


def test_what_texts_call_is_compiled_once_for_all(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = forget_and_count(monkeypatch)
    assert build.load(CALLER, LIBRARY).answer() == 42
    assert build.load(CALLER + "int other;", LIBRARY).answer() == 42
    assert made == [CALLER, LIBRARY, CALLER + "int other;"]
    (common,) = kept.glob("*/*.o")
    common.write_bytes(b"spoilt")
    assert build.load(CALLER + "int third;", LIBRARY).answer() == 42
    assert made[3:] == [CALLER + "int third;", LIBRARY]
    assert build.load(CALLER, LIBRARY.replace("/ 2", "/ 4")).answer() == 21


def test_a_library_that_lacks_what_is_called_is_told(kept: Path) -> None:
    with pytest.raises(NetcError) as caught:
        build.load(CALLER)
    assert "half" in caught.value.problems[0].diagnose().message


def test_another_version_of_the_compiler_compiles_anew(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import dataclasses

    build.load(SOURCE)
    made = forget_and_count(monkeypatch)
    later = dataclasses.replace(build.require(), version="a later one")
    monkeypatch.setattr(toolchain, "find", lambda: later)
    build.load(SOURCE)
    assert len(made) == 1


@pytest.mark.parametrize("spoil", [lambda b: b[:-1], lambda b: b[:500] + b"x" + b[501:], lambda b: b""])
def test_a_damaged_entry_is_made_anew(spoil, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build.load(SOURCE)
    made = forget_and_count(monkeypatch)
    (path,) = kept.glob("*/*.so")
    fresh = path.with_suffix(".new")  # another file: the old one is loaded in this process
    fresh.write_bytes(spoil(path.read_bytes()))
    os.replace(fresh, path)
    assert build.load(SOURCE).answer() == 42
    assert len(made) == 1 and cache.lookup(path.parent.name) is not None


def test_an_entry_that_does_not_load_is_made_anew(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import hashlib

    build.load(SOURCE)
    made = forget_and_count(monkeypatch)
    (path,) = kept.glob("*/*.so")
    path.unlink()
    alien = b"of another machine, and yet whole"
    path.with_name(f"{hashlib.sha256(alien).hexdigest()}.so").write_bytes(alien)
    assert build.load(SOURCE).answer() == 42
    assert len(made) == 1


def test_a_folder_that_cannot_be_written_costs_only_the_memory_of_it(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a file").write_text("")
    monkeypatch.setenv("NETC_CACHE", str(tmp_path / "a file"))
    assert build.load(SOURCE).answer() == 42
    assert build.load(SOURCE).answer() == 42
    assert cache.size() == 0 and not kept.exists()


def test_two_processes_may_compile_the_same_at_once(kept: Path) -> None:
    script = f"from netc.runtime.backends.native.build import load; assert load({SOURCE!r}).answer() == 42"
    both = [subprocess.Popen([sys.executable, "-c", script]) for _ in range(2)]
    assert [p.wait(timeout=60) for p in both] == [0, 0]
    assert build.load(SOURCE).answer() == 42
    assert not list(kept.glob("building-*"))


def test_what_was_used_longest_ago_goes_first(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build.load(SOURCE)
    (old,) = kept.glob("*/*.so")
    os.utime(old, (1, 1))
    monkeypatch.setattr(cache, "_LIMIT", old.stat().st_size * 3 // 2)
    build.load(SOURCE + "int other;")
    assert not old.exists() and len(list(kept.glob("*/*.so"))) == 1


def test_a_text_that_is_refused_gives_the_first_complaint(kept: Path) -> None:
    with pytest.raises(NetcError) as caught:
        build.load("int answer(void) { return nothing; }\n")
    worded = caught.value.problems[0].diagnose()
    assert worded.code == "R419" and "nothing" in worded.message and "\n" not in worded.message
    assert not list(kept.glob("building-*"))


def test_a_compiler_that_takes_too_long_is_ended(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import dataclasses

    slow = dataclasses.replace(build.require(), command=("sh", "-c", "sleep 30"))
    monkeypatch.setattr(toolchain, "find", lambda: slow)
    monkeypatch.setattr(build, "_PATIENCE", 0.3)
    with pytest.raises(NetcError) as caught:
        build.load(SOURCE)
    assert "it took longer than 0.3 seconds" in caught.value.problems[0].diagnose().message


def test_nothing_of_the_text_reaches_the_command_line(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    start = subprocess.Popen

    def watched(command, **settings):
        seen.append(command)
        return start(command, **settings)

    monkeypatch.setattr(build.subprocess, "Popen", watched)
    assert isinstance(build.load("int secret_name(void) { return 1; }"), ctypes.CDLL)
    assert len(seen) == 2 and not any("secret" in word for command in seen for word in command)


def test_what_others_build_and_remove_is_not_looked_into(kept: Path) -> None:
    path = Path(build.load(SOURCE)._name)
    place = kept / "building-elsewhere"
    place.mkdir()
    (place / "step.so").write_bytes(b"unfinished")
    assert cache.size() == path.stat().st_size
