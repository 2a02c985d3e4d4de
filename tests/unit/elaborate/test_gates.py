"""Gates are proved to lie within 0 and 1; one that reads its own earlier values by induction."""

import pytest
from netc.compiler.checking import check_text

TRACE = """net N:
    input x: real[1..T, 3]
    input y: class(2)
    param W[4, 3] init glorot
    k[0] = {}
    gate k[t] = 0.9 * k[t-1] + {} * sigmoid(W @ x[t])
    y ~ softmax(Dense(2)(k[T]))
"""


@pytest.mark.parametrize(("first", "rate", "line"), [("0", "0.1", None), ("1", "0.1", None), ("2", "0.1", 5), ("0", "0.2", 6)])
def test_a_gate_that_is_a_trace_is_proved_from_its_boundary_on(first: str, rate: str, line: int | None) -> None:
    told = [(p.code, p.span.line) for p in check_text(TRACE.format(first, rate))]
    assert told == ([] if line is None else [("E0401", line)])
