"""What is computed only to be put beside others is computed there."""

from netc.compiler.rewrites.write_in_place import write_in_place
from netc.compiler.statements.domains import Domain
from netc.compiler.statements.expressions import Apply, Index, Read, Variable, affine
from netc.compiler.statements.print import program
from netc.compiler.statements.program import Program, Statement


def part(name: str, size: int = 3) -> tuple[Variable, Statement]:
    """A temporary of its own, computed from a variable `x`."""
    i = Index("i", Domain(0, size - 1))
    made, x = (Variable(n, (i.domain,), per_sample=True) for n in (name, "x"))
    return made, Statement(made, (affine(i),), (i,), Apply("tanh", (Read(x, (affine(i),)),)))


def put(into: Variable, source: Variable, at: int, accumulate: bool = True) -> Statement:
    i = Index("i", source.axes[0])
    return Statement(into, (affine(i) + at,), (i,), Read(source, (affine(i),)), accumulate=accumulate)


def joined(first: int, second: int, accumulate: bool = True) -> Program:
    whole = Variable("q", (Domain(0, 5),), per_sample=True)
    (a, of_a), (b, of_b) = part("a"), part("b")
    i = Index("i", a.axes[0])
    y = Variable("y", a.axes, per_sample=True)
    reader = Statement(y, (affine(i),), (i,), Apply("*", (Read(a, (affine(i),)), Read(whole, (affine(i),)))))
    pieces = (put(whole, a, first, accumulate), put(whole, b, second, accumulate))
    return Program((of_a, of_b, *pieces, reader), values={"y": y})


def test_parts_are_written_side_by_side_and_read_there() -> None:
    assert program(write_in_place(joined(0, 3))) == "q[i] += tanh(x[i])\nq[i+3] += tanh(x[i])\ny[i] = q[i] * q[i]"
    assert program(write_in_place(joined(3, 0))) == "q[i+3] += tanh(x[i])\nq[i] += tanh(x[i])\ny[i] = q[i+3] * q[i]"


def test_parts_that_overlap_are_added() -> None:
    before = joined(0, 2)
    assert write_in_place(before) is before


def test_pieces_of_an_equation_stay() -> None:
    before = joined(0, 3, accumulate=False)
    assert write_in_place(before) is before
