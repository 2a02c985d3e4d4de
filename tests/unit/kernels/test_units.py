"""Which work threads share, and where they wait for each other."""

from __future__ import annotations

import re

import netc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from netc.compiler.kernels import Kernel, Kernels
from netc.compiler.kernels.sharing.units import Clear, Share, Unit, in_phases
from netc.compiler.pipeline import Request
from netc.compiler.plan.model import Sizes
from netc.compiler.rewrites import Wanted
from netc.compiler.statements.expressions import Kind, Type, Variable

A, B, C, D = (Variable(name, (), type=Type.REAL, per_sample=True, kind=Kind.TEMPORARY) for name in "abcd")


def unit(share: Share, reads: str = "", writes: str = "") -> Unit:
    by_name = {v.name: v for v in (A, B, C, D)}
    return Unit(Clear(A, 0), share, frozenset(by_name[n] for n in reads), frozenset(by_name[n] for n in writes))


def order(*units: Unit) -> list[list[int]]:
    return [[units.index(u) for u in phase] for phase in in_phases(units)]


def test_a_thread_goes_on_with_its_own_samples() -> None:
    assert order(unit(Share.SAMPLES, "", "a"), unit(Share.SAMPLES, "a", "b")) == [[0, 1]]


def test_what_others_wrote_is_read_after_a_barrier() -> None:
    assert order(unit(Share.SAMPLES, "", "a"), unit(Share.PARTS, "a", "b")) == [[0], [1]]
    assert order(unit(Share.PARTS, "", "a"), unit(Share.PARTS, "a", "b")) == [[0], [1]]
    assert order(unit(Share.ONE, "", "a"), unit(Share.SAMPLES, "a", "b")) == [[0], [1]]


def test_what_others_read_is_written_after_a_barrier() -> None:
    assert order(unit(Share.SAMPLES, "a", "b"), unit(Share.ONE, "c", "a")) == [[0], [1]]


def test_one_barrier_serves_all_that_waits() -> None:
    units = unit(Share.SAMPLES, "", "a"), unit(Share.PARTS, "a", "b"), unit(Share.SAMPLES, "", "c")
    assert order(*units) == [[0, 2], [1]]


def test_samples_wait_where_that_costs_no_barrier() -> None:
    """What thread 0 wrote is read by the second unit: with the first behind the barrier too, a tile goes through both at once."""
    units = unit(Share.ONE, "", "a"), unit(Share.SAMPLES, "", "b"), unit(Share.SAMPLES, "ab", "c")
    assert order(*units) == [[0], [1, 2]]
    behind = unit(Share.PARTS, "c", "d")
    assert order(*units, behind) == [[0], [1, 2], [3]]


def test_samples_do_not_wait_where_that_costs_a_barrier() -> None:
    units = unit(Share.ONE, "", "a"), unit(Share.SAMPLES, "", "b"), unit(Share.PARTS, "b", "c"), unit(Share.SAMPLES, "ac", "d")
    assert order(*units) == [[0, 1], [2], [3]]


def test_the_order_of_what_depends_is_kept() -> None:
    units = unit(Share.SAMPLES, "", "a"), unit(Share.SAMPLES, "a", "b"), unit(Share.SAMPLES, "b", "a")
    assert order(*units) == [[0, 1, 2]]


@given(st.lists(st.tuples(st.sampled_from(Share), st.sets(st.sampled_from("abc")), st.sets(st.sampled_from("abc"), min_size=1)), max_size=9))
def test_between_barriers_nobody_meets_what_others_do(shapes: list[tuple[Share, set[str], set[str]]]) -> None:
    units = [unit(share, "".join(reads), "".join(writes)) for share, reads, writes in shapes]
    phases = in_phases(units)
    assert sorted(units.index(u) for phase in phases for u in phase) == list(range(len(units)))
    done = [u for phase in phases for u in phase]
    for k, u in enumerate(units):
        for v in units[:k]:
            if u.writes & (v.reads | v.writes) or u.reads & v.writes:
                assert done.index(v) < done.index(u)
    for phase in phases:
        for k, u in enumerate(phase):
            for v in phase[:k]:
                apart = u.share is not v.share or u.share is Share.PARTS
                assert not apart or not (u.writes & (v.reads | v.writes) or u.reads & v.writes)


