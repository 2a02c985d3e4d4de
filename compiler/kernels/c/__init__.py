"""The C text in front of every generated step: vectors, scalar functions, products, threads, random numbers.

Standard C11 with the vector types that GCC and Clang share; it needs the C library, its mathematics and POSIX threads,
nothing else. The text travels inside the one file a net becomes, so the C compiler sees everything at once.
"""

from importlib.resources import files

PARTS = ("machine.h", "scalar.h", "gemm.h", "contract.h", "within.h", "team.h", "random.h", "indices.h", "update.h")


def header(bits: int = 32, strict: bool = False) -> str:
    """The text to put in front of generated code that computes in `bits` bits; `strict` takes the C library's functions."""
    lines = [f"#define REAL_BITS {bits}"] + ["#define STRICT 1"] * strict
    return "\n".join([*lines, *((files(__name__) / part).read_text(encoding="utf-8") for part in PARTS)])
