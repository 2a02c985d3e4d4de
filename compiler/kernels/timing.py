"""A kernel's text that keeps the time: how long the first thread is at each nest, at the barriers and at the update."""

from __future__ import annotations

import re

from netc.compiler.kernels.binding import Kernel

_CALL = re.compile(r"(?m)^( +)(nest\d+\(s, id, threads.*\));$")
_CLOCK = """#include <time.h>

static uint64_t spent[{count}]; /* nanoseconds of the first thread: for each nest, at barriers, in the update */
const uint64_t *step_spent(void) {{ return spent; }}
INLINE uint64_t nanoseconds(void) {{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}}
#define TIMED(k, ...)                              \\
    do {{                                           \\
        uint64_t begun = id ? 0 : nanoseconds();   \\
        __VA_ARGS__;                               \\
        if (!id) spent[k] += nanoseconds() - begun; \\
    }} while (0)

"""


def timed(kernel: Kernel) -> str:
    """`step_spent()` gives one number for each of `kernel.works`, then the waiting, then the update: sums over all steps."""
    nests = len(kernel.works)
    front, begin, rest = kernel.source.partition("static void phase0(")
    numbers = iter(range(nests))
    body = _CALL.sub(lambda m: f"{m[1]}TIMED({next(numbers)}, {m[2]});", begin + rest)
    assert next(numbers, None) is None, "every nest is called once"
    phases, whole, ends = body.partition("static void whole(")
    ends = ends.replace("team_barrier(threads);", f"TIMED({nests}, team_barrier(threads));")
    ends = re.sub(r"update_run\(.*\);", lambda m: f"TIMED({nests + 1}, {m[0][:-1]});", ends)
    return front + _CLOCK.format(count=nests + 2) + phases + whole + ends