def kernel(text: str, gradients: bool = True, names: tuple[str, ...] = ()) -> Kernel:
    spec = netc.parse(text)
    assert spec.check().ok
    elaborated = spec.session.elaborate(spec.net)
    assert elaborated is not None
    leaves = elaborated.leaves(Kind.PARAMETER), elaborated.leaves(Kind.STATE)
    wanted = Wanted(elaborated.loss is not None, False, False, False, False, names)
    compiled = spec.session.compile(spec.net, Request(True, wanted, tuple(v.name for v in leaves[0]) if gradients else ()))
    return Kernels(compiled.schedule, compiled.program, "float32", *leaves).at(Sizes(32, dict.fromkeys(spec.lengths, 7)), 2)


STEP = "net N:\n    input x: real[4]\n    param W[3, 4], b[3]\n    z = tanh(W @ x + b)\n    loss l = sum(z^2)\n"


def test_a_step_has_few_barriers() -> None:
    """Forward and backward by samples, then the gradients of the weights over all samples."""
    assert kernel(STEP).source.count("team_barrier(threads);\n    phase") <= 2


def test_a_result_that_is_wanted_has_memory_and_others_have_none() -> None:
    text = "net N:\n    input x: real[5]\n    a[i] = 2 * x[i]\n    b[i] = a[i] + 1\n    c[i] = b[i]^2\n"
    alone = {b.name for b in kernel(text, names=("c",)).pointers}
    both = {b.name for b in kernel(text, names=("a", "c")).pointers}
    assert alone == {"x", "c"}
    assert both == {"x", "a", "c"}


@pytest.mark.parametrize("operation", ["exp(a[i]) * a[i]", "max(a[i], 0) + a[i]"])
def test_statements_at_the_same_point_share_a_loop(operation: str) -> None:
    text = f"net N:\n    input x: real[5]\n    a[i] = tanh(x[i])\n    b[i] = {operation}\n"
    source = kernel(text, names=("a", "b")).source
    body = source[source.index("struct step") :]
    loops = re.findall(r"for \(long (i_\w+) = 0; \1 <= 4;", body)
    assert len(loops) == 1


def test_what_needs_another_point_has_a_loop_of_its_own() -> None:
    text = "net N:\n    input x: real[5]\n    a[i] = tanh(x[i])\n    b[i] = a[4 - i]\n"
    source = kernel(text, names=("a", "b")).source
    body = source[source.index("struct step") :]
    assert len(re.findall(r"for \(long (i_\w+) = 0; \1 <= 4;", body)) == 2


def test_the_same_step_has_the_same_text() -> None:
    assert kernel(STEP).source == kernel(STEP).source


def test_draws_stand_in_the_order_of_the_statements() -> None:
    text = "net N:\n    input x: real[3]\n    a = x -> Dropout(0.5)\n    b[i] = draw(normal(a[i], 1))\n"
    assert [v.name for v in kernel(text, names=("b",)).draws] == ["a.Dropout.draw", "b.draw"]


WORDS = "net N:\n    input w: class(9)[1..T]\n    param E[9, 4], P[9, 4], W[9, 4]\n"


def test_a_picked_row_that_is_used_point_by_point_is_not_copied() -> None:
    text = WORDS + "    z[t] = tanh(E[w[t]]) * P[w[t]]\n    y[t] = W @ z[t]\n    w[t+1] ~ softmax(y[t])\n"
    assert "] = gather E[" not in kernel(text, gradients=False).source


def test_what_is_added_where_the_data_say_is_shared_among_the_threads() -> None:
    source = kernel(WORDS + "    y[t] = W @ tanh(E[w[t]])\n    w[t+1] ~ softmax(y[t])\n").source
    nests = [n for n in source.split("NEST void") if " by symbol[w[t], r0] += scatter" in n]
    assert len(nests) == 1 and "* id / threads" in nests[0] and "if (id == 0)" not in nests[0]


def test_each_thread_sums_the_gradients_of_weights_of_its_own_sequences() -> None:
    head = "net N:\n    input x: real[1..T, 4]\n    param W[64, 4], V[4, 64]\n"
    body = "    z[t] = V @ tanh(W @ {of}[t])\n    loss l = sum[t](z[t] @ z[t])\n"
    loop = "    h[0] = 0\n    h[t] = tanh(x[t] + h[t-1])\n"
    assert "_of_each_thread" in kernel(head + body.format(of="x")).source
    assert "_of_each_thread" not in kernel(head + loop + body.format(of="h")).source
