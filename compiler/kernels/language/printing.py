"""A kernel as the text of one C file."""

from __future__ import annotations

import re
from collections.abc import Sequence

from netc.compiler.kernels.c import header
from netc.compiler.kernels.language.sizes import Names
from netc.compiler.kernels.language.storage import TILE, TILES, Place


def print_kernel(
    functions: Sequence[str], texts: Sequence[str], used: Sequence[Sequence[Place]], pointers: Sequence[Place], sizes: Names, bits: int,
    update: str = "", loss: Place | None = None,
) -> str:  # fmt: skip
    """The C file: the runtime, the nests, a function for each phase with the places it uses, and `step`, which runs them.

    Behind them stands the text of an update, if there is one, for a step whose `loss` is a number.
    """
    parts = [header(bits)]
    names = [TILE, *sizes.given]
    parts.append("struct step { void *const *at; const uint64_t *keys; struct update *update; " + " ".join(f"long {n};" for n in ("own", *names, *sizes.derived, TILES)) + " };")
    parts += functions
    number_of = {p: k for k, p in enumerate(pointers)}
    for n, (text, places) in enumerate(zip(texts, used, strict=True)):
        words = set(re.findall(r"\w+", text))
        lines = [f"static void phase{n}(const struct step *s, int id, int threads) {{"]
        for name in (*names, *sizes.derived, TILES):
            if name in words:
                lines.append(f"    const long {name} = s->{name};")
        for p in places:
            kind, at = "int" if p.integer else "real", f"s->at[{number_of[p]}]"
            lines.append(f"    {kind} *const {p.name} = " + (f"({kind} *)((char *){at} + id * s->own);" if p.own else f"{at};"))
        lines += ["    (void)s, (void)id, (void)threads;", text, "}"]
        parts.append("\n".join(lines))
    calls = []
    for n in range(len(texts)):
        calls += [f"    phase{n}(context, id, threads);"] + (["    team_barrier(threads);"] if n + 1 < len(texts) else [])
    if loss is not None:
        parts.append(update)
        calls += [
            "    const struct step *s = context;",
            "    if (!s->update) return;",
            "    team_barrier(threads);",
            f"    if (isfinite(*(const real *)s->at[{number_of[loss]}])) update_run(s->update, id, threads);",
        ]
    parts.append("\n".join(["static void whole(int id, int threads, void *context) {", *calls, "}"]))
    start = ["void step(void *const *at, const long *sizes, const uint64_t *keys, int threads, struct update *update) {"]
    start.append("    struct step s = {.at = at, .keys = keys, .update = update};")
    start.append("    s.own = sizes[0];")
    for k, name in enumerate(names, 1):
        start += [f"    const long {name} = s.{name} = sizes[{k}];", f"    (void){name};"]
    for name, (whole, divisor) in sizes.derived.items():
        start += [f"    const long {name} = s.{name} = floor_divide({whole}, {divisor});", f"    (void){name};"]
    start += [f"    s.{TILES} = (batch + {TILE} - 1) / {TILE};", "    team_run(whole, threads, &s);", "}"]
    parts.append("\n".join(start))
    return "\n".join(parts) + "\n"
