"""Which recurrences have an order, which have none, and that a schedule keeps what it promises."""

import netc
import pytest
from netc.compiler.pipeline import Compiled, Request
from netc.compiler.rewrites import Wanted
from netc.compiler.schedule import Scan, Schedule
from netc.compiler.schedule.describe import outline
from netc.compiler.schedule.verify import verify_schedule
from netc.compiler.statements.expressions import Kind
from netc.compiler.statements.verify import verify

ONE = "net N:\n    input x: real[1..T]\n"
GRID = "net N:\n    input x: real[1..S, 1..T]\n"
ORDERED = {
    "two steps back": ONE + "    h[0] = 0\n    h[-1] = 1\n    h[t] = tanh(x[t] + 0.5 * h[t-1] - 0.2 * h[t-2])\n    loss l = h[T]\n",
    "two variables": ONE + "    a[0] = 0\n    b[0] = 0\n    a[t] = tanh(x[t] + b[t-1])\n    b[t] = tanh(x[t] + a[t])\n    loss l = b[T]\n",
    "two axes": GRID + "    h[0, j] = 0\n    h[i, 0] = 0\n    h[i, j] = tanh(x[i, j] + h[i-1, j] - h[i, j-1])\n    loss l = h[S, T]\n",
    "earlier points, summed": ONE + "    h[t] = tanh(x[t] + 0.2 * sum[s < t](h[s]))\n    loss l = h[T]\n",
    "earlier points, attended to": ONE
    + "    a[t, s] = softmax[s < t](x[t] * h[s])\n    h[t in 1..T] = tanh(x[t] + 0.2 * sum[s in 1..T](a[t, s] * h[s]))\n    loss l = h[T]\n",
    "down and backwards": GRID + "    h[0, j] = 0\n    h[i, T+1] = 0\n    h[i, j] = tanh(x[i, j] + h[i-1, j] - h[i, j+1])\n    loss l = h[S, 1]\n",
}
REFUSED = {
    "same point": (ONE + "    h[0] = 0\n    h[t] = x[t] + g[t] + h[t-1]\n    g[t] = 2 * h[t]\n", "E0502"),
    "all points": (ONE + "    h[t in 1..T] = x[t] + sum[s in 1..T](h[s])\n", "E0502"),
    "through a layer": (ONE + "    c[0] = 0\n    c[t in 1..T] = sum(Dense(3)([c[t]; x[t]]))\n", "E0502"),
    "both ways": (ONE + "    h[0] = 0\n    h[T+1] = 0\n    h[t] = x[t] + h[t-1] + h[t+1]\n", "E0503"),
    "both ways by two": (ONE + "    f[0] = 0\n    b[T+1] = 0\n    f[t] = x[t] + f[t-1] + b[t]\n    b[t] = b[t+1] + f[t-1]\n", "E0503"),
    "a softmax along it": (ONE + "    d[0] = 0\n    a[t] = softmax[t](d[t-1] + x[t])\n    d[t] = a[t] * x[t]\n", "E0504"),
    "no beginning": (ONE + "    h[t] = x[t] + h[t-1]\n", "E0313"),
}


def compiled(text: str) -> Compiled:
    spec = netc.parse(text)
    elaborated = spec.session.elaborate(spec.net)
    assert elaborated is not None
    inputs = tuple(v.name for v in elaborated.leaves(Kind.INPUT))
    return spec.session.compile(spec.net, Request(True, Wanted(), inputs))


@pytest.mark.parametrize("text", ORDERED.values(), ids=ORDERED)
def test_an_order_is_found_and_kept(text: str) -> None:
    assert netc.parse(text).check().ok
    found = compiled(text)
    verify(found.program)
    verify_schedule(found.program, found.schedule)
    assert netc.gradcheck(netc.parse(text)).worst < 1e-8


@pytest.mark.parametrize(("text", "code"), REFUSED.values(), ids=REFUSED)
def test_what_has_no_order_is_refused_by_check(text: str, code: str) -> None:
    assert code in [p.code for p in netc.parse(text).check().problems]


def test_a_net_is_checked_though_another_one_fails() -> None:
    text = "\n".join(text.replace("net N", f"net N{k}") for k, (text, _) in enumerate(REFUSED.values()))
    spec = netc.parse(text)
    for net in spec.nets:
        spec[net].check()
    assert [p.code for p in spec.session.problems if p.code != "W0313"] == [code for _, code in REFUSED.values()]


def test_a_schedule_out_of_order_is_a_breach() -> None:
    found = compiled(ORDERED["two variables"])
    with pytest.raises(ValueError, match="read before it is written"):
        verify_schedule(found.program, Schedule(tuple(reversed(found.schedule.items))))
    with pytest.raises(ValueError, match="differ in their statements"):
        verify_schedule(found.program, Schedule(found.schedule.items[1:]))
    turned = tuple(Scan(i.index, i.axis, not i.forward, i.body) if isinstance(i, Scan) else i for i in found.schedule.items)
    with pytest.raises(ValueError, match="read before it is written"):
        verify_schedule(found.program, Schedule(turned))


def test_an_outline_names_axes_and_directions() -> None:
    lines = outline(compiled(ORDERED["down and backwards"]).schedule).splitlines()
    assert [line.split("   ")[0].rstrip() for line in lines if " = " in line] == [
        "i = 1..S forward", "  j = 1..T backward", "i = 1..S backward", "  j = 1..T forward",
    ]  # fmt: skip
