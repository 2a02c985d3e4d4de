"""Differentiating twice gives the derivative of the gradient: Hessian times direction against differences of gradients."""

from __future__ import annotations

import netc
import numpy as np
import pytest
from netc.compiler.gradients import differentiate
from netc.compiler.pipeline import Request
from netc.compiler.plan import Sizes, make_plan
from netc.compiler.rewrites import Wanted
from netc.compiler.schedule import schedule
from netc.compiler.statements.expressions import Apply, Expr, Index, Kind, Read, Variable, affine
from netc.compiler.statements.program import Operation, Program, Statement
from netc.runtime.backends.backend import Bound, make_blocks
from netc.runtime.backends.numpy import NumpyBackend

NETS = {
    "dense": "y = Dense(3, act=tanh)(x)\n    loss l = sum(y^3)",
    "products": "param W[4, 4] init glorot\n    y = W @ (W @ x)\n    loss l = sum(sigmoid(y) * y)",
    "softmax": "y = Dense(4)(x)\n    loss l = sum(softmax(y) * y)",
    "logsumexp": "y = Dense(4)(x)\n    loss l = log(1 + sum(exp(y)))^2",
    "likelihood": "k ~ softmax(x -> Dense(5, act=tanh) -> Dense(3))",
    "convolution": "m[c in 0..1, i in 0..1, j in 0..1] = x[2*i + j] * (c + 1)\n    y = m -> Conv(2, 2, act=tanh)\n    loss l = sum(y^2)",
    "window maximum": "y = Dense(6)(x)\n    z[i] = max[u in 0..1](y[2*i + u])\n    loss l = sum(z^3)",
    "embedding": "e = Embedding(3)(k)\n    h = Dense(3)(e)\n    loss l = sum(h^2 * e)",
    "batch statistics": "h = x -> Dense(3) -> BatchNorm()\n    loss l = sum(h^3)",
    "layer norm": "h = x -> Dense(4) -> LayerNorm()\n    loss l = sum(h^3)",
    "recurrence": "param W[3, 3] init glorot\n    param v[3] init normal(0, 1)\n    h[0] = 0\n    h[t in 1..4] = tanh(W @ h[t-1] + x[t-1] * v)\n    loss l = sum[t, i](h[t, i]^3)",
    "gated recurrence": "param W[3, 3], U[3, 3] init glorot\n    param v[3] init normal(0, 1)\n    h[0] = 0\n    gate z[t in 1..4] = sigmoid(U @ h[t-1])\n    h[t in 1..4] = z[t] * tanh(W @ h[t-1] + x[t-1] * v) + (1 - z[t]) * h[t-1]\n    loss l = sum(h[4]^3)",
    "recurrence of a number of its own": "param w init 0.7\n    h[0] = 0.5\n    h[t in 1..2] = tanh(w * h[t-1])\n    loss l = h[2] + 0 * x[0]",
    "recurrence from the end": "param w, u init 0.7\n    b[5] = 0\n    b[t in 1..4] = tanh(w * b[t+1] + u * x[t-1])\n    loss l = sum[t in 1..4](b[t]^3)",
    "join": "h = Dense(3)(x)\n    z = [h; h^2]\n    loss l = sum(z * z * z)",
}


HEADER = "net N:\n    input x: real[4]\n    input k: class(3)\n    "


def curvature(program: Program, wrt: list[Variable]) -> tuple[Program, dict[str, Variable]]:
    """The program whose loss is the gradient times a direction, differentiated."""
    directions = {v.name: Variable(f"direction {v.name}", v.axes, Kind.CONSTANT) for v in wrt}
    statements: list[Statement] = list(program.statements)
    terms: list[Expr] = []
    for v in wrt:
        indices = tuple(Index(f"k{k}", a) for k, a in enumerate(v.axes))
        place = tuple(map(affine, indices))
        term = Variable(f"slope {v.name}", ())
        product = Apply("*", (Read(program.gradients[v], place), Read(directions[v.name], place)))
        statements.append(Statement(term, (), (), product, Operation.SUM if indices else Operation.MAP, indices))
        terms.append(Read(term))
    total = terms[0]
    for t in terms[1:]:
        total = Apply("+", (total, t))
    slope = Variable("slope", ())
    statements.append(Statement(slope, (), (), total))
    first = Program(tuple(statements), loss=slope, primal=program.primal)
    return differentiate(first, wrt), directions


@pytest.mark.parametrize("name", NETS)
def test_hessian_times_direction(name: str) -> None:
    rng = np.random.default_rng(3)
    spec = netc.parse(HEADER + NETS[name] + "\n")
    net = spec.build(dtype="float64")
    compiled = spec.session.compile("N", Request(True, Wanted(updates=False), tuple(net.params)), net.per)
    wrt = [v for v in compiled.program.gradients if v.kind is Kind.PARAMETER]
    program, directions = curvature(compiled.program, wrt)
    parameters, states = compiled.elaborated.leaves(Kind.PARAMETER), compiled.elaborated.leaves(Kind.STATE)
    plan = make_plan(schedule(program), program, Sizes(5), "float64", parameters, states)
    backend = NumpyBackend()
    blocks = make_blocks(np, parameters, states, "float64")
    blocks.parameters[:] = net.parameters_flat
    blocks.states[:] = net.state_flat
    bound = Bound(plan, blocks, backend)
    inputs = {"x": rng.standard_normal((5, 4)), "k": rng.integers(0, 3, 5)}
    for n, array in bound.inputs.items():
        array[...] = inputs[n]
    move = {v.name: rng.standard_normal(tuple(a.points() for a in v.axes)) for v in wrt}
    for n, v in directions.items():
        if v in plan.operands:
            bound.write(v, move[n])
    bound.run()
    found = {v.name: bound.read(g) for v, g in program.gradients.items()}

    start = {n: net.params.exact(n) for n in move}
    best = np.inf
    for step in (1e-4, 1e-5, 1e-6):
        sides = []
        for sign in (1, -1):
            for n, x in start.items():
                net.params[n] = x + sign * step * move[n]
            sides.append(net.gradient(inputs).params)
        expected = {n: (sides[0][n] - sides[1][n]) / (2 * step) for n in move}
        scale = max(float(np.abs(e).max()) for e in expected.values())
        best = min(best, max(float(np.abs(found[n] - expected[n]).max()) for n in move) / scale)
    assert best <= 1e-7
