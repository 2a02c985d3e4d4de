"""The C text that generated steps are made with: vectors, scalar functions, products, threads, random numbers.

Standard C11 with the vector types that GCC and Clang share; it needs the C library, its mathematics and POSIX threads,
nothing else. What is small travels inside the one file that a step is, so the C compiler sees it with its uses. Products
are large and always the same: a file of their own, compiled once for a machine and linked to every step.
"""

from importlib.resources import files

HEADER = ("machine.h", "products.h", "scalar.h", "team.h", "random.h", "indices.h", "update.h")
PRODUCTS = ("gemm.c", "contract.c", "within.c")


def header(bits: int = 32, strict: bool = False) -> str:
    """The text to put in front of generated code that computes in `bits` bits; `strict` takes the C library's functions."""
    lines = [f"#define REAL_BITS {bits}"] + ["#define STRICT 1"] * strict
    return "\n".join([*lines, *map(_text, HEADER)])


def products(bits: int = 32) -> str:
    """The file of the products."""
    return "\n".join([f"#define REAL_BITS {bits}", _text("machine.h"), _text("products.h"), definitions()])


def definitions() -> str:
    """The products alone: behind a step they make its file whole."""
    return "\n".join(map(_text, PRODUCTS))


def _text(name: str) -> str:
    return (files(__name__) / name).read_text(encoding="utf-8")
