"""`check --plan` names what has no fast form."""

import netc
import pytest
from netc.compiler.pipeline import Request
from netc.compiler.plan import Sizes, make_plan
from netc.compiler.plan.describe import general_path
from netc.compiler.rewrites import Wanted

HEAD = "net N:\n    input x: real[1..T, 3]\n    input w: class(3)[1..T]\n    param p[3] init 1\n    param E[3, 3] init 1\n"


def found(body: str) -> dict[str, tuple[str, ...]]:
    session = netc.parse(HEAD + "".join(f"    {line}\n" for line in body.split("\n"))).session
    compiled = session.compile("N", Request(True, Wanted(), ("p", "E")))
    return general_path(make_plan(compiled.schedule, compiled.program, Sizes(2, {"T": 4}), "float32"))


@pytest.mark.parametrize(
    "body",
    ["z[t] = E @ x[t]\nw[t] ~ softmax(z[t])", "h[0] = 0\nh[t] = tanh(E @ h[t-1] + x[t])\nw[t] ~ softmax(h[t])", "e[t] = E[w[t]]\nw[t] ~ softmax(e[t] + x[t])"],
    ids=["dense", "recurrent", "symbols"],
)
def test_usual_nets_have_nothing_to_report(body: str) -> None:
    assert found(body) == {}


def test_what_has_no_fast_form_is_named_with_the_reason() -> None:
    assert found("s[t] = E[w[t], w[t]]\nloss l = sum(s)^2") == {
        "points picked by several data at once": ("s",),
        "added one by one to points that data pick": ("dE",),
    }
    assert found("q[t] = sum[k](x[t, k] * x[t, 2 - k])\nloss l = sum(q) + 0 * sum(p) + 0 * sum(E)") == {"a sum that is no matrix product": ("q",)}
