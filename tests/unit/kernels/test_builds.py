"""The text compiles without a warning for every processor and compiler at hand, and does nothing undefined."""

from __future__ import annotations

import itertools
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from netc.compiler.kernels.c import definitions, header, products
from netc.runtime.backends.native import toolchain
from netc.runtime.backends.native.toolchain import NoToolchain

HERE = Path(__file__).parent
EXPORTS = (HERE / "exports.c").read_text(encoding="utf-8")
CHECKED = """
#include <stdlib.h>
static real *block(long n) { /* exactly as large as needed: what lies beyond is found out */
    real *p = malloc((size_t)(n > 0 ? n : 1) * sizeof(real));
    for (long i = 0; i < n; i++) p[i] = (real)(i % 7) - 3;
    return p;
}
int main(void) {
    static const long sizes[] = {0, 1, 2, 3, 5, 13, 16, 17, 31, 33, 64, 129, 261};
    enum { COUNT = sizeof sizes / sizeof *sizes };
    real *buffer = block(GEMM_BUFFER);
    for (int m = 0; m < COUNT; m++) for (int n = 0; n < COUNT; n++) for (int k = 0; k < COUNT; k += 2) {
        long M = sizes[m], N = sizes[n], K = sizes[k];
        real *a = block(M * K), *b = block(K * N), *c = block(M * N), *p = block(packed_size(K, N));
        for (int way = 0; way < 8; way++) {
            long ars = way & 1 ? 1 : K, acs = way & 1 ? M : 1, brs = way & 2 ? 1 : N, bcs = way & 2 ? K : 1;
            long crs = way & 4 ? 1 : N, ccs = way & 4 ? M : 1;
            gemm(M, N, K, a, ars, acs, b, brs, bcs, c, crs, ccs, way & 1, buffer);
            for (int part = 0; part < 2; part++) pack(K, N, b, brs, bcs, p, part, 2);
            gemm_packed(M, N, K, a, ars, acs, p, c, crs, ccs, way & 2);
        }
        free(a); free(b); free(c); free(p);
    }
    real numbers[100], results[100];
    for (int i = 0; i < 100; i++) numbers[i] = (real)(i - 50) * (real)0.7;
    all_exp(100, numbers, results), all_tanh(100, numbers, results), all_sin(100, numbers, results), all_log(100, numbers, results);
    draw_normal(results, 99, 5, 0, 99), draw_uniform(results, 99, 5, 0, 99);
    free(buffer);
    return count(3, 100) != 300;
}
"""


def _ways() -> list[Any]:
    """Each processor with each precision and with each way to sum; the other half of the pairs is left to `-m whole`."""
    ways = list(itertools.product(("native", "x86-64", "haswell", "skylake-avx512"), (False, True), (32, 64)))
    often = [way for k, way in enumerate(ways) if (k // 4 + k // 2 + k) % 2]
    return [pytest.param(*way, marks=() if way in often else pytest.mark.whole) for way in ways]


def compilers() -> list[tuple[str, ...]]:
    zig = [(sys.executable, "-m", "ziglang", "cc")] if find_spec("ziglang") else []
    return [*((name,) for name in ("gcc", "clang") if which(name)), *zig]


def needs_one() -> None:
    if not compilers():
        pytest.skip("no C compiler")


@pytest.mark.parametrize(("target", "strict", "bits"), _ways())
def test_there_is_no_warning(target: str, strict: bool, bits: int, tmp_path: Path) -> None:
    needs_one()
    made = str(tmp_path / "step.o")
    found = toolchain.find()
    if target != "native" and (isinstance(found, NoToolchain) or "__x86_64__" not in found.macros):
        pytest.skip("not a machine of this family")
    for command in compilers():
        for text in (
            header(bits, strict),
            products(bits),
            header(bits, strict) + definitions() + EXPORTS,
        ):  # alone: nothing that is not used is warned of
            named = target.replace("-", "_") if "ziglang" in command else target  # zig's own spelling
            flags = (
                "-std=gnu11",
                "-O2",
                "-Wall",
                "-Wextra",
                "-Wno-unknown-pragmas" if strict else "-fopenmp-simd",  # strict sums keep their order
                "-Werror",
                f"-march={named}",
                "-c",
                "-x",
                "c",
                "-",
                "-o",
                made,
            )
            done = subprocess.run([*command, *flags], input=text.encode(), capture_output=True)
            assert done.returncode == 0, (command, done.stderr.decode()[:2000])


@pytest.mark.parametrize("bits", [32, 64])
def test_sanitizers_find_nothing(bits: int, tmp_path: Path) -> None:
    needs_one()
    program = tmp_path / "checked"
    flags = (
        "-std=gnu11",
        "-O1",
        "-g",
        "-march=native",
        "-fsanitize=address,undefined",
        "-fno-sanitize-recover=all",
        "-pthread",
    )
    source = (header(bits) + definitions() + EXPORTS + CHECKED).encode()
    done = subprocess.run(
        [*compilers()[0], *flags, "-x", "c", "-", "-o", str(program), "-lm"], input=source, capture_output=True
    )
    if b"cannot find" in done.stderr or b"asan" in done.stderr.lower() and done.returncode:
        pytest.skip("this compiler comes without its sanitizers")
    assert done.returncode == 0, done.stderr.decode()[:2000]
    ran = subprocess.run([str(program)], capture_output=True, timeout=300)
    assert ran.returncode == 0, ran.stderr.decode()[:3000]


def test_zig_builds_a_library_that_works(tmp_path: Path, compiled) -> None:
    if find_spec("ziglang") is None:
        pytest.skip("the package ziglang is not installed")
    import ctypes

    found = toolchain._ask((sys.executable, "-m", "ziglang", "cc"))
    assert not isinstance(found, NoToolchain), found
    assert "clang" in replace(found).version
    made = tmp_path / "step.so"
    compiled(found, header(32) + definitions() + EXPORTS, False, made)
    assert ctypes.CDLL(str(made)).count(2, ctypes.c_long(100)) == 200
