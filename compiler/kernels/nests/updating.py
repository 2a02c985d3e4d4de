"""An optimiser's update as C: one loop over the flat blocks that loads, works out and stores each parameter once."""

from __future__ import annotations

from collections.abc import Container

from netc.compiler.kernels.language.text import Scalars
from netc.compiler.settings import Update
from netc.compiler.statements.expressions import Expr, Read
from netc.compiler.statements.print import expression

_RUN = """static void update_run(struct update *u, int id, int threads) {
    const long from = update_part(u, id, threads), to = update_part(u, id + 1, threads);
    const real clip = u->clip < (double)INFINITY ? update_clip(u, from, to, id, threads) : 1;
    if (u->scale) update_each(u, from, to, clip, 1);
    else update_each(u, from, to, clip, 0);
    if (u->limited) team_barrier(threads), update_limit(u, id, threads);
}"""


class _Named(Scalars):
    """Every number is a variable of its own name; those that are `shared` are the same for all parameters."""

    def __init__(self, shared: Container[str]) -> None:
        self.shared = shared

    def repeats(self, divisor: Expr) -> bool:
        return isinstance(divisor, Read) and divisor.variable.name in self.shared

    def read(self, r: Read) -> str:
        return r.variable.name


def print_update(update: Update) -> str:
    """`update_each`, the rule of one optimiser for a part of the parameters, and `update_run`, all that follows a step."""
    printer = _Named(update.shared)
    slots = update.slots
    own = dict.fromkeys(a.target for a in update.assignments if a.target not in ("p", "g", *slots))
    stored = "".join(f", {s}_[i] = {s}" for s in slots)
    lines = [
        "INLINE void update_each(const struct update *u, long from, long to, real clip, int scaled) {",
        "    real *const p_ = u->parameters, *const g_ = u->gradients" + "".join(f", *const {s}_ = u->slots[{k}]" for k, s in enumerate(slots)) + ";",
        "    const real *const scale_ = u->scale, rate_ = (real)u->rate, most = (real)u->clip_value;",
        *(f"    const real {name} = (real)u->shared[{k}]; // {expression(e)}" for k, (name, e) in enumerate(update.shared.items())),
        "    INDEPENDENT",
        "    for (long i = from; i < to; i++) {",
        "        const real factor = scaled ? scale_[i] : 1, rate = rate_ * factor;",
        "        real p = p_[i], g = update_gradient(g_[i], factor, most) * clip" + "".join(f", {s} = {s}_[i]" for s in slots) + ";",
        *([f"        real {', '.join(own)};"] if own else []),
        *(f"        {a.target} = {printer.expression(a.value)};" for a in update.assignments),
        f"        p_[i] = p{stored};",
        "    }",
        "}",
        _RUN,
    ]
    return "\n".join(lines)
